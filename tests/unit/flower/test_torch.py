"""The task that needs PyTorch: trained where it is installed, refused in words where it is not, measured without it."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from oe_app import tasks
from oe_app.readers import sandbox
from oe_app.strategy import ContractStrategy, QuorumLost

from tests.seen import told
from tests.unit.flower import rounds
from tests.unit.flower.grid import InProcessGrid, trains_on
from tests.unit.flower.rounds import fingerprint, node, outcome

TASK = tasks.named("digits-torch")
SPECS = {number + 1: f"sandbox:digits:{number}/3" for number in range(3)}


def chosen() -> ContractStrategy:
    return ContractStrategy(
        [node(number, fingerprint=fingerprint(spec)) for number, spec in SPECS.items()],
        task=TASK,
        task_name="digits-torch",
        validation=TASK.validation(),
        min_providers=1,
        round_timeout_s=60,
        hyperparameters=TASK.hyperparameters,
        arrival_s=0,
    )


def test_without_pytorch_a_node_refuses_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "torch" else found(name, *more))
    contract = chosen()

    with pytest.raises(QuorumLost, match="seller-1: task_not_supported"):
        rounds.play(contract, InProcessGrid({number: trains_on(spec) for number, spec in SPECS.items()}), base=TASK.initial())

    assert told(outcome(contract, 1)["error_code"]) == "task_not_supported"
    assert outcome(contract, 1)["error"] == "PyTorch is not installed on this node"
    assert "digits-torch" not in tasks.types_for(sandbox.share("digits", 0, 3))


def test_the_exchange_measures_the_model_without_pytorch() -> None:
    assert TASK.evaluate(TASK.initial(), TASK.validation()).accuracy == pytest.approx(0.1, abs=0.1)


def test_three_nodes_with_pytorch_train_a_model_by_contract() -> None:
    pytest.importorskip("torch", reason="the extra `torch` is not installed")
    contract, model = chosen(), TASK.initial()

    for server_round in (1, 2, 3):
        model = rounds.play(
            contract, InProcessGrid({n: trains_on(spec) for n, spec in SPECS.items()}), base=model, server_round=server_round
        )

    assert all(o["ok"] for o in contract.outcomes)
    accuracy = TASK.evaluate(model, TASK.validation()).accuracy
    assert accuracy is not None
    assert accuracy > 0.8


def test_the_same_data_gives_the_same_update_and_leaves_the_model_that_it_began_with() -> None:
    pytest.importorskip("torch", reason="the extra `torch` is not installed")
    share, began = sandbox.share("digits", 0, 3), TASK.initial()

    one, two = (TASK.train(began, share, TASK.hyperparameters) for _ in range(2))
    held = TASK.train(began, share, {**TASK.hyperparameters, "proximal_mu": 100.0})

    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one, two, strict=True))
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(began, TASK.initial(), strict=True))
    assert [(layer.shape, layer.dtype) for layer in one] == [(layer.shape, layer.dtype) for layer in began]
    assert np.abs(held[0] - began[0]).max() < np.abs(one[0] - began[0]).max()
