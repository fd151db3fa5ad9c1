"""The SuperNode's work on a stopped run ends. Here the state is Flower's own; real nodes are stopped in `tests/integration/flower`."""

from __future__ import annotations

import inspect
from typing import Any

import flwr.supernode.start_client_internal as loop
import pytest
from flwr.app import Message, MessageType, RecordDict
from flwr.supercore.run import RunNotRunningException

from services.flower.provider_node import stopping


class State:
    """What `Stops` uses of the SuperNode's state."""

    def __init__(self) -> None:
        self.ended: list[int] = []
        self.msg_store: dict[str, Any] = {}

    def get_tasks(self, *, run_ids: list[int]) -> list[Any]:
        return [type("Task", (), {"task_id": run_id + 1}) for run_id in run_ids]

    def finish_task(self, task_id: int, *, sub_status: str, details: str) -> bool:
        self.ended.append(task_id)
        return True


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    made: list[Message] = []
    monkeypatch.setattr(stopping, "LOOK_S", 0.0)
    monkeypatch.setattr(loop, "_insert_message", lambda message, *_: made.append(message))
    monkeypatch.setattr(loop, "_pull_and_store_message", lambda *, receive, **_: receive()[0].metadata.run_id)
    return made


def at_work(state: State, get_run: Any) -> tuple[stopping.Stops, Message]:
    message = Message(RecordDict(), 1, MessageType.TRAIN)
    vars(message.metadata)["_message_id"] = "m"
    stops = stopping.Stops()
    stops.pull(state=state, object_store=None, receive=lambda: (message, None), get_run=get_run)
    return stops, message


def stopped(_: int) -> None:
    raise RunNotRunningException


def test_the_work_of_a_stopped_run_ends_once_and_the_next_message_can_come(answers: list[Message]) -> None:
    state = State()
    stops, message = at_work(state, stopped)

    stops.look()
    stops.look()

    assert state.ended == [message.metadata.run_id + 1]
    assert [answer.metadata.reply_to_message_id for answer in answers] == ["m"]


def test_a_run_that_is_on_is_left_alone(answers: list[Message]) -> None:
    state = State()
    stops, _ = at_work(state, lambda _: None)

    stops.look()

    assert (state.ended, answers) == ([], [])


def test_an_answer_that_is_there_already_is_not_doubled(answers: list[Message]) -> None:
    state = State()
    stops, message = at_work(state, stopped)
    state.msg_store["r"] = type("Entry", (), {"message": Message(RecordDict(), reply_to=message)})

    stops.look()

    assert answers == []


def test_a_run_that_is_stopped_while_its_message_comes_leaves_no_process(
    answers: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ignored(*, receive: Any, **_: Any) -> None:
        receive()

    monkeypatch.setattr(loop, "_pull_and_store_message", ignored)
    state = State()
    stops, message = at_work(state, stopped)

    stops.look()

    assert state.ended == [message.metadata.run_id + 1]
    assert answers == []


def test_flower_still_has_what_is_replaced() -> None:
    """Fails when Flower changes there: then `stopping` has to be looked at again."""
    parameters = inspect.signature(loop._pull_and_store_message).parameters
    assert {"state", "object_store", "receive", "get_run"} <= set(parameters)
    assert list(inspect.signature(loop._insert_message).parameters) == ["msg", "state", "store"]
    assert "_pull_and_store_message(\n" in inspect.getsource(loop.start_client_internal)
    assert "receive=receive" in inspect.getsource(loop.start_client_internal)
