"""uvicorn's HTTP/1.1 protocol with bounds: a head of so many bytes, headers and seconds, a body of so many seconds, and one reading only.

uvicorn itself bounds none of it with httptools: a client that sends a byte a second, or a header without an end, would hold its
connection and its memory for as long as it likes. What a parser on the way could read in another way than this one (RFC 9112, sections
3.2 and 6.3: how long the body is, which host is meant) is refused and the connection closed, as whatever follows on it may be smuggled.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode
from shared.kit import problems

_REASONS = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}


class _Unacceptable(Exception):
    """Ends the parsing; the parser hands it on as an error of its own."""


class Bounded(HttpToolsProtocol):
    """Ends connections whose request does not come to its end, or does not say where that is."""

    head_bytes: ClassVar[int] = 64 * 1024
    header_count: ClassVar[int] = 100
    head_s: ClassVar[float] = 15
    """From the connection, or from a further request's first byte, to the end of the head."""
    body_s: ClassVar[float] = 120

    _in_head = True
    _head_size = 0
    _deadline: asyncio.TimerHandle | None = None
    _why = ErrorCode.MALFORMED_REQUEST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._within(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._within(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():  # what comes after a refusal is nobody's
            return
        super().data_received(data)
        if self._in_head:
            self._head_size += len(data)
            if self._head_size > self.head_bytes:
                self._refuse(ErrorCode.HEADERS_TOO_LARGE)

    def send_400_response(self, msg: str) -> None:
        """What the parser, or a bound while it parsed, did not like."""
        self._in_head = True  # also in a broken body: the answer to it has not begun, or the connection is cut
        if self.cycle is not None and not self.cycle.response_complete and self.cycle.response_started:
            self.transport.close()
            return
        self._refuse(self._why)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:  # a further request on the same connection
            self._in_head, self._head_size = True, 0
            self._within(self.head_s)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self.header_count:
            self._stop(ErrorCode.HEADERS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.head_bytes:
            self._stop(ErrorCode.HEADERS_TOO_LARGE)
        self._must_have_one_reading()
        self._in_head = False
        self._within(self.body_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._within(None)
        super().on_message_complete()

    def _must_have_one_reading(self) -> None:
        """The length is said once and in one way, and the host once."""
        said: dict[bytes, list[bytes]] = {}
        for name, value in self.headers:
            said.setdefault(name, []).append(value)
        lengths, codings = said.get(b"content-length", []), said.get(b"transfer-encoding", [])
        hosts = said.get(b"host", [])
        version = self.parser.get_http_version()
        if (
            len(lengths) + len(codings) > 1
            or not all(length.isdigit() for length in lengths)
            or not all(coding.lower() == b"chunked" and version == "1.1" for coding in codings)
            or len(hosts) > 1
            or (not hosts and version == "1.1")
        ):
            self._stop(ErrorCode.MALFORMED_REQUEST)

    def _stop(self, why: ErrorCode) -> None:
        self._why = why
        raise _Unacceptable(why)

    def _within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        late: Any = self._late
        self._deadline = None if seconds is None else self.loop.call_later(seconds, late)

    def _late(self) -> None:
        self._refuse(ErrorCode.REQUEST_TIMEOUT)

    def _refuse(self, why: ErrorCode) -> None:
        """Says why, where the answer has not begun; whatever works on the request hears that its client is gone."""
        self._within(None)
        if self.transport.is_closing():
            return
        if self._in_head:
            self.transport.write(_answer(why))
        self.transport.close()


def _answer(why: ErrorCode) -> bytes:
    """A problem document, from outside the app."""
    status = CATALOGUE[why].status
    body = json.dumps(problems.problem_body(why, {}, "")).encode()
    head = f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: {problems.MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
    return f"{head}connection: close\r\n\r\n".encode() + body
