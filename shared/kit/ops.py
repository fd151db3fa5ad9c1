"""The routes that every service has: alive, ready, metrics, and the dead letters with their replay."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import Insider, Operator
from shared.kit.messaging import replay
from shared.kit.paging import Paging, listing
from shared.kit.routing import Transaction, refusals, router

Check = Callable[[], Awaitable[Any]]

health = APIRouter(tags=["operations"])
dead_letters = router(tags=["operations"])


@health.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers. Says nothing about what it depends on."""
    return {"status": "ok"}


async def run_checks(checks: dict[str, Check], *, timeout_s: float = 2) -> dict[str, dict[str, Any]]:
    """Each check's outcome and latency, all at once."""

    async def one(check: Check) -> dict[str, Any]:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(timeout_s):
                await check()
            ok, detail = True, ""
        except Exception as error:  # noqa: BLE001 - a check may fail in any way; its kind is all that is shown
            ok, detail = False, type(error).__name__ if not str(error) or not isinstance(error, NotReady) else str(error)
        return {"ok": ok, "latency_ms": round((time.perf_counter() - started) * 1000, 2), **({"detail": detail} if detail else {})}

    return dict(zip(checks, await asyncio.gather(*map(one, checks.values())), strict=True))


class NotReady(Exception):
    """A check's own sentence, fit to be shown."""


@health.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """Whether the service can do its work: 503 with the failing check named when it cannot."""
    results = await run_checks(request.app.state.runtime.checks)
    ok = all(result["ok"] for result in results.values())
    return JSONResponse({"status": "ready" if ok else "not_ready", "checks": results}, status_code=200 if ok else 503)


@health.get("/metrics", response_class=PlainTextResponse)
async def metrics() -> PlainTextResponse:
    """Prometheus' text format."""
    return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@dead_letters.get("/ops/dead_letters")
async def list_dead_letters(_: Insider, tx: Transaction, page: Paging) -> dict[str, Any]:
    """Facts that a consumer gave up on, newest first."""
    rows = await tx.fetch(
        "SELECT consumer, event_id, subject, attempts, reason, (extract(epoch FROM dead_at) * 1e6)::bigint AS at_us, body"
        " FROM dead_letter WHERE (extract(epoch FROM dead_at) * 1e6)::bigint < $1"
        " ORDER BY dead_at DESC LIMIT $2",
        page.older_than,
        page.fetch,
    )
    letters = [
        {
            "consumer": row["consumer"],
            "event_id": str(row["event_id"]),
            "subject": row["subject"],
            "attempts": row["attempts"],
            "reason": row["reason"],
            "dead_at": row["at_us"] // 1_000_000,
            "event": row["body"],
        }
        for row in rows
    ]
    return listing("dead_letters", page, letters, [row["at_us"] for row in rows])


@dead_letters.post(
    "/ops/dead_letters/{consumer}/{event_id}/replay",
    responses=refusals(ErrorCode.DEAD_LETTER_NOT_FOUND, ErrorCode.REPLAY_FAILED, ErrorCode.INVALID_EVENT_ID),
)
async def replay_dead_letter(request: Request, consumer: str, event_id: str, _: Operator, tx: Transaction) -> dict[str, str]:
    """Hands the fact to its handler again: all of it happens, or nothing and the letter stays."""
    try:
        letter = UUID(event_id)
    except ValueError as error:
        code = ErrorCode.INVALID_EVENT_ID
        fields = [{"field": "event_id", "code": str(code), "message": CATALOGUE[code].cause}]
        raise Refusal(code, fields=fields) from error
    try:
        found = await replay(tx, request.app.state.runtime.subscriptions, consumer, letter)
    except Exception as error:  # the handler's failure is the answer, not a bug of this route
        raise Refusal(ErrorCode.REPLAY_FAILED, consumer=consumer, event_id=event_id, error=type(error).__name__) from error
    if not found:
        raise Refusal(ErrorCode.DEAD_LETTER_NOT_FOUND, consumer=consumer, event_id=event_id)
    return {"status": "replayed", "consumer": consumer, "event_id": event_id}
