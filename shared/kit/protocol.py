"""uvicorn's HTTP/1.1 protocol with bounds: a head of so many bytes and seconds, and a body of so many seconds.

uvicorn itself bounds neither with httptools: a client that sends a byte a second, or a header without an end, would hold its
connection and its memory for as long as it likes.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_REFUSED = b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Bounded(HttpToolsProtocol):
    """Ends connections whose request does not come to its end."""

    head_bytes: ClassVar[int] = 64 * 1024
    head_s: ClassVar[float] = 15
    """From the connection, or from a further request's first byte, to the end of the head."""
    body_s: ClassVar[float] = 120

    _in_head = True
    _head_size = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._within(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._within(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head_size += len(data)
            if self._head_size > self.head_bytes:
                self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:  # a further request on the same connection
            self._in_head, self._head_size = True, 0
            self._within(self.head_s)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._within(self.body_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._within(None)
        super().on_message_complete()

    def _within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        late: Any = self._late
        self._deadline = None if seconds is None else self.loop.call_later(seconds, late)

    def _late(self) -> None:
        self._refuse(b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        """Says why, where the answer has not begun; whatever works on the request hears that its client is gone."""
        self._within(None)
        if self.transport.is_closing():
            return
        if self._in_head:
            self.transport.write(_REFUSED % status)
        self.transport.close()
