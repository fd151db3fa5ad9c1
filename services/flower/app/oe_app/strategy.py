"""A strategy over exactly the contract's nodes, with a deadline for every wait and a quorum that is kept or ends the run.

Flower's own sample among all connected nodes, wait for ever for two of them, and take a round in which everybody refused for
a success. What becomes of the sound updates is theirs (`engines`).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message, MessageType, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy

from .contribution import Contributions, Method, measure
from .data import Dataset
from .engines import Engine
from .refusals import code_of
from .tasks import Measured, Task, Weights

ARRIVAL_S: Final = 5.0
"""How long the first round waits for a node that is not connected: it may be on its way."""
OFFLINE: Final = "provider_node_offline"
LATE: Final = "round_deadline_passed"
OUT_OF_PROPORTION: Final = "update_out_of_proportion"
PROPORTION: Final = 10.0
"""An update may be so many times as long (L2, all arrays together) as the median of its round."""


class QuorumLost(Exception):
    """Fewer providers delivered than the contract needs."""


@dataclass(frozen=True)
class ContractNode:
    """One provider of the contract. Flower's node ids are unsigned 64-bit numbers: text everywhere but in Flower."""

    node_id: int
    seller_node_id: str
    offer_id: str
    dataset_fingerprint: str
    max_examples: int
    grant: str = ""
    """The coordinator's word that the node may be asked: handed on as it is."""

    @classmethod
    def of(cls, job_node: Mapping[str, Any]) -> ContractNode:
        fields = ("seller_node_id", "offer_id", "dataset_fingerprint", "max_examples")
        told = {field: job_node[field] for field in fields}
        return cls(node_id=int(job_node["node_id"]), grant=job_node.get("grant", ""), **told)

    def outcome(self, *, ok: bool, **measured: Any) -> dict[str, Any]:
        """What the node did in a round, for the report; what was not measured is null."""
        unmeasured = dict.fromkeys(("num_examples", "contribution", "leave_one_out", "reply_sha256", "error_code", "error"))
        who = {"node_id": str(self.node_id), "seller_node_id": self.seller_node_id, "offer_id": self.offer_id}
        return {**who, "ok": ok, **unmeasured, **measured}

    def failure(self, code: str, error: str) -> dict[str, Any]:
        return self.outcome(ok=False, error_code=code, error=error[:1000])


@dataclass(frozen=True)
class Update:
    """A reply that counts. `examples` is what the node says, but no more than the contract declares: it weighs the average."""

    node: ContractNode
    reply: Message
    weights: Weights
    examples: int

    def length(self, base: Weights) -> float:
        """How far the update goes from the round's model (L2)."""
        with np.errstate(over="ignore"):  # infinity is a length, too
            return float(np.sqrt(sum(float(((mine - theirs) ** 2).sum()) for mine, theirs in zip(self.weights, base, strict=True))))

    @property
    def sha256(self) -> str:
        """Over the number of examples and each array's shape, type and bytes: what the contract's evidence keeps of the reply."""
        whole = hashlib.sha256(f"{self.examples}".encode())
        for array in self.weights:
            whole.update(f"\n{array.dtype.str}{array.shape}\n".encode() + np.ascontiguousarray(array).tobytes())
        return whole.hexdigest()


class ContractStrategy(Strategy):
    """`outcomes` holds, after each round, what every provider did in it; `doubtful`, who was silent.

    Without a validation set `measured` holds what the providers measured of the round's model on what they held out.
    """

    def __init__(
        self,
        nodes: Iterable[ContractNode],
        *,
        task: Task,
        task_name: str,
        validation: Dataset | None,
        min_providers: int,
        round_timeout_s: float,
        hyperparameters: Mapping[str, Any],
        engine: Engine | None = None,
        label_schema: str = "",
        arrival_s: float = ARRIVAL_S,
        seed: str = "",
    ) -> None:
        """`seed` is the run's: with the round's number, what sampled contributions are drawn by."""
        self._engine, self._label_schema = engine or Engine(), label_schema
        self._nodes = list(nodes)
        self._task, self._task_name, self._validation = task, task_name, validation
        self._min_providers, self._round_timeout_s, self._arrival_s = max(1, min_providers), round_timeout_s, arrival_s
        self._hyperparameters = dict(hyperparameters)
        self._base: Weights = []
        self._sent: list[tuple[Message, ContractNode]] = []
        self._seed = seed
        self.outcomes: list[dict[str, Any]] = []
        self.contribution_method: Method | None = None
        """How the round's contributions were measured; null where they were not."""
        self.measured: Measured | None = None
        self.doubtful: set[int] = set()
        self.round_began = time.monotonic()

    def configure_train(self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid) -> Iterable[Message]:
        """A message for each provider whose node is connected; one that is not has not delivered this round."""
        self.round_began = time.monotonic()
        self._base = arrays.to_numpy_ndarrays()
        self._sent, self.outcomes, self.measured, self.contribution_method = [], [], None, None
        online = self._online(grid, wait_s=self._arrival_s if server_round == 1 else 0)
        wanted = self._engine.configure(server_round, arrays, sorted(online)) if online else {}
        for node in self._nodes:
            if node.node_id not in online:
                self.outcomes.append(node.failure(OFFLINE, "the node is not connected"))
                continue
            self._sent.append((self._message(server_round, arrays, node, MessageType.TRAIN, wanted), node))
        return [message for message, _ in self._sent]

    def _message(
        self, server_round: int, arrays: ArrayRecord, node: ContractNode, kind: str, wanted: Mapping[str, Any] | None = None
    ) -> Message:
        """A node's part of a round. `wanted` is what Flower's strategy tells its clients."""
        terms: dict[str, Any] = {
            **(wanted or {}),
            "server-round": server_round,
            "task": self._task_name,
            "dataset-fingerprint": node.dataset_fingerprint,
            "grant": node.grant,
        }
        if self._label_schema:
            terms["label-schema"] = self._label_schema
        content: dict[str, Any] = {
            "arrays": arrays,
            "config": ConfigRecord(terms),
            "hyperparameters": ConfigRecord(self._hyperparameters),
        }
        return Message(RecordDict(content), node.node_id, kind, ttl=self._round_timeout_s, group_id=str(server_round))

    def aggregate_train(self, server_round: int, replies: Iterable[Message]) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """The average of what is sound. Raises `QuorumLost` when too little is."""
        updates = self._in_proportion(self._sound(replies))
        self.doubtful.clear()
        self.doubtful.update(int(o["node_id"]) for o in self.outcomes if o["error_code"] in (LATE, OFFLINE))
        if len(updates) < self._min_providers:
            faults = "; ".join(f"{o['seller_node_id']}: {o['error_code']}" for o in self.outcomes)
            raise QuorumLost(f"round {server_round}: {len(updates)} of {self._min_providers} needed providers delivered ({faults})")
        worth = self._contributions(updates, server_round)
        self.contribution_method = worth.method if worth else None
        for index, update in enumerate(updates):
            self.outcomes.append(
                update.node.outcome(
                    ok=True,
                    num_examples=update.examples,
                    contribution=worth.values[index] if worth else None,
                    leave_one_out=worth.leave_one_out[index] if worth else None,
                    reply_sha256=update.sha256,
                )
            )
        return self._engine.aggregate(server_round, [update.reply for update in updates])

    def _contributions(self, updates: list[Update], server_round: int) -> Contributions | None:
        """Null where the exchange has nothing to measure on, and with privacy: a contribution tells of one provider's data, unnoised."""
        validation = self._validation
        if validation is None or self._engine.private:
            return None
        weights, examples = [update.weights for update in updates], [update.examples for update in updates]

        def value(model: Weights) -> float:
            return self._task.evaluate(model, validation).worth

        return measure(weights, examples, self._base, value, seed=f"{self._seed}:{server_round}")

    def configure_evaluate(self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid) -> Iterable[Message]:
        """Where the exchange cannot measure the model, those that trained it do."""
        if self._validation is not None:
            return []
        delivered = {o["node_id"] for o in self.outcomes if o["ok"]}
        nodes = [node for node in self._nodes if str(node.node_id) in delivered]
        self._sent = [(self._message(server_round, arrays, node, MessageType.EVALUATE), node) for node in nodes]
        return [message for message, _ in self._sent]

    def aggregate_evaluate(self, server_round: int, replies: Iterable[Message]) -> MetricRecord | None:
        """The providers' figures, weighted by how much each held out; null where nobody told a sound one."""
        asked = {message.metadata.message_id: node for message, node in self._sent}
        told: list[tuple[float, float, int]] = []
        for reply in replies:
            node = asked.pop(reply.metadata.reply_to_message_id, None)
            if node is None or reply.has_error():
                continue
            try:
                metrics = reply.content.metric_records["metrics"]
                loss, accuracy, examples = (
                    float(cast(float, metrics["loss"])),
                    float(cast(float, metrics["accuracy"])),
                    metrics["num-examples"],
                )
            except (KeyError, TypeError, ValueError):
                continue
            if isinstance(examples, int) and examples > 0 and np.isfinite(loss) and 0 <= accuracy <= 1:
                told.append((loss, accuracy, min(examples, node.max_examples)))
        if told:
            losses, accuracies, weights = zip(*told, strict=True)
            self.measured = Measured(float(np.average(losses, weights=weights)), float(np.average(accuracies, weights=weights)))
        return None

    def summary(self) -> None:
        """Nothing: the run's job says it all."""

    def _online(self, grid: Grid, *, wait_s: float) -> set[int]:
        wanted = {node.node_id for node in self._nodes}
        end = time.monotonic() + wait_s
        while True:
            online = wanted & set(grid.get_node_ids())
            if online == wanted or time.monotonic() >= end:
                return online
            time.sleep(0.2)  # the grid has no event for a node's arrival

    def _sound(self, replies: Iterable[Message]) -> list[Update]:
        """The replies that count; what is wrong with the others becomes their node's outcome."""
        # An error's sender may be the SuperLink. A push sets the id on the message that was sent: the only sure way back to a node.
        asked = {message.metadata.message_id: node for message, node in self._sent}
        updates = []
        for reply in replies:
            node = asked.pop(reply.metadata.reply_to_message_id, None)
            if node is None:
                continue
            if reply.has_error():
                self.outcomes.append(node.failure(code_of(reply.error), reply.error.reason or ""))
                continue
            try:
                updates.append(self._update(node, reply))
            except Exception as error:  # noqa: BLE001 - bytes of a stranger: whatever is wrong with them, the round goes on
                self.outcomes.append(node.failure("invalid_reply", str(error) or type(error).__name__))
        self.outcomes += [node.failure(LATE, "no answer before the round's deadline") for node in asked.values()]
        # In the contract's order, not that of arrival: the same updates give the same model and contributions, to the last bit.
        return sorted(updates, key=lambda update: self._nodes.index(update.node))

    def _in_proportion(self, updates: list[Update]) -> list[Update]:
        """Without those that would drown the others, by the (lower) median of three or more; with privacy each is cut to a length anyway.

        Of two nobody can tell which one is out of proportion, and a median gives way only to a majority. Who sends the model back as it
        came says nothing about lengths: two such would else shut out the one that trained.
        """
        if len(updates) < 3 or self._engine.private:
            return updates
        lengths = [update.length(self._base) for update in updates]
        moved = sorted(length for length in lengths if length > 0)
        most = PROPORTION * moved[(len(moved) - 1) // 2] if moved else 0.0
        kept = []
        for update, length in zip(updates, lengths, strict=True):
            if length <= most:
                kept.append(update)
            else:
                self.outcomes.append(
                    update.node.failure(OUT_OF_PROPORTION, f"the update has a length of {length:.3g}, and {most:.3g} is the most")
                )
        return kept

    def _update(self, node: ContractNode, reply: Message) -> Update:
        """The update of a reply. Raises for what is no update of this model, whatever a stranger's bytes hold."""
        weights = reply.content.array_records["arrays"].to_numpy_ndarrays()
        stated = reply.content.metric_records["metrics"]["num-examples"]
        if [(w.shape, w.dtype) for w in weights] != [(w.shape, w.dtype) for w in self._base]:
            raise ValueError("the model has another shape or type of number")
        if not all(np.isfinite(w).all() for w in weights):
            raise ValueError("the model has values that are not finite")
        if not isinstance(stated, int) or stated < 1:
            raise ValueError("the number of examples is not a positive whole number")
        if self._engine.private and all(np.array_equal(w, b) for w, b in zip(weights, self._base, strict=True)):
            weights[0].flat[0] += 1e-12  # Flower divides by the length of an update
        examples = min(stated, node.max_examples)
        # Only what was checked goes on: Flower ends the run where a reply holds more, less or other names than its neighbour.
        metrics = MetricRecord({"num-examples": examples})
        reply.content = RecordDict({"arrays": ArrayRecord(weights), "metrics": metrics})
        return Update(node, reply, weights, examples)
