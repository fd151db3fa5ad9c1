"""A grid that looks for replies often and never waits beyond a deadline.

`send_and_receive` of Flower 1.41's own grid sleeps 3 s between looks; pushing and pulling are its public parts.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from flwr.app import Message
from flwr.serverapp import Grid

POLL_S = 0.1


class PromptGrid:
    """Everything of the given grid, with a prompt and bounded `send_and_receive`."""

    def __init__(self, grid: Grid, deadline_s: float) -> None:
        self._grid, self._deadline_s = grid, deadline_s

    def __getattr__(self, name: str) -> Any:
        return getattr(self._grid, name)

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> list[Message]:
        """The replies that came before the deadline."""
        waiting = set(self._grid.push_messages(list(messages)))
        end = time.monotonic() + min(self._deadline_s, timeout or self._deadline_s)
        replies: list[Message] = []
        while waiting and time.monotonic() < end:
            found = list(self._grid.pull_messages(waiting))
            replies += found
            waiting -= {reply.metadata.reply_to_message_id for reply in found}
            if waiting:
                time.sleep(POLL_S)  # the grid has no event for a reply
        return replies
