"""How a stranger becomes a participant: a request, an operator's decision, an invitation, and a registration that gives a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Response

from services.gateway import admission, store
from services.gateway import schemas as s
from services.gateway.identity import seconds
from shared.contracts.errors import ErrorCode as E
from shared.contracts.values import Name
from shared.kit import routing
from shared.kit.auth import Operator, Reviewer
from shared.kit.paging import Paging, listing
from shared.kit.routing import Transaction, refusals

router = routing.router(prefix="/join", tags=["joining"])
Row = Mapping[str, Any]


def _shown(row: Row) -> dict[str, Any]:
    times = ("created_at", "decided_at", "expires_at", "revoked_at")
    shown = {**row, **{name: seconds(row[name]) for name in times if name in row}}
    return shown | ({"participant": row["participant_id"]} if "participant_id" in row else {})


@router.post("/request_invite", status_code=201, responses=refusals(E.VALID_CONTACT_EMAIL_REQUIRED, E.COMPUTE_TYPE_REQUIRED))
async def request_invite(body: s.InviteRequestIn, tx: Transaction) -> s.RequestedOut:
    """Asks to take part. No key needed; an operator decides and answers by e-mail."""
    row = await admission.request(tx, body.model_dump())
    return s.RequestedOut(request_id=row["request_id"], status=row["status"])


@router.get("/requests", responses=refusals(E.INVALID_LIMIT, E.INVALID_STATUS, E.INVALID_SORT))
async def list_requests(
    tx: Transaction,
    _: Reviewer,
    page: Paging,
    status: Annotated[s.RequestStatus | None, Query()] = None,
    q: Annotated[Name | None, Query(description="text in e-mail, name or note")] = None,
    sort: Annotated[s.RequestSort, Query(description="newest or oldest first")] = "newest",
) -> s.RequestList:
    """Who would like to take part."""
    rows = await store.list_requests(tx, status, q, page, oldest_first=sort == "oldest")
    shown = [s.RequestOut.model_validate(_shown(row)) for row in rows[: page.limit]]
    return s.RequestList.model_validate(listing("requests", page, shown, [row["row_no"] for row in rows]))


@router.post(
    "/requests/{request_id}/approve",
    status_code=201,
    responses=refusals(E.REQUEST_NOT_FOUND, E.INVALID_INVITE_LIMITS, E.INVALID_STATUS_TRANSITION),
)
async def approve(request_id: str, body: s.ApproveIn, response: Response, tx: Transaction, who: Operator) -> s.NewInviteOut:
    """Makes an invitation, whose code is shown this once. A `participant` that is named here gets the place and no other."""
    response.headers["Cache-Control"] = "no-store"
    row, text = await admission.approve(tx, request_id, who, body.model_dump())
    return s.NewInviteOut.model_validate({**_shown(row), "invite": text})


@router.post(
    "/requests/{request_id}/reject", responses=refusals(E.REQUEST_NOT_FOUND, E.REASON_REQUIRED, E.INVALID_STATUS_TRANSITION)
)
async def reject(request_id: str, body: s.RejectIn, tx: Transaction, who: Operator) -> s.RequestOut:
    """Says no, and why."""
    return s.RequestOut.model_validate(_shown(await admission.reject(tx, request_id, who, body.reason)))


@router.get("/invites", responses=refusals(E.INVALID_LIMIT))
async def list_invites(tx: Transaction, _: Reviewer, page: Paging) -> s.InviteList:
    """Invitations without their codes, newest first."""
    rows = await store.list_rows(tx, "invite", page)
    shown = [s.InviteOut.model_validate(_shown(row)) for row in rows[: page.limit]]
    return s.InviteList.model_validate(listing("invites", page, shown, [row["row_no"] for row in rows]))


@router.post("/invites/{invite_id}/revoke", responses=refusals(E.INVITE_NOT_FOUND))
async def revoke_invite(invite_id: str, tx: Transaction, who: Operator) -> s.InviteOut:
    """Lets nobody in by it any more; who came by it stays."""
    return s.InviteOut.model_validate(_shown(await admission.revoke_invite(tx, invite_id, who)))


@router.post(
    "/register",
    status_code=201,
    responses=refusals(E.INVITE_REQUIRED, E.INVITE_NOT_FOUND, E.INVITE_EXHAUSTED, E.INVITE_EXPIRED, E.INVALID_PUBLIC_KEY),
)
async def register(body: s.RegisterIn, response: Response, tx: Transaction) -> s.RegisteredOut:
    """Redeems an invitation for a participant and its key, which is shown this once. No key needed."""
    response.headers["Cache-Control"] = "no-store"
    row, key = await admission.register(tx, invite=body.invite, name=body.name, public_key=body.public_key)
    return s.RegisteredOut.model_validate({**_shown(row), "role": key[0], "key": key[1]})


@router.get("/registrations", responses=refusals(E.INVALID_LIMIT))
async def list_registrations(tx: Transaction, _: Reviewer, page: Paging) -> s.RegistrationList:
    """Who came by an invitation, newest first."""
    rows = await store.list_rows(tx, "registration", page)
    shown = [s.RegistrationOut.model_validate(_shown(row)) for row in rows[: page.limit]]
    return s.RegistrationList.model_validate(listing("registrations", page, shown, [row["row_no"] for row in rows]))


@router.post("/registrations/{registration_id}/revoke", responses=refusals(E.REGISTRATION_NOT_FOUND))
async def revoke_registration(registration_id: str, tx: Transaction, who: Operator) -> s.RegistrationOut:
    """Locks out whoever registered, with every key of the participant."""
    return s.RegistrationOut.model_validate(_shown(await admission.revoke_registration(tx, registration_id, who)))
