"""Ends a ClientApp's work when its run is stopped. Flower 1.41.0's SuperNode hears of a stop only when it sends the reply.

The SuperNode works on one message at a time, so a stopped run's long training would keep every other contract waiting. Private to
Flower, and used nowhere else: `_pull_and_store_message`, `_insert_message` and the state's tasks. A test fails when they change.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import flwr.supernode.start_client_internal as loop
from flwr.app import Error, Message
from flwr.common.constant import ErrorCode, SubStatus
from flwr.supercore.run import RunNotRunningException

LOOK_S: Final = 2.0
"""Between two questions whether the run is still on."""


@dataclass
class Current:
    """The message that is being worked on."""

    message: Message
    state: Any
    store: Any
    get_run: Callable[[int], Any]
    looked: float


class Stops:
    """`pull` stands in for the SuperNode's own; `look` is to be called while it waits for its ClientApp."""

    def __init__(self) -> None:
        self._pull = loop._pull_and_store_message
        self._current: Current | None = None

    def pull(
        self, *, state: Any, object_store: Any, receive: Callable[[], Any], get_run: Callable[[int], Any], **rest: Any
    ) -> int | None:
        """Flower's own, and remembers what came."""
        received: list[Message] = []

        def remembered() -> Any:
            got = receive()
            if got is not None:
                received.append(got[0])
            return got

        run_id: int | None = self._pull(state=state, object_store=object_store, receive=remembered, get_run=get_run, **rest)
        if run_id is None and received:
            # Stopped while the message's parts came: Flower forgets the message, and its process would wait for them for ever.
            _finish_tasks(state, received[0].metadata.run_id)
        is_work = run_id is not None and bool(received)
        self._current = Current(received[0], state, object_store, get_run, time.monotonic()) if is_work else None
        return run_id

    def look(self) -> None:
        """Ends the work of a run that is no longer on: its process hears so with its next heartbeat, the next message can come."""
        current = self._current
        if current is None or time.monotonic() - current.looked < LOOK_S:
            return
        current.looked = time.monotonic()
        run_id = current.message.metadata.run_id
        try:
            current.get_run(run_id)
        except RunNotRunningException:
            self._current = None
            self._end(current, run_id)

    def _end(self, current: Current, run_id: int) -> None:
        _finish_tasks(current.state, run_id)
        asked = current.message.metadata.message_id
        # From here on the process cannot answer any more; it may have done so right before.
        if not any(entry.message.metadata.reply_to_message_id == asked for entry in current.state.msg_store.values()):
            answer = Message(Error(ErrorCode.UNKNOWN, "the run was stopped"), reply_to=current.message)
            loop._insert_message(answer, current.state, current.store)
        print(f"run {run_id} was stopped: its work has ended here", flush=True)


def _finish_tasks(state: Any, run_id: int) -> None:
    """No effect on those that have ended."""
    for task in state.get_tasks(run_ids=[run_id]):
        state.finish_task(task.task_id, sub_status=SubStatus.STOPPED, details="the run was stopped")


def install() -> Stops:
    """Puts `pull` in the place of the SuperNode's own."""
    stops = Stops()
    vars(loop)["_pull_and_store_message"] = stops.pull
    return stops
