"""Participants and their keys over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Response

from services.gateway import schemas as s
from services.gateway import service, store
from shared.contracts.errors import ErrorCode as E
from shared.contracts.values import Name
from shared.kit import routing
from shared.kit.auth import Anyone, Operator, Reviewer, Role
from shared.kit.paging import Paging, listing
from shared.kit.routing import Transaction, refusals

router = routing.router(prefix="/identity", tags=["identity"])
Row = Mapping[str, Any]


def seconds(value: Any) -> int | None:
    return None if value is None else int(value.timestamp())


def shown_key(row: Row) -> s.KeyOut:
    times = {name: seconds(row[name]) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")}
    return s.KeyOut.model_validate({**row, **times, "participant": row["participant_id"]})


def shown_participant(row: Row) -> s.ParticipantOut:
    times = {name: seconds(row[name]) for name in ("created_at", "revoked_at")}
    return s.ParticipantOut.model_validate({**row, **times, "participant": row["participant_id"]})


@router.post(
    "/keys", status_code=201, responses=refusals(E.PARTICIPANT_REQUIRED, E.INVALID_PARTICIPANT, E.ROLE_REQUIRED, E.INVALID_ROLE)
)
async def make_key(body: s.KeyIn, response: Response, tx: Transaction, who: Anyone) -> s.NewKeyOut:
    """A key for a participant, shown this once: an Idempotency-Key does not bring it back.

    An operator makes keys for everybody, a participant more keys like its own.
    """
    response.headers["Cache-Control"] = "no-store"
    row, text = await service.make_key(
        tx, who, participant=body.participant, role=Role(body.role), label=body.label, expires_in_s=body.expires_in_s
    )
    return s.NewKeyOut.model_validate({**shown_key(row).model_dump(), "key": text})


@router.get("/keys", responses=refusals(E.INVALID_LIMIT))
async def list_keys(tx: Transaction, who: Anyone, page: Paging, participant: Annotated[Name | None, Query()] = None) -> s.KeyList:
    """Keys without their secrets, newest first: one's own, or everybody's for operators and reviewers."""
    rows = await store.list_keys(tx, who.bound_to or participant, page)
    shown = [shown_key(row) for row in rows[: page.limit]]
    return s.KeyList.model_validate(listing("keys", page, shown, [row["row_no"] for row in rows]))


@router.post("/keys/{key_id}/revoke", responses=refusals(E.KEY_NOT_FOUND))
async def revoke_key(key_id: str, tx: Transaction, who: Anyone) -> s.KeyOut:
    """Ends a key at once: an operator any, a participant one of its own."""
    _, row = await service.revoke_key(tx, who, key_id)
    return shown_key(row)


@router.get("/participants", responses=refusals(E.INVALID_LIMIT))
async def list_participants(tx: Transaction, _: Reviewer, page: Paging) -> s.ParticipantList:
    """Everybody who has, or had, a key of their own, newest first."""
    rows = await store.list_participants(tx, page)
    shown = [shown_participant(row) for row in rows[: page.limit]]
    return s.ParticipantList.model_validate(listing("participants", page, shown, [row["row_no"] for row in rows]))


@router.post("/participants/{participant}/revoke", responses=refusals(E.PARTICIPANT_NOT_FOUND))
async def revoke_participant(participant: str, tx: Transaction, who: Operator) -> s.ParticipantOut:
    """Locks a participant out with all of its keys."""
    return shown_participant(await service.revoke_participant(tx, participant, who))
