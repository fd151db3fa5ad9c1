"""What a provider's node does with a training message: it trains on the contract's data, or says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import ArrayRecord, ConfigRecord, Message, MessageType, RecordDict
from oe_app import data, readers, tasks
from oe_app.readers import sandbox
from oe_app.refusals import Refused

from tests.unit.flower.grid import trains_on

SPEC = "sandbox:digits:0/3"


def ask(spec: str, *, task: str = "digits-softmax", fingerprint: str | None = None, **hyperparameters: float) -> Message:
    """The node's answer to a round of training. By default the contract names the data that the node has."""
    if fingerprint is None:
        fingerprint = data.fingerprint(readers.read(spec))
    chosen = tasks.named("digits-softmax")
    config = ConfigRecord({"server-round": 1, "task": task, "dataset-fingerprint": fingerprint})
    content = RecordDict(
        {
            "arrays": ArrayRecord(chosen.initial()),
            "config": config,
            "hyperparameters": ConfigRecord({**chosen.hyperparameters, **hyperparameters}),
        }
    )
    return trains_on(spec)(Message(content, 1, MessageType.TRAIN)) or pytest.fail("the ClientApp is never silent")


def file(tmp_path: Path, **arrays: Any) -> str:
    np.savez(tmp_path / "mine.npz", **arrays)
    return str(tmp_path / "mine.npz")


def test_it_trains_on_the_contracts_data_and_says_on_how_much() -> None:
    reply = ask(SPEC)

    task, share = tasks.named("digits-softmax"), sandbox.share("digits", 0, 3)
    weights = reply.content.array_records["arrays"].to_numpy_ndarrays()
    expected = task.train(task.initial(), share, task.hyperparameters)
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(weights, expected, strict=True))
    measured = reply.content.metric_records["metrics"]
    assert measured["num-examples"] == len(share)
    assert (measured["loss"], measured["accuracy"]) == task.evaluate(weights, share)


def test_it_trains_with_the_hyperparameters_of_the_contract() -> None:
    none = ask(SPEC, local_epochs=0).content.array_records["arrays"].to_numpy_ndarrays()
    slow = ask(SPEC, learning_rate=0.1).content.array_records["arrays"].to_numpy_ndarrays()
    usual = ask(SPEC).content.array_records["arrays"].to_numpy_ndarrays()

    assert not any(layer.any() for layer in none)
    assert 0 < np.linalg.norm(slow[0]) < np.linalg.norm(usual[0])


def test_no_sample_and_no_label_leaves_the_node() -> None:
    reply = ask(SPEC)

    assert set(reply.content) == {"arrays", "metrics"}
    assert set(reply.content.metric_records["metrics"]) == {"num-examples", "loss", "accuracy"}
    assert [array.shape for array in reply.content.array_records["arrays"].to_numpy_ndarrays()] == [(64, 10), (10,)]


def test_data_that_changed_since_the_contract_is_not_trained_on() -> None:
    reply = ask(SPEC, fingerprint=data.fingerprint(readers.read("sandbox:digits:1/3")))

    assert reply.error.code == Refused.DATASET_FINGERPRINT_MISMATCH


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    reply = ask(str(tmp_path / "gone.npz"), fingerprint="f")

    assert reply.error.code == Refused.DATA_UNREADABLE
    assert "gone.npz" in (reply.error.reason or "")


def test_a_task_that_the_node_does_not_know_is_refused() -> None:
    reply = ask(SPEC, task="os")

    assert reply.error.code == Refused.TASK_NOT_SUPPORTED


@pytest.mark.parametrize(
    "arrays",
    [
        {"X": np.zeros((5, 30)), "y": np.zeros(5, dtype=int)},
        {"X": np.zeros((5, 64)), "y": np.array([0, 1, 2, 3, 10])},
        {"X": np.zeros((5, 64)), "y": np.array([0, 1, 2, 3, -1])},
    ],
    ids=["other features", "an eleventh digit", "a negative label"],
)
def test_data_of_no_use_to_the_task_is_refused_even_if_the_contract_names_it(tmp_path: Path, arrays: dict[str, Any]) -> None:
    reply = ask(file(tmp_path, **arrays))

    assert reply.error.code == Refused.TASK_NOT_SUPPORTED
    assert reply.error.reason
