"""What the strategy does not average: replies that are no update, refusals, echoes. The round goes on without them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, Error, Message, MetricRecord, RecordDict
from flwr.common.constant import ErrorCode
from oe_app.refusals import Refused
from oe_app.tasks import Weights

from tests.seen import told
from tests.unit.flower.grid import InProcessGrid, filled, refuses, replies, update
from tests.unit.flower.rounds import node, outcome, play, strategy


def _content(**records: Any) -> RecordDict:
    return RecordDict({name: record for name, record in records.items() if record is not None})


def _with(value: float) -> Weights:
    weights = filled(9.0)
    weights[0][3, 3] = value
    return weights


GOOD = MetricRecord({"num-examples": 10})
PICKLE = b"\x80\x04\x95\x15\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."
BAD: dict[str, RecordDict] = {
    "NaN": update(_with(np.nan)),
    "infinity": update(_with(-np.inf)),
    "another shape": update([np.ones((64, 9)), np.ones(10)]),
    "a layer too few": update([np.ones((64, 10))]),
    "a layer too many": update([*filled(9.0), np.ones(1)]),
    "no layers": update([]),
    "complex numbers": update([layer.astype(np.complex128) for layer in filled(9.0)]),
    "text for numbers": update([layer.astype("U3") for layer in filled(9.0)]),
    "half precision": update([layer.astype(np.float16) for layer in filled(9.0)]),
    "no examples": update(filled(9.0), 0),
    "a negative number of examples": update(filled(9.0), -5),
    "a fraction of examples": update(filled(9.0), 0.5),
    "NaN examples": update(filled(9.0), float("nan")),
    "infinitely many examples": update(filled(9.0), float("inf")),
    "a list of examples": update(filled(9.0), [10]),
    "no arrays": _content(metrics=GOOD),
    "no metrics": _content(arrays=ArrayRecord(filled(9.0))),
    "other metrics": _content(arrays=ArrayRecord(filled(9.0)), metrics=MetricRecord({"loss": 1.0})),
    "nothing": RecordDict(),
    "metrics in the place of arrays": _content(arrays=MetricRecord({"a": 1}), metrics=GOOD),
    "bytes that are no array": _content(
        arrays=ArrayRecord({"0": Array("float64", (64, 10), "numpy.ndarray", b"\x00garbage"), "1": Array(np.ones(10))}),
        metrics=GOOD,
    ),
    "empty bytes": _content(arrays=ArrayRecord({"0": Array("float64", (64, 10), "numpy.ndarray", b"")}), metrics=GOOD),
    "a zip for an array": _content(
        arrays=ArrayRecord({"0": Array("float64", (64, 10), "numpy.ndarray", b"PK\x03\x04")}), metrics=GOOD
    ),
    "a pickle": _content(arrays=ArrayRecord({"0": Array("object", (1,), "numpy.ndarray", PICKLE)}), metrics=GOOD),
    "another encoding": _content(arrays=ArrayRecord({"0": Array("float64", (64, 10), "torch", b"")}), metrics=GOOD),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_a_reply_that_is_no_update_is_noted_and_not_averaged(content: RecordDict) -> None:
    grid = InProcessGrid({1: replies(update(filled(1.0))), 2: replies(content)})
    chosen = strategy(node(1), node(2))

    averaged = play(chosen, grid)

    assert all(np.array_equal(layer, np.ones_like(layer)) for layer in averaged)
    noted = outcome(chosen, 2)
    assert (noted["ok"], told(noted["error_code"])) == (False, "invalid_reply")
    assert noted["error"]
    assert noted["contribution"] is None


def test_names_and_records_that_nobody_asked_for_reach_neither_the_model_nor_the_other_providers() -> None:
    renamed = ArrayRecord({"x": Array(np.full((64, 10), 3.0)), "y": Array(np.full(10, 3.0))})
    chatty = _content(arrays=renamed, metrics=MetricRecord({"num-examples": 10, "loss": 0.1}), more=MetricRecord({"a": 1}))
    grid = InProcessGrid({1: replies(update(filled(1.0))), 2: replies(chatty)})

    averaged = play(strategy(node(1), node(2)), grid)

    assert [layer.shape for layer in averaged] == [(64, 10), (10,)]
    assert all(np.allclose(layer, 2.0) for layer in averaged)


@pytest.mark.parametrize(
    "code, name",
    [
        (Refused.DATASET_FINGERPRINT_MISMATCH, "dataset_fingerprint_mismatch"),
        (Refused.DATA_UNUSABLE, "data_unusable"),
        (Refused.TASK_NOT_SUPPORTED, "task_not_supported"),
        (ErrorCode.LOAD_CLIENT_APP_EXCEPTION, "client_app_failed"),
        (ErrorCode.CLIENT_APP_RAISED_EXCEPTION, "client_app_failed"),
        (ErrorCode.MESSAGE_UNAVAILABLE, "round_deadline_passed"),
        (ErrorCode.REPLY_MESSAGE_UNAVAILABLE, "round_deadline_passed"),
        (ErrorCode.INVALID_FAB, "client_app_failed"),
        (ErrorCode.NODE_UNAVAILABLE, "provider_node_offline"),
        (ErrorCode.CLIENT_APP_CRASHED, "client_app_crashed"),
    ],
)
def test_a_refusal_is_noted_by_its_code_and_not_averaged(code: int, name: str) -> None:
    grid = InProcessGrid({1: replies(update(filled(1.0))), 2: refuses(int(code), "because")})
    chosen = strategy(node(1), node(2))

    averaged = play(chosen, grid)

    assert all(np.array_equal(layer, np.ones_like(layer)) for layer in averaged)
    assert (told(outcome(chosen, 2)["error_code"]), outcome(chosen, 2)["error"]) == (name, "because")


def test_a_number_that_nobody_knows_is_told_as_it_is() -> None:
    chosen = strategy(node(1), node(2))

    play(chosen, InProcessGrid({1: replies(update(filled(1.0))), 2: refuses(77, "because")}))

    assert outcome(chosen, 2)["error_code"] == "flower_error_77"


def test_an_error_that_the_superlink_sends_for_a_node_is_noted_at_that_node() -> None:
    def lost(message: Message) -> Message:
        reply = Message(Error(ErrorCode.NODE_UNAVAILABLE, "gone"), reply_to=message)
        vars(reply.metadata)["_src_node_id"] = 1  # Flower: errors for a lost node come from the SuperLink itself
        return reply

    grid, chosen = InProcessGrid({1: replies(update(filled(1.0))), 2: lost}), strategy(node(1), node(2))

    play(chosen, grid)

    assert outcome(chosen, 1)["ok"]
    assert outcome(chosen, 2)["error_code"] == "provider_node_offline"


def test_a_reply_counts_once_and_a_reply_to_nothing_counts_never() -> None:
    said: list[Message] = []

    def twice(message: Message) -> Message:
        said.append(Message(update(filled(1.0)), reply_to=message))
        stranger = Message(update(filled(100.0)), reply_to=message)
        vars(stranger.metadata)["_reply_to_message_id"] = "of another run"
        grid.extra_replies = [Message(update(filled(1.0)), reply_to=message), stranger]
        return said[0]

    grid = InProcessGrid({1: twice, 2: replies(update(filled(2.0)))})
    chosen = strategy(node(1), node(2))

    averaged = play(chosen, grid)

    assert all(np.allclose(layer, 1.5) for layer in averaged)
    assert len(chosen.outcomes) == 2
