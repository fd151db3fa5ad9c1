"""FedAvg over exactly the contract's nodes, with a deadline for every wait and a quorum that is kept or ends the run.

Stock FedAvg samples among all connected nodes, waits for ever for two of them, and takes a round in which everybody refused for
a success.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message, MessageType, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg

from oe_app import contribution, task
from oe_app.data import Floats, Labels


class QuorumLost(Exception):
    """Fewer providers delivered than the contract needs."""


@dataclass(frozen=True)
class ContractNode:
    """One provider of the contract."""

    node_id: int
    seller_node_id: str
    offer_id: str
    dataset_fingerprint: str
    max_examples: int


def _count(metrics: MetricRecord) -> int:
    return int(cast(int, metrics["num-examples"]))


class ContractFedAvg(FedAvg):
    """`outcomes` holds, after each round, what every provider of the contract did in it."""

    def __init__(
        self,
        nodes: Iterable[ContractNode],
        *,
        min_providers: int,
        round_timeout_s: float,
        validation: tuple[Floats, Labels],
        hyperparameters: dict[str, Any],
    ) -> None:
        super().__init__(fraction_train=1.0, fraction_evaluate=0.0, min_train_nodes=1, min_evaluate_nodes=0, min_available_nodes=1)
        self._nodes = list(nodes)
        self._min_providers, self._round_timeout_s = min_providers, round_timeout_s
        self._validation, self._hyperparameters = validation, hyperparameters
        self._base: task.Weights = []
        self._sent: list[tuple[Message, ContractNode]] = []
        self.outcomes: list[dict[str, Any]] = []
        self.round_began = time.monotonic()

    def configure_train(self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid) -> Iterable[Message]:
        """A message for each provider whose node is connected; one that is not has not delivered this round."""
        self.round_began = time.monotonic()
        self._base = arrays.to_numpy_ndarrays()
        online = set(grid.get_node_ids())
        self._sent, self.outcomes = [], []
        for node in self._nodes:
            if node.node_id not in online:
                self._note(node, ok=False, error_code="provider_node_offline", error="the node is not connected")
                continue
            content = ConfigRecord(
                {
                    "server-round": server_round,
                    "dataset-fingerprint": node.dataset_fingerprint,
                    "learning-rate": float(self._hyperparameters.get("learning_rate", task.LEARNING_RATE)),
                    "local-epochs": int(self._hyperparameters.get("local_epochs", task.LOCAL_EPOCHS)),
                }
            )
            record = RecordDict({"arrays": arrays, "config": content})
            message = Message(record, node.node_id, MessageType.TRAIN, ttl=self._round_timeout_s, group_id=str(server_round))
            self._sent.append((message, node))
        return [message for message, _ in self._sent]

    def aggregate_train(self, server_round: int, replies: Iterable[Message]) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """The average of what is sound. Raises `QuorumLost` when too little is."""
        # A push sets the id on the message that was sent: the only sure way from a reply to its node.
        by_message = {message.metadata.message_id: node for message, node in self._sent}
        silent = {node.offer_id: node for _, node in self._sent}
        sound: list[tuple[Message, ContractNode, task.Weights, int]] = []
        for reply in replies:
            node = by_message.get(reply.metadata.reply_to_message_id)
            if node is None or silent.pop(node.offer_id, None) is None:
                continue
            fault = self._fault(reply)
            if fault is not None:
                self._note(node, ok=False, error_code=fault[0], error=fault[1])
                continue
            metrics = reply.content.metric_records["metrics"]
            examples = min(_count(metrics), node.max_examples)
            metrics["num-examples"] = examples
            sound.append((reply, node, reply.content.array_records["arrays"].to_numpy_ndarrays(), examples))
        for node in silent.values():
            self._note(node, ok=False, error_code="round_deadline_passed", error="no answer before the round's deadline")
        if len(sound) < max(1, self._min_providers):
            self._note_all(sound, None)
            faults = "; ".join(f"{o['seller_node_id']}: {o['error_code']}" for o in self.outcomes if not o["ok"])
            raise QuorumLost(f"round {server_round}: {len(sound)} of {self._min_providers} needed providers delivered ({faults})")
        features, labels = self._validation
        values = contribution.shapley(
            [weights for *_, weights, _ in sound],
            [examples for *_, examples in sound],
            self._base,
            lambda weights: task.evaluate(weights, features, labels)[1],
        )
        self._note_all(sound, values)
        result: tuple[ArrayRecord | None, MetricRecord | None] = super().aggregate_train(
            server_round, [reply for reply, *_ in sound]
        )
        return result

    def _fault(self, reply: Message) -> tuple[str, str] | None:
        """Why a reply does not count: the node refused or failed, or what it sent is no model."""
        if reply.has_error():
            reason = reply.error.reason or ""
            code = reason.split(":", 1)[0] if reply.error.code >= 1000 else f"flower_error_{reply.error.code}"
            return code, reason[:1000]
        try:
            weights = reply.content.array_records["arrays"].to_numpy_ndarrays()
            examples = _count(reply.content.metric_records["metrics"])
        except (KeyError, TypeError, ValueError) as error:
            return "invalid_reply", repr(error)[:1000]
        if [w.shape for w in weights] != [w.shape for w in self._base] or examples < 1:
            return "invalid_reply", "the model has another shape, or no examples"
        if not all(np.isfinite(w).all() for w in weights):
            return "invalid_reply", "the model has values that are not finite"
        return None

    def _note_all(self, sound: list[tuple[Message, ContractNode, task.Weights, int]], values: list[float] | None) -> None:
        for index, (_, node, _, examples) in enumerate(sound):
            self._note(node, ok=True, num_examples=examples, contribution=values[index] if values else None)

    def _note(
        self,
        node: ContractNode,
        *,
        ok: bool,
        num_examples: int | None = None,
        contribution: float | None = None,
        error_code: str | None = None,
        error: str | None = None,
    ) -> None:
        self.outcomes.append(
            {
                "node_id": str(node.node_id),
                "seller_node_id": node.seller_node_id,
                "offer_id": node.offer_id,
                "ok": ok,
                "num_examples": num_examples,
                "contribution": contribution,
                "error_code": error_code,
                "error": error,
            }
        )
