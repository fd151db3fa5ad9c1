"""One request, one transaction: strict JSON in, idempotency around, commit before the answer leaves.

`StrictRoute` is the route class of every router. A route asks for `tx: Transaction` and never commits; the route commits after
the answer is rendered and before it is sent, and rolls back on every exception.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit import idempotency
from shared.kit.commit import collecting
from shared.kit.db import Connection, Pool

MiB: Final = 1 << 20


DEEPEST: Final = 32
"""How deep a body's objects and lists may be nested."""


def parse_object(raw: bytes) -> dict[str, Any]:
    """A JSON object, numbers with a point as exact decimals.

    Raises:
        Refusal: `malformed_json`, `json_too_deep`, `json_object_required`.
    """
    try:
        parsed = json.loads(raw.decode("utf-8"), parse_float=Decimal)
    except ValueError as error:
        raise Refusal(ErrorCode.MALFORMED_JSON) from error
    except RecursionError as error:
        raise Refusal(ErrorCode.JSON_TOO_DEEP, limit=DEEPEST) from error
    level = _containers([parsed])
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _containers(value.values() if isinstance(value, dict) else value)]
    if level:
        raise Refusal(ErrorCode.JSON_TOO_DEEP, limit=DEEPEST)
    if not isinstance(parsed, dict):
        raise Refusal(ErrorCode.JSON_OBJECT_REQUIRED)
    # A lone surrogate is legal in JSON's grammar and in no field's name.
    return {key.encode("utf-8", "replace").decode(): value for key, value in parsed.items()}


def _containers(values: Iterable[Any]) -> list[dict[str, Any] | list[Any]]:
    return [value for value in values if isinstance(value, dict | list)]


async def read_body(request: Request, limit: int) -> bytes:
    """The body, or `body_too_large` as soon as it is known to be."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise Refusal(ErrorCode.BODY_TOO_LARGE, limit_bytes=limit)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Refusal(ErrorCode.BODY_TOO_LARGE, limit_bytes=limit)
        parts.append(part)
    return b"".join(parts)


class Unit:
    """The transaction of one request, begun when it is first needed."""

    def __init__(self, pool: Pool, turns: asyncio.Semaphore) -> None:
        self._pool, self._turns, self._stack = pool, turns, AsyncExitStack()
        self.conn: Connection | None = None

    async def begin(self) -> Connection:
        """Waits for its turn: there are fewer turns than connections, so that the work behind requests is never without one."""
        if self.conn is None:
            async with asyncio.timeout(5):
                await self._turns.acquire()
            self._stack.callback(self._turns.release)
            conn: Connection = await self._stack.enter_async_context(self._pool.acquire(timeout=5))
            await self._stack.enter_async_context(conn.transaction())
            self.conn = conn
        return self.conn

    async def __aenter__(self) -> Unit:
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        await self._stack.__aexit__(kind, error, trace)


class StrictRoute(APIRoute):
    """Reads the body within bounds and strictly, and wraps the request into a `Unit` where the service has a database."""

    body_limit: ClassVar[int] = MiB
    json_body: ClassVar[bool] = True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            try:
                raw = await read_body(request, self.body_limit)
            except ClientDisconnect as error:
                raise Refusal(ErrorCode.INVALID_REQUEST) from error
            prepared = self._prepare(request, raw)
            runtime = request.app.state.runtime
            if runtime.pool is None:
                return await handle(prepared)
            claim = idempotency.key_of(request, raw)
            with collecting() as hooks:
                async with Unit(runtime.pool, runtime.turns) as unit:
                    prepared.state.unit = unit
                    earlier = await idempotency.earlier_answer(await unit.begin(), claim) if claim else None
                    response = earlier or await handle(prepared)
                    if claim is not None and earlier is None:
                        await idempotency.remember(await unit.begin(), claim, response)
            hooks.run()
            if unit.conn is not None and request.method != "GET":
                runtime.committed()
            return response

        return strict

    def _prepare(self, request: Request, raw: bytes) -> Request:
        """The same request with its body read; a JSON body counts as JSON whatever the client called it."""
        scope = dict(request.scope)
        if self.json_body and self.body_field is not None:
            raw = raw if raw.strip() else b"{}"
            parsed = parse_object(raw)
            scope["headers"] = [(n, v) for n, v in scope["headers"] if n != b"content-type"] + [
                (b"content-type", b"application/json")
            ]
        prepared = Request(scope, request.receive)
        prepared._body = raw  # Starlette's own cache of what was read
        if self.json_body and self.body_field is not None:
            prepared._json = parsed
        return prepared


class UploadRoute(StrictRoute):
    """For bodies that are files: up to 64 MiB, not parsed."""

    body_limit: ClassVar[int] = 64 * MiB
    json_body: ClassVar[bool] = False


def router(**kwargs: Any) -> APIRouter:
    """An APIRouter whose routes are strict."""
    return APIRouter(route_class=StrictRoute, **kwargs)


def refusals(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    """Declares the codes a route may refuse with, for its OpenAPI page (`responses=`)."""
    by_status: dict[int, list[str]] = {}
    for code in (*codes, ErrorCode.UNAUTHORIZED, ErrorCode.FORBIDDEN, ErrorCode.MALFORMED_JSON, ErrorCode.SERVICE_UNAVAILABLE):
        by_status.setdefault(CATALOGUE[code].status, []).append(str(code))
    return {
        status: {
            "description": ", ".join(sorted(set(names))),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, names in sorted(by_status.items())
    }


async def _transaction(request: Request) -> Connection:
    unit: Unit = request.state.unit
    return await unit.begin()


Transaction = Annotated[Connection, Depends(_transaction)]
"""The request's connection, inside its transaction."""
