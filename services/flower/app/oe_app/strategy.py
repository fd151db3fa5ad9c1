"""FedAvg over exactly the contract's nodes, with a deadline for every wait and a quorum that is kept or ends the run.

Stock FedAvg samples among all connected nodes, waits for ever for two of them, and takes a round in which everybody refused for
a success.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message, MessageType, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg

from .contribution import shapley
from .data import Dataset
from .refusals import code_of
from .tasks import Task, Weights

ARRIVAL_S: Final = 5.0
"""How long the first round waits for a node that is not connected: it may be on its way."""
OFFLINE: Final = "provider_node_offline"
LATE: Final = "round_deadline_passed"


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

    @classmethod
    def of(cls, job_node: Mapping[str, Any]) -> ContractNode:
        fields = ("seller_node_id", "offer_id", "dataset_fingerprint", "max_examples")
        return cls(int(job_node["node_id"]), *(job_node[field] for field in fields))

    def outcome(self, *, ok: bool, **measured: Any) -> dict[str, Any]:
        """What the node did in a round, for the report; what was not measured is null."""
        unmeasured = dict.fromkeys(("num_examples", "contribution", "error_code", "error"))
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


class ContractFedAvg(FedAvg):
    """`outcomes` holds, after each round, what every provider did in it; `doubtful`, who was silent."""

    def __init__(
        self,
        nodes: Iterable[ContractNode],
        *,
        task: Task,
        task_name: str,
        validation: Dataset,
        min_providers: int,
        round_timeout_s: float,
        hyperparameters: Mapping[str, Any],
        arrival_s: float = ARRIVAL_S,
    ) -> None:
        super().__init__(fraction_train=1.0, fraction_evaluate=0.0, min_train_nodes=1, min_evaluate_nodes=0, min_available_nodes=1)
        self._nodes = list(nodes)
        self._task, self._task_name, self._validation = task, task_name, validation
        self._min_providers, self._round_timeout_s, self._arrival_s = max(1, min_providers), round_timeout_s, arrival_s
        self._hyperparameters = dict(hyperparameters)
        self._base: Weights = []
        self._sent: list[tuple[Message, ContractNode]] = []
        self.outcomes: list[dict[str, Any]] = []
        self.doubtful: set[int] = set()
        self.round_began = time.monotonic()

    def configure_train(self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid) -> Iterable[Message]:
        """A message for each provider whose node is connected; one that is not has not delivered this round."""
        self.round_began = time.monotonic()
        self._base = arrays.to_numpy_ndarrays()
        self._sent, self.outcomes = [], []
        online = self._online(grid, wait_s=self._arrival_s if server_round == 1 else 0)
        for node in self._nodes:
            if node.node_id not in online:
                self.outcomes.append(node.failure(OFFLINE, "the node is not connected"))
                continue
            terms = ConfigRecord(
                {"server-round": server_round, "task": self._task_name, "dataset-fingerprint": node.dataset_fingerprint}
            )
            record = RecordDict({"arrays": arrays, "config": terms, "hyperparameters": ConfigRecord(self._hyperparameters)})
            message = Message(record, node.node_id, MessageType.TRAIN, ttl=self._round_timeout_s, group_id=str(server_round))
            self._sent.append((message, node))
        return [message for message, _ in self._sent]

    def aggregate_train(self, server_round: int, replies: Iterable[Message]) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """The average of what is sound. Raises `QuorumLost` when too little is."""
        updates = self._sound(replies)
        self.doubtful.clear()
        self.doubtful.update(int(o["node_id"]) for o in self.outcomes if o["error_code"] in (LATE, OFFLINE))
        if len(updates) < self._min_providers:
            faults = "; ".join(f"{o['seller_node_id']}: {o['error_code']}" for o in self.outcomes)
            raise QuorumLost(f"round {server_round}: {len(updates)} of {self._min_providers} needed providers delivered ({faults})")
        values = shapley(
            [update.weights for update in updates],
            [update.examples for update in updates],
            self._base,
            lambda weights: self._task.evaluate(weights, self._validation).worth,
        )
        for index, update in enumerate(updates):
            value = values[index] if values else None
            self.outcomes.append(update.node.outcome(ok=True, num_examples=update.examples, contribution=value))
        result: tuple[ArrayRecord | None, MetricRecord | None] = super().aggregate_train(server_round, [u.reply for u in updates])
        return result

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
        return updates

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
        examples = min(stated, node.max_examples)
        # Only what was checked goes on: FedAvg ends the run where a reply holds more, less or other names than its neighbour.
        metrics = MetricRecord({"num-examples": examples})
        reply.content = RecordDict({"arrays": ArrayRecord(weights), "metrics": metrics})
        return Update(node, reply, weights, examples)
