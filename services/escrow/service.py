"""What can be done with money. One function per use case; the caller opened the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.escrow import domain, store
from services.escrow.domain import DisputeStatus, Hold, HoldState, Posting
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import (
    ContractTerms,
    Delivery,
    DisputeChanged,
    DisputeOpened,
    DisputeResolved,
    FundsDeposited,
    FundsHeld,
    FundsRefunded,
    FundsReleased,
    HoldRefused,
)
from shared.contracts.values import new_id
from shared.kit.auth import Principal, Role
from shared.kit.db import Connection
from shared.kit.messaging import NotYet, enqueue
from shared.kit.ownership import in_own_name, own_only, parties, side_of

Row = Mapping[str, Any]


# --- money in ---------------------------------------------------------------------------------------------------------
async def deposit(conn: Connection, participant: str, amount: int, *, kind: str, actor: str, note: str = "") -> Row:
    """Money from outside into a participant's account. Returns what happened."""
    account = domain.participant(participant)
    await store.lock_accounts(conn, [account, domain.FUNDING])
    postings = [Posting(domain.FUNDING, -amount), Posting(account, amount)]
    transfer_id = await store.post_transfer(conn, kind, postings, actor=actor, note=note)
    if kind == "starter_credit":
        await store.record_grant(conn, participant, transfer_id)
    await enqueue(conn, FundsDeposited.model_validate({"participant": participant, "amount": amount, "kind": kind, "actor": actor}))
    row = await store.get_account(conn, account)
    return {
        "transfer_id": str(transfer_id),
        "participant": participant,
        "amount": amount,
        "available": row["balance"] if row else 0,
    }


# --- holds ------------------------------------------------------------------------------------------------------------
async def hold_funds(conn: Connection, terms: ContractTerms, *, starter_credit: int, ttl_s: int) -> None:
    """Reserves a contract's price, or says that it could not. A repeated call changes nothing."""
    buyer, pot = domain.participant(terms.model_owner_id), domain.escrow(terms.contract_id)
    if starter_credit and await store.grant_once(conn, terms.model_owner_id):
        await deposit(conn, terms.model_owner_id, starter_credit, kind="starter_credit", actor="escrow", note="starter credit")
    balances = await store.lock_accounts(conn, [buyer, pot])
    enough = balances[buyer] >= terms.escrow_total
    hold_id = new_id("hold")
    expires_at = datetime.now(UTC) + timedelta(seconds=ttl_s)
    state = HoldState.HELD if enough else HoldState.REFUSED
    if not await store.insert_hold(conn, terms, hold_id=hold_id, state=state, expires_at=expires_at):
        return
    if not enough:
        await enqueue(
            conn,
            HoldRefused(
                contract_id=terms.contract_id,
                code=ErrorCode.INSUFFICIENT_FUNDS,
                needed=terms.escrow_total,
                available=balances[buyer],
            ),
        )
        return
    if terms.escrow_total:  # a free contract holds nothing, and is held all the same
        postings = [Posting(buyer, -terms.escrow_total), Posting(pot, terms.escrow_total)]
        await store.post_transfer(conn, "hold", postings, actor="escrow", contract_id=terms.contract_id)
    await enqueue(
        conn,
        FundsHeld(contract_id=terms.contract_id, hold_id=hold_id, amount=terms.escrow_total, expires_at=expires_at, terms=terms),
    )


async def _held(conn: Connection, contract_id: str, who: Principal) -> Hold:
    """The locked hold.

    Raises:
        Refusal: `contract_not_found` (also where it is a stranger's), the code of an earlier resolution, or `contract_disputed`.
    """
    hold = await store.lock_hold(conn, contract_id)
    if hold is None:
        raise Refusal(ErrorCode.CONTRACT_NOT_FOUND, contract_id=contract_id)
    own_only(who, ErrorCode.CONTRACT_NOT_FOUND, *side_of(who, hold.terms), contract_id=contract_id)
    domain.check_held(hold)
    if await store.is_disputed(conn, contract_id):
        raise Refusal(ErrorCode.CONTRACT_DISPUTED, contract_id=contract_id)
    return hold


async def release(conn: Connection, contract_id: str, who: Principal, *, fee_basis_points: int) -> Row:
    """Pays the providers for what they delivered and returns the rest; before training has ended it pays in full (`early`).

    Raises:
        Refusal: the codes of `_held`; `forbidden` for a provider before every agreed round is delivered.
    """
    hold = await _held(conn, contract_id, who)
    if who.role is Role.PROVIDER and not hold.complete:
        raise Refusal(ErrorCode.FORBIDDEN, role=str(who.role), reason="a provider may claim once its rounds are delivered")
    plan = domain.plan_settlement(hold, fee_basis_points=fee_basis_points)
    await _resolve(conn, hold, HoldState.RELEASED, "release", list(plan.postings), actor=who.name)
    result = {
        "payouts": [payout.model_dump(mode="json") for payout in plan.payouts],
        "returned": plan.returned,
        "fee": plan.fee,
        "early": plan.early,
    }
    await store.resolve_hold(conn, contract_id, HoldState.RELEASED, result)
    await enqueue(
        conn,
        FundsReleased(
            contract_id=contract_id,
            payouts=tuple(plan.payouts),
            returned=plan.returned,
            fee=plan.fee,
            early=plan.early,
            actor=who.name,
        ),
    )
    return result


async def refund(conn: Connection, contract_id: str, who: Principal) -> Row:
    """Gives the whole amount back to the model owner.

    Raises:
        Refusal: the codes of `_held`; `training_in_progress` while a run is active; `rounds_delivered` when providers have
            delivered and no operator decides.
    """
    hold = await _held(conn, contract_id, who)
    if hold.training:
        raise Refusal(ErrorCode.TRAINING_IN_PROGRESS, contract_id=contract_id)
    if any(hold.delivered.values()) and who.role is not Role.OPERATOR:
        raise Refusal(ErrorCode.ROUNDS_DELIVERED, contract_id=contract_id, delivered=hold.delivered)
    return await _refund(conn, hold, HoldState.REFUNDED, reason="requested", actor=who.name)


async def _refund(conn: Connection, hold: Hold, to: HoldState, *, reason: str, actor: str) -> Row:
    await _resolve(conn, hold, to, "refund", domain.plan_refund(hold), actor=actor)
    result = {"amount": hold.amount, "reason": reason}
    await store.resolve_hold(conn, hold.contract_id, to, result)
    await enqueue(conn, FundsRefunded(contract_id=hold.contract_id, amount=hold.amount, reason=reason, actor=actor))
    return result


async def _resolve(conn: Connection, hold: Hold, to: HoldState, kind: str, postings: list[Posting], *, actor: str) -> None:
    assert (hold.state, to) in domain.TRANSITIONS
    if not postings:  # nothing was held
        return
    await store.lock_accounts(conn, [posting.account_id for posting in postings])
    await store.post_transfer(conn, kind, postings, actor=actor, contract_id=hold.contract_id)


async def expire_holds(conn: Connection) -> int:
    """Refunds holds whose time is up. Returns how many."""
    ended = 0
    for contract_id in await store.expired_holds(conn):
        hold = await store.lock_hold(conn, contract_id)
        # Asked again under the lock: a dispute may have come in between.
        if hold is not None and hold.state is HoldState.HELD and not await store.is_disputed(conn, contract_id):
            await _refund(conn, hold, HoldState.EXPIRED, reason="expired", actor="escrow")
            ended += 1
    return ended


async def cancelled(conn: Connection, contract_id: str) -> None:
    """A contract came to nothing: what is still held for it goes back."""
    hold = await store.lock_hold(conn, contract_id)
    if hold is not None and hold.state is HoldState.HELD:
        await _refund(conn, hold, HoldState.REFUNDED, reason="contract cancelled", actor="escrow")


# --- training ---------------------------------------------------------------------------------------------------------
async def training_began(conn: Connection, contract_id: str, run_id: str) -> None:
    if await store.lock_hold(conn, contract_id) is None:
        raise NotYet(f"no hold of {contract_id}")
    await store.begin_run(conn, contract_id, run_id)


async def training_ended(conn: Connection, contract_id: str, run_id: str, deliveries: tuple[Delivery, ...]) -> None:
    """Keeps what a run delivered, once."""
    if await store.lock_hold(conn, contract_id) is None:
        raise NotYet(f"no hold of {contract_id}")
    await store.end_run(conn, contract_id, run_id, {delivery.offer_id: delivery.rounds_delivered for delivery in deliveries})


# --- disputes ---------------------------------------------------------------------------------------------------------
async def open_dispute(conn: Connection, contract_id: str, reporter: str, reason: str, who: Principal) -> Row:
    """Raises `contract_not_found`, also where it is a stranger's, and `forbidden` in another's name."""
    hold = await store.lock_hold(conn, contract_id)
    if hold is None:
        raise Refusal(ErrorCode.CONTRACT_NOT_FOUND, contract_id=contract_id)
    own_only(who, ErrorCode.CONTRACT_NOT_FOUND, *parties(hold.terms), contract_id=contract_id)
    in_own_name(who, "reporter", reporter)
    row = await store.insert_dispute(conn, new_id("dispute"), contract_id, reporter, reason)
    await enqueue(conn, DisputeOpened(contract_id=contract_id, dispute_id=row["dispute_id"], reporter=reporter, reason=reason))
    return row


async def move_dispute(conn: Connection, dispute_id: str, status: str, *, actor: str, note: str) -> Row:
    """Asking for the present status is no error. Raises `dispute_not_found`, `invalid_status_transition`."""
    row = await store.lock_dispute(conn, dispute_id)
    if row is None:
        raise Refusal(ErrorCode.DISPUTE_NOT_FOUND, dispute_id=dispute_id)
    current, to = DisputeStatus(row["status"]), DisputeStatus(status)
    if to is current:
        return row
    if (current, to) not in domain.DISPUTE_TRANSITIONS:
        allowed = sorted(str(nxt) for was, nxt in domain.DISPUTE_TRANSITIONS if was is current)
        raise Refusal(ErrorCode.INVALID_STATUS_TRANSITION, current_status=str(current), next_status=str(to), allowed=allowed)
    row = await store.update_dispute(conn, dispute_id, status=to, actor=actor, note=note)
    if to in domain.FREEZING:
        await enqueue(conn, DisputeChanged(contract_id=row["contract_id"], dispute_id=dispute_id, status=to, actor=actor))
    else:
        await enqueue(
            conn,
            DisputeResolved.model_validate(
                {
                    "contract_id": row["contract_id"],
                    "dispute_id": dispute_id,
                    "status": str(to),
                    "actor": actor,
                    "resolution_note": note,
                }
            ),
        )
    return row


# --- looking ----------------------------------------------------------------------------------------------------------
async def account(conn: Connection, participant: str) -> Row:
    """Available and held micro-credits. Raises `account_not_found`."""
    row = await store.get_account(conn, domain.participant(participant))
    if row is None:
        raise Refusal(ErrorCode.ACCOUNT_NOT_FOUND, participant=participant)
    return {"participant": participant, "available": row["balance"], "held": await store.held_by(conn, participant)}


async def trial_balance(conn: Connection) -> Row:
    accounts = await store.list_accounts(conn)
    sums = await store.ledger_sums(conn)
    return {"accounts": accounts, "sum": sum(a["balance"] for a in accounts), "locked": sums["locked"], "held": sums["held"]}
