"""How somebody is let in. One function per use case; the caller opened the transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.gateway import keys, service, store
from services.gateway.domain import slug
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import InviteApproved, InviteRejected, InviteRequested, InviteRevoked, ParticipantRegistered
from shared.contracts.values import new_id
from shared.kit.auth import Principal, Role
from shared.kit.db import Connection
from shared.kit.messaging import enqueue

Row = Mapping[str, Any]
INVITE = "oei"
"""What an invitation's code begins with."""


async def request(conn: Connection, wish: Mapping[str, Any]) -> Row:
    row = await store.insert_request(conn, {**wish, "request_id": new_id("request")})
    # The address is for operators: it does not travel in facts that everybody may read and nobody can take back.
    await enqueue(conn, InviteRequested(request_id=row["request_id"], role=row["role"], compute_type=row["compute_type"]))
    return row


async def _pending(conn: Connection, request_id: str, to: str) -> Row:
    """Raises `request_not_found`, `invalid_status_transition`."""
    row = await store.lock_row(conn, "invite_request", request_id)
    if row is None:
        raise Refusal(ErrorCode.REQUEST_NOT_FOUND, request_id=request_id)
    if row["status"] != "pending":
        raise Refusal(ErrorCode.INVALID_STATUS_TRANSITION, current_status=row["status"], next_status=to, allowed=[])
    return row


async def approve(conn: Connection, request_id: str, who: Principal, limits: Mapping[str, Any]) -> tuple[Row, str]:
    """An invitation and its code, which nobody will see again."""
    wish = await _pending(conn, request_id, "approved")
    code = keys.make(INVITE)
    await store.decide_request(conn, request_id, status="approved", by=who.name, reason="")
    invite = {
        "invite_id": code.key_id,
        "secret_sha256": code.digest,
        "request_id": request_id,
        "role": wish["role"],
        "participant_id": limits["participant"],
        "max_uses": limits["max_uses"],
        "valid_for_s": limits["valid_for_s"],
        "created_by": who.name,
    }
    row = await store.insert_invite(conn, invite)
    await enqueue(conn, InviteApproved(request_id=request_id, invite_id=row["invite_id"], max_uses=row["max_uses"], actor=who.name))
    return row, code.text


async def reject(conn: Connection, request_id: str, who: Principal, reason: str) -> Row:
    await _pending(conn, request_id, "rejected")
    row = await store.decide_request(conn, request_id, status="rejected", by=who.name, reason=reason)
    await enqueue(conn, InviteRejected(request_id=request_id, reason=reason, actor=who.name))
    return row


async def revoke_invite(conn: Connection, invite_id: str, who: Principal) -> Row:
    """Once more changes nothing. Raises `invite_not_found`."""
    before = await store.lock_row(conn, "invite", invite_id)
    if before is None:
        raise Refusal(ErrorCode.INVITE_NOT_FOUND, invite_id=invite_id)
    if before["revoked_at"] is not None:
        return before
    await enqueue(conn, InviteRevoked(invite_id=invite_id, actor=who.name))
    return await store.revoke_row(conn, "invite", invite_id)


async def register(conn: Connection, *, invite: str, name: str, public_key: str) -> tuple[Row, tuple[str, str]]:
    """A registration, and the role and the text of its key.

    Raises:
        Refusal: `invite_not_found` (a wrong code, or one that was revoked), `invite_expired`, `invite_exhausted`.
    """
    found = keys.parts(invite, INVITE)
    row = None if found is None else await store.lock_row(conn, "invite", found[0])
    if found is None or row is None or not keys.opens(found[1], row["secret_sha256"]) or row["revoked_at"] is not None:
        raise Refusal(ErrorCode.INVITE_NOT_FOUND)
    if row["expires_at"] <= datetime.now(UTC):
        raise Refusal(ErrorCode.INVITE_EXPIRED, invite_id=row["invite_id"])
    if row["uses"] >= row["max_uses"]:
        raise Refusal(ErrorCode.INVITE_EXHAUSTED, invite_id=row["invite_id"], max_uses=row["max_uses"])
    await store.count_use(conn, row["invite_id"])
    participant = row["participant_id"] or await _new_participant(conn, name)
    if row["participant_id"]:
        await store.ensure_participant(conn, participant)
    key, text = await service.issue(
        conn,
        participant=participant,
        role=Role(row["role"]),
        label="registration",
        expires_in_s=None,
        by=f"invite {row['invite_id']}",
    )
    registration = {
        "registration_id": new_id("registration"),
        "invite_id": row["invite_id"],
        "participant_id": participant,
        "key_id": key["key_id"],
        "public_key": public_key,
    }
    made = await store.insert_registration(conn, registration)
    await enqueue(
        conn,
        ParticipantRegistered(
            registration_id=made["registration_id"], invite_id=row["invite_id"], participant=participant, role=row["role"]
        ),
    )
    return made, (row["role"], text)


async def _new_participant(conn: Connection, name: str) -> str:
    """An id that nobody has: a wished name alone could be that under which somebody else trades, with money to its name."""
    while not await store.ensure_participant(conn, participant := f"{slug(name)}-{secrets.token_hex(3)}"):
        pass
    return participant


async def revoke_registration(conn: Connection, registration_id: str, who: Principal) -> Row:
    """Raises `registration_not_found`."""
    row = await store.lock_row(conn, "registration", registration_id)
    if row is None:
        raise Refusal(ErrorCode.REGISTRATION_NOT_FOUND, registration_id=registration_id)
    await service.revoke_participant(conn, row["participant_id"], who)
    return await store.revoke_row(conn, "registration", registration_id)
