"""One round of the strategy over a grid in this process."""

from __future__ import annotations

from typing import Any

from flwr.app import ArrayRecord, ConfigRecord
from oe_app import data, readers, tasks
from oe_app.grid import PromptGrid
from oe_app.strategy import ContractNode, ContractStrategy
from oe_app.tasks import Weights

from tests.unit.flower.grid import InProcessGrid

TASK = tasks.named("digits-softmax")


def node(node_id: int, *, max_examples: int = 10_000, fingerprint: str = "f") -> ContractNode:
    return ContractNode(node_id, f"seller-{node_id}", f"offer-{node_id}", fingerprint, max_examples)


def fingerprint(spec: str) -> str:
    return data.fingerprint(readers.read(spec))


def strategy(*nodes: ContractNode, min_providers: int = 1, round_timeout_s: float = 0.3) -> ContractStrategy:
    return ContractStrategy(
        nodes,
        task=TASK,
        task_name="digits-softmax",
        validation=TASK.validation(),
        min_providers=min_providers,
        round_timeout_s=round_timeout_s,
        hyperparameters=TASK.hyperparameters,
        arrival_s=0,
    )


def play(chosen: ContractStrategy, grid: InProcessGrid, *, base: Weights | None = None, server_round: int = 1) -> Weights:
    """One round, as Flower plays it."""
    prompt = PromptGrid(grid, deadline_s=chosen._round_timeout_s, doubtful=chosen.doubtful)
    arrays = ArrayRecord(base or TASK.initial())
    messages = chosen.configure_train(server_round, arrays, ConfigRecord(), prompt)  # type: ignore[arg-type]
    averaged, _ = chosen.aggregate_train(server_round, prompt.send_and_receive(messages))
    assert averaged is not None
    return averaged.to_numpy_ndarrays()


def outcome(chosen: ContractStrategy, node_id: int) -> dict[str, Any]:
    (found,) = [o for o in chosen.outcomes if o["node_id"] == str(node_id)]
    return found
