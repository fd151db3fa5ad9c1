"""Objections: while one is open, what is held stays where it is; its end may share the money out. The caller opened the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.escrow import claims, domain, service
from services.escrow.domain import DisputeStatus
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import DisputeChanged, DisputeOpened, DisputeOverdue, DisputeResolved
from shared.contracts.values import new_id
from shared.kit.auth import Principal
from shared.kit.db import Connection
from shared.kit.messaging import enqueue
from shared.kit.ownership import in_own_name, own_only, parties

Row = Mapping[str, Any]


async def open_dispute(conn: Connection, contract_id: str, reporter: str, reason: str, who: Principal) -> Row:
    """Raises `contract_not_found`, also where it is a stranger's, and `forbidden` in another's name."""
    hold = await claims.lock_hold(conn, contract_id)
    if hold is None:
        raise Refusal(ErrorCode.CONTRACT_NOT_FOUND, contract_id=contract_id)
    own_only(who, ErrorCode.CONTRACT_NOT_FOUND, *parties(hold.terms), contract_id=contract_id)
    in_own_name(who, "reporter", reporter)
    row = await claims.insert_dispute(conn, new_id("dispute"), contract_id, reporter, reason)
    await enqueue(conn, DisputeOpened(contract_id=contract_id, dispute_id=row["dispute_id"], reporter=reporter, reason=reason))
    return row


async def move_dispute(
    conn: Connection,
    dispute_id: str,
    status: str,
    *,
    actor: str,
    note: str,
    payouts: Mapping[str, int] | None = None,
    fee_basis_points: int = 0,
) -> Row:
    """Moves a dispute along its table. `payouts` (micro-credits by offer) shares out what is held, once it is resolved.

    Asking for the present status is no error.

    Raises:
        Refusal: `dispute_not_found`, `invalid_status_transition`; with payouts `invalid_payouts` and the codes of a release,
            `contract_disputed` where another dispute is open.
    """
    row = await claims.get_dispute(conn, dispute_id)
    if row is None:
        raise Refusal(ErrorCode.DISPUTE_NOT_FOUND, dispute_id=dispute_id)
    contract_id = row["contract_id"]
    # The hold first, as everybody else does: no deadlock.
    await claims.lock_hold(conn, contract_id)
    row = await claims.lock_dispute(conn, dispute_id) or row
    current, to = DisputeStatus(row["status"]), DisputeStatus(status)
    if to is current:
        return row
    if (current, to) not in domain.DISPUTE_TRANSITIONS:
        allowed = sorted(str(nxt) for was, nxt in domain.DISPUTE_TRANSITIONS if was is current)
        raise Refusal(ErrorCode.INVALID_STATUS_TRANSITION, current_status=str(current), next_status=str(to), allowed=allowed)
    if payouts is not None and to is not DisputeStatus.RESOLVED:
        raise Refusal(ErrorCode.INVALID_PAYOUTS, dispute_id=dispute_id, next_status=str(to))
    row = await claims.update_dispute(conn, dispute_id, status=to, actor=actor, note=note)
    if to in domain.FREEZING:
        await enqueue(conn, DisputeChanged(contract_id=contract_id, dispute_id=dispute_id, status=to, actor=actor))
        return row
    ended = {"contract_id": contract_id, "dispute_id": dispute_id, "status": str(to), "actor": actor, "resolution_note": note}
    await enqueue(conn, DisputeResolved.model_validate(ended))
    if payouts is not None:
        hold = await service.held(conn, contract_id)
        plan = domain.plan_split(hold, payouts, fee_basis_points=fee_basis_points)
        await service.pay_out(conn, hold, plan, actor=actor, reason=f"resolution of {dispute_id}")
    return row


async def tell_overdue(conn: Connection, *, after_s: int) -> int:
    """Says of each dispute once that it has been open for too long. Returns how many."""
    rows = await claims.overdue_disputes(conn, after_s)
    for row in rows:
        await enqueue(
            conn,
            DisputeOverdue(
                contract_id=row["contract_id"], dispute_id=row["dispute_id"], status=row["status"], opened_at=row["created_at"]
            ),
        )
    return len(rows)
