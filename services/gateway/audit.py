"""Writes down every change that came through the door, before its answer is complete; and shows what is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import quote

import httpx
import structlog
from fastapi import Query, Request
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway import schemas as s
from services.gateway import store
from services.gateway.domain import owner_of
from services.gateway.limiter import FREE, address_of
from services.gateway.upstreams import upstreams_of
from shared.contracts.errors import ErrorCode as E
from shared.contracts.errors import Refusal
from shared.contracts.values import Name
from shared.kit import routing, tracing
from shared.kit.auth import PRINCIPAL, Principal, Reviewer
from shared.kit.chain import GENESIS
from shared.kit.db import Connection, Pool, is_outage
from shared.kit.paging import Paging, listing
from shared.kit.routing import Transaction, refusals
from shared.kit.service import Runtime

log = structlog.get_logger()
router = routing.router(prefix="/audit", tags=["audit"])

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Audit:
    """Records each change that was made: who, from where, what was asked, and digests of the thing before and after.

    Digests and not contents: the record proves what was there to whoever has it, and tells nothing to whoever has not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _READS or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        runtime: Runtime = scope["app"].state.runtime
        before = await _before(runtime, scope)
        asked, answered, status = hashlib.sha256(), hashlib.sha256(), 0
        held: Message | None = None

        async def hear() -> Message:
            message = await receive()
            asked.update(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            nonlocal status, held
            if message["type"] == "http.response.start":
                status = message["status"]
                await send(message)
                return
            answered.update(message.get("body", b""))
            last = not message.get("more_body")
            if last and status < 400 and runtime.pool is not None:
                digests = {"request_digest": asked.hexdigest(), "before_digest": before, "after_digest": answered.hexdigest()}
                await _append(runtime.pool, {**_who(scope), "status": status, **digests})
            # A piece leaves when the next one is there: a client that counts bytes would have the whole answer before its end.
            leaving, held = ([held, message], None) if last else ([held], message)
            for piece in leaving:
                if piece is not None:
                    await send(piece)

        await self._app(scope, hear, say)


def _who(scope: Scope) -> dict[str, Any]:
    holder: Principal | None = scope.get(PRINCIPAL)
    return {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "actor": "anonymous" if holder is None else holder.name,
        "role": "" if holder is None else str(holder.role),
        "key_id": "" if holder is None else holder.key_id,
        "address": address_of(scope),
        "request_id": tracing.request_id.get(),
        "method": scope["method"],
        "path": scope["path"],
    }


async def _before(runtime: Runtime, scope: Scope) -> str | None:
    """The digest of what a PATCH is about to change, as its caller can read it; None where it cannot be read."""
    holder: Principal | None = scope.get(PRINCIPAL)
    service = owner_of("GET", scope["path"]) if scope["method"] == "PATCH" and holder is not None else None
    if service is None or holder is None:
        return None
    try:
        answer = await upstreams_of(runtime).get(service, quote(scope["path"]), who=holder)
    except (Refusal, ValueError, httpx.InvalidURL):
        return None
    return hashlib.sha256(answer.content).hexdigest() if answer.is_success else None


async def record_sign_in(conn: Connection, scope: Scope, status: int) -> None:
    """A sign-in by way of an identity provider, which is a GET: in the transaction of its session. Its query holds a code: no digest."""
    nothing = hashlib.sha256().hexdigest()
    digests = {"request_digest": nothing, "before_digest": None, "after_digest": nothing}
    await store.append_audit(conn, {**_who(scope), "status": status, **digests})


async def _append(pool: Pool, record: Mapping[str, Any]) -> None:
    """The change has been made: where it cannot be written down, the log at least has it."""
    try:
        async with pool.acquire(timeout=5) as conn, conn.transaction():
            await store.append_audit(conn, record)
    except Exception as error:
        if not is_outage(error):
            raise
        log.critical("audit.lost", record=dict(record), error=repr(error))


@router.get("", responses=refusals(E.INVALID_LIMIT, E.INVALID_ACTOR, E.INVALID_Q))
async def list_audit(
    tx: Transaction,
    _: Reviewer,
    page: Paging,
    actor: Annotated[Name | None, Query(description="a participant, or a role where nobody in particular held the key")] = None,
    q: Annotated[Name | None, Query(description="text in path, address, key id or request id")] = None,
) -> s.AuditList:
    """Changes, newest first. `head_hash` is the hash of the newest record of all: keep it, and nobody can shorten the chain."""
    rows = await store.list_audit(tx, actor, q, page)
    shown = [s.AuditRecord.model_validate(row) for row in rows[: page.limit]]
    found = listing("records", page, shown, [row["seq"] for row in rows])
    last = await store.last_audit(tx)
    return s.AuditList.model_validate({**found, "head_hash": GENESIS if last is None else last["hash"]})


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": {"application/jsonl": {}}}})
async def export(request: Request, _: Reviewer) -> StreamingResponse:
    """Every record, oldest first, a JSON object a line: all that is needed to verify the chain elsewhere."""
    pool: Pool = request.app.state.runtime.pool
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(_lines(pool), media_type="application/jsonl", headers=headers)


async def _lines(pool: Pool) -> AsyncIterator[str]:
    after = 0
    while rows := await store.audit_after(pool, after):
        yield "".join(json.dumps(row) + "\n" for row in rows)
        after = rows[-1]["seq"]
