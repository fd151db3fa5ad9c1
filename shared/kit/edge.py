"""The outermost layer of every service: request id, trace, log line, HTTP metrics, and the last catch for bugs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.errors import ErrorCode
from shared.kit import metrics, tracing
from shared.kit.problems import failed, problem

log = structlog.get_logger()

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})

ONCE: Final = frozenset(
    [
        b"authorization",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"last-event-id",
        b"origin",
        b"sec-fetch-site",
        b"x-request-id",
    ]
)
"""Headers of which a second one would say something else to whoever reads the other one."""


class Edge:
    """Pure ASGI, so that streaming answers pass through unbuffered."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self._app = app
        self._headers = {name.lower().encode(): value.encode() for name, value in headers.items()}
        """What every answer has that does not say otherwise itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        request_id = tracing.accept_request_id(headers.get(b"x-request-id"))
        tracing.request_id.set(request_id)
        tracing.traceparent.set(tracing.child_of(headers.get(b"traceparent")))
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = list(message.get("headers", []))
                said = {name.lower() for name, _ in given}
                missing = [(name, value) for name, value in self._headers.items() if name not in said]
                message["headers"] = [*given, *missing, (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            if twice := _twice(scope):
                await problem(ErrorCode.DUPLICATE_HEADER, {"header": twice}, scope["path"])(scope, receive, answer)
            elif _is_nobodys(scope):
                await problem(ErrorCode.NOT_FOUND, {}, scope["path"])(scope, receive, answer)
            else:
                await self._app(scope, receive, answer)
        except Exception as error:
            if status:  # the answer has begun: all that is left is to break it off
                raise
            await failed(scope["path"], error)(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - started
            # The template, not the path: ids would make a series each.
            route = getattr(scope.get("route"), "path", None) or "unmatched"
            metrics.HTTP_REQUESTS.labels(scope["method"], route, str(status)).inc()
            metrics.HTTP_SECONDS.labels(scope["method"], route).observe(seconds)
            if scope["path"] not in QUIET:
                log.info("request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1))
            structlog.contextvars.unbind_contextvars("request_id")


def _twice(scope: Scope) -> str:
    """The first header that is there again, of those that may be there once."""
    seen: set[bytes] = set()
    for name, _ in scope["headers"]:
        if name in ONCE:
            if name in seen:
                return str(name.decode("latin-1"))
            seen.add(name)
    return ""


def _is_nobodys(scope: Scope) -> bool:
    """Whether nothing has such a path: Postgres cannot hold a NUL, and the rest somebody on the way may read as another path."""
    path, raw = scope["path"], scope.get("raw_path", b"").lower()
    return (
        "\x00" in path
        or "\\" in path
        or "//" in path
        or b"%2f" in raw
        or any(segment in {".", ".."} for segment in path.split("/"))
    )
