"""The same `Idempotency-Key` and body get the first answer again, and nothing happens twice.

The answer is stored in the transaction of the request itself, so a key is known exactly when its effect is. Only answers that
changed something (2xx) are kept: a refusal changed nothing, so trying it again is harmless and may by then succeed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import principal_of
from shared.kit.db import Connection


@dataclass(frozen=True)
class Claim:
    """A key that this request holds until its transaction ends."""

    scope: str
    key: str
    request_hash: bytes


def key_of(request: Request, body: bytes) -> Claim | None:
    """The request's claim, or None where it has no key. Raises `invalid_idempotency_key`."""
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Refusal(ErrorCode.INVALID_IDEMPOTENCY_KEY)
    path = request.url.path
    return Claim(f"{_holder(request)} {request.method}", key, hashlib.sha256(path.encode() + b"\0" + body).digest())


def _holder(request: Request) -> str:
    """Part of the scope, so that nobody is given somebody else's answer. A holder stays the same while its tokens come and go."""
    try:
        return principal_of(request).key_id
    except Refusal:
        return hashlib.sha256(request.headers.get("authorization", "").encode()).hexdigest()[:16]


async def earlier_answer(conn: Connection, claim: Claim) -> Response | None:
    """The stored answer, or None when this request is the first and now holds the key.

    Raises:
        Refusal: `idempotency_in_progress` while another request holds the key, `idempotency_key_reused` for another request.
    """
    if not await conn.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 1))", f"{claim.scope} {claim.key}"):
        raise Refusal(ErrorCode.IDEMPOTENCY_IN_PROGRESS)
    row = await conn.fetchrow(
        "SELECT request_hash, status, body FROM idempotency WHERE scope = $1 AND key = $2", claim.scope, claim.key
    )
    if row is None:
        return None
    if row["request_hash"] != claim.request_hash:
        raise Refusal(ErrorCode.IDEMPOTENCY_KEY_REUSED)
    return Response(row["body"], row["status"], media_type="application/json", headers={"Idempotency-Hit": "true"})


async def remember(conn: Connection, claim: Claim, response: Response) -> None:
    """Stores a 2xx answer in the request's transaction, unless it holds a secret that is shown once (`no-store`)."""
    if response.status_code < 300 and response.headers.get("cache-control") != "no-store":
        await conn.execute(
            "INSERT INTO idempotency (scope, key, request_hash, status, body) VALUES ($1, $2, $3, $4, $5)",
            claim.scope,
            claim.key,
            claim.request_hash,
            response.status_code,
            bytes(response.body),
        )
