"""What a release would pay now, or what was paid. Reads alone and locks nothing: what happens in between may make it another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.escrow import claims, domain, service
from services.escrow.domain import Hold, HoldState
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import Principal, Role
from shared.kit.db import Connection
from shared.kit.ownership import own_only, parties

Row = Mapping[str, Any]


async def settlement(conn: Connection, contract_id: str, who: Principal, *, fee_basis_points: int) -> Row:
    """How a contract's money is shared out: as a release would do it where it is held, as it was done where it is not.

    `refused_with` is the code with which a release by the holder would be refused.

    Raises:
        Refusal: `contract_not_found`, also where it is a stranger's.
    """
    row = await claims.get_hold(conn, contract_id)
    if row is None:
        raise Refusal(ErrorCode.CONTRACT_NOT_FOUND, contract_id=contract_id)
    hold: Hold = row["hold"]
    own_only(who, ErrorCode.CONTRACT_NOT_FOUND, *parties(hold.terms), contract_id=contract_id)
    return {
        **{name: row[name] for name in ("contract_id", "state", "amount", "settle_at", "expires_at")},
        **_shares(hold, row["result"] or {}, fee_basis_points),
        "refused_with": await _refused_with(conn, hold, who),
    }


def _shares(hold: Hold, result: Row, fee_basis_points: int) -> Row:
    if hold.state is HoldState.HELD:
        plan = domain.plan_settlement(hold, fee_basis_points=fee_basis_points)
        return service.payment(hold, plan, actor="", reason="").result
    nobody_paid = {"payouts": [], "returned": result.get("amount", 0), "fee": 0, "early": False, "settled_by": None, "fallback": ""}
    return {**nobody_paid, **result} if hold.state is HoldState.RELEASED else nobody_paid


async def _refused_with(conn: Connection, hold: Hold, who: Principal) -> ErrorCode | None:
    if who.role in {Role.REVIEWER, Role.SERVICE}:
        return ErrorCode.FORBIDDEN
    try:
        domain.check_held(hold)
    except Refusal as refusal:
        return refusal.code
    if await claims.disputed(conn, [hold.contract_id]):
        return ErrorCode.CONTRACT_DISPUTED
    return ErrorCode.FORBIDDEN if service.may_not(hold, who, in_part=False) else None
