"""What can be asked for with money, and how a hold ends. One function per use case; the caller opened the transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.escrow import claims, domain, ledger
from services.escrow.domain import Hold, HoldState, Posting, Settlement
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import Event, FundsDeposited, FundsRefunded, FundsReleased
from shared.kit import tracing
from shared.kit.auth import Principal, Role
from shared.kit.db import Connection
from shared.kit.messaging import enqueue, enqueue_many
from shared.kit.ownership import own_only, side_of

Row = Mapping[str, Any]


# --- money in ---------------------------------------------------------------------------------------------------------
async def deposit(conn: Connection, participant: str, amount: int, *, kind: str, actor: str, note: str = "") -> Row:
    """Money from outside into a participant's account. Returns what happened."""
    account = domain.participant(participant)
    await ledger.lock_accounts(conn, [account, domain.FUNDING])
    postings = [Posting(domain.FUNDING, -amount), Posting(account, amount)]
    transfer = ledger.Transfer(kind, postings, actor, note=note)
    await ledger.post_transfers(conn, [transfer])
    if kind == "starter_credit":
        await ledger.record_grant(conn, participant, transfer.transfer_id)
    await enqueue(conn, FundsDeposited.model_validate({"participant": participant, "amount": amount, "kind": kind, "actor": actor}))
    row = await ledger.get_account(conn, account)
    return {
        "transfer_id": str(transfer.transfer_id),
        "participant": participant,
        "amount": amount,
        "available": row["balance"] if row else 0,
    }


# --- the end of a hold ------------------------------------------------------------------------------------------------
async def held(conn: Connection, contract_id: str, who: Principal | None = None) -> Hold:
    """The locked hold.

    Raises:
        Refusal: `contract_not_found` (also where it is a stranger's), the code of an earlier resolution, or `contract_disputed`.
    """
    hold = await claims.lock_hold(conn, contract_id)
    if hold is None:
        raise Refusal(ErrorCode.CONTRACT_NOT_FOUND, contract_id=contract_id)
    if who is not None:
        own_only(who, ErrorCode.CONTRACT_NOT_FOUND, *side_of(who, hold.terms), contract_id=contract_id)
    domain.check_held(hold)
    if await claims.disputed(conn, [contract_id]):
        raise Refusal(ErrorCode.CONTRACT_DISPUTED, contract_id=contract_id)
    return hold


async def release(
    conn: Connection, contract_id: str, who: Principal, *, fee_basis_points: int, named: Mapping[str, int | None] | None = None
) -> Row:
    """Pays the providers by the rule that was agreed and returns the rest; before training has ended it pays in full (`early`).

    `named` releases in part: micro-credits by offer, None for what the rule would pay it; what is not named goes back.

    Raises:
        Refusal: the codes of `held`; `forbidden` for a provider before every agreed round is delivered, or with `named`; with
            `named` also `training_in_progress` and the codes of `plan_named`.
    """
    hold = await held(conn, contract_id, who)
    if reason := may_not(hold, who, in_part=named is not None):
        raise Refusal(ErrorCode.FORBIDDEN, role=str(who.role), reason=reason)
    if named is not None:
        if hold.training:
            raise Refusal(ErrorCode.TRAINING_IN_PROGRESS, contract_id=contract_id)
        plan = domain.plan_named(hold, named, fee_basis_points=fee_basis_points, freely=who.role is Role.OPERATOR)
        return await pay_out(conn, hold, plan, actor=who.name, reason="requested in part")
    return await pay_out(conn, hold, domain.plan_settlement(hold, fee_basis_points=fee_basis_points), actor=who.name)


def may_not(hold: Hold, who: Principal, *, in_part: bool) -> str:
    """Why this holder may not release, or nothing."""
    if who.role is not Role.PROVIDER:
        return ""
    if in_part:
        return "only the model owner or an operator names amounts"
    return "" if hold.complete else "a provider may claim once its rounds are delivered"


async def pay_out(conn: Connection, hold: Hold, plan: Settlement, *, actor: str, reason: str = "requested") -> Row:
    """Carries a settlement out and says so. The hold is locked and held."""
    return await _resolve(conn, payment(hold, plan, actor=actor, reason=reason))


async def refund(conn: Connection, contract_id: str, who: Principal) -> Row:
    """Gives the whole amount back to the model owner.

    Raises:
        Refusal: the codes of `held`; `training_in_progress` while a run is active; `rounds_delivered` when providers have
            delivered and no operator decides.
    """
    hold = await held(conn, contract_id, who)
    if hold.training:
        raise Refusal(ErrorCode.TRAINING_IN_PROGRESS, contract_id=contract_id)
    if any(hold.delivered.values()) and who.role is not Role.OPERATOR:
        raise Refusal(ErrorCode.ROUNDS_DELIVERED, contract_id=contract_id, delivered=hold.delivered)
    return await _resolve(conn, repayment(hold, HoldState.REFUNDED, reason="requested", actor=who.name))


@dataclass(frozen=True)
class Resolution:
    """How one hold ends: the money that moves, what is kept with the hold, and what is said."""

    hold: Hold
    to: HoldState
    transfer: ledger.Transfer
    result: Row
    fact: Event


def payment(hold: Hold, plan: Settlement, *, actor: str, reason: str) -> Resolution:
    """Providers are paid as planned."""
    result = {
        "payouts": [payout.model_dump(mode="json") for payout in plan.payouts],
        "returned": plan.returned,
        "fee": plan.fee,
        "early": plan.early,
        "settled_by": plan.settled_by,
        "fallback": plan.fallback,
    }
    fact = FundsReleased(
        contract_id=hold.contract_id,
        payouts=tuple(plan.payouts),
        returned=plan.returned,
        fee=plan.fee,
        early=plan.early,
        actor=actor,
        reason=reason,
        settled_by=plan.settled_by,
        fallback=plan.fallback,
    )
    transfer = ledger.Transfer("release", plan.postings, actor, hold.contract_id)
    return Resolution(hold, HoldState.RELEASED, transfer, result, fact)


def repayment(hold: Hold, to: HoldState, *, reason: str, actor: str) -> Resolution:
    """The model owner has everything back."""
    fact = FundsRefunded(contract_id=hold.contract_id, amount=hold.amount, reason=reason, actor=actor)
    transfer = ledger.Transfer("refund", domain.plan_refund(hold), actor, hold.contract_id)
    return Resolution(hold, to, transfer, {"amount": hold.amount, "reason": reason}, fact)


async def _resolve(conn: Connection, resolution: Resolution) -> Row:
    await resolve(conn, [(resolution, tracing.present())])
    return resolution.result


async def resolve(conn: Connection, caused: Sequence[tuple[Resolution, Row]]) -> None:
    """Carries resolutions out, each with the envelope of the fact that caused it. The holds are locked and held.

    The money moves last of all, since many pay into the same accounts and wait for who holds their locks.
    """
    if not caused:
        return
    resolutions = [resolution for resolution, _ in caused]
    assert all((r.hold.state, r.to) in domain.TRANSITIONS for r in resolutions)
    await claims.resolve_holds(conn, [(r.hold, r.to, r.result) for r in resolutions])
    await enqueue_many(conn, [(resolution.fact, envelope) for resolution, envelope in caused])
    transfers = [r.transfer for r in resolutions if r.transfer.postings]  # a free contract holds nothing
    await ledger.lock_accounts(conn, [posting.account_id for transfer in transfers for posting in transfer.postings])
    await ledger.post_transfers(conn, transfers)


# --- looking ----------------------------------------------------------------------------------------------------------
async def account(conn: Connection, participant: str) -> Row:
    """Available and held micro-credits. Raises `account_not_found`."""
    row = await ledger.get_account(conn, domain.participant(participant))
    if row is None:
        raise Refusal(ErrorCode.ACCOUNT_NOT_FOUND, participant=participant)
    return {"participant": participant, "available": row["balance"], "held": await claims.held_by(conn, participant)}


async def trial_balance(conn: Connection) -> Row:
    accounts = await ledger.list_accounts(conn)
    sums = await ledger.ledger_sums(conn)
    return {"accounts": accounts, "sum": sum(a["balance"] for a in accounts), "locked": sums["locked"], "held": sums["held"]}
