"""A grid that looks for replies often, never waits beyond a deadline, and not for long for those that were silent before.

`send_and_receive` of Flower 1.41's own grid sleeps 3 s between looks; pushing and pulling are its public parts.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from flwr.app import Message
from flwr.serverapp import Grid

POLL_S: Final = 0.05
GRACE_S: Final = 2.0


class PromptGrid:
    """Everything of the given grid, with a prompt and bounded `send_and_receive`.

    `doubtful` holds the nodes that missed the last round. Flower takes a node that died for connected for up to a minute;
    so once all others have answered, these get as long again as the others took (at least `GRACE_S`), not the whole deadline.
    """

    def __init__(self, grid: Grid, *, deadline_s: float, doubtful: set[int] | frozenset[int] = frozenset()) -> None:
        self._grid, self._deadline_s, self._doubtful = grid, deadline_s, doubtful

    def __getattr__(self, name: str) -> Any:
        return getattr(self._grid, name)

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> list[Message]:
        """The replies that came in time."""
        sent = list(messages)
        began = time.monotonic()
        # Flower answers an empty id for a message that it does not take, such as one to a node that it does not know.
        ids = self._grid.push_messages(sent)
        waiting = {key: message.metadata.dst_node_id for key, message in zip(ids, sent, strict=False) if key}
        end = began + min(self._deadline_s, timeout or self._deadline_s)
        replies: list[Message] = []
        others_done = False
        while waiting:
            found = list(self._grid.pull_messages(set(waiting)))
            replies += found
            for reply in found:
                waiting.pop(reply.metadata.reply_to_message_id, None)
            now = time.monotonic()
            if not others_done and replies and self._doubtful.issuperset(waiting.values()):
                others_done = True
                end = min(end, now + max(GRACE_S, now - began))
            if not waiting or now >= end:
                break
            time.sleep(min(POLL_S, end - now))  # the grid has no event for a reply
        return replies
