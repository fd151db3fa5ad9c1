"""What can be done with money. One function per use case; the caller opened the transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.escrow import domain, store
from services.escrow.domain import Hold, HoldState, Posting, Settlement
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import (
    ContractTerms,
    Delivery,
    Event,
    FundsDeposited,
    FundsHeld,
    FundsRefunded,
    FundsReleased,
    HoldRefused,
)
from shared.contracts.values import new_id
from shared.kit.auth import Principal, Role
from shared.kit.db import Connection
from shared.kit.messaging import Heard, NotYet, enqueue, enqueue_many
from shared.kit.ownership import own_only, side_of

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
async def hold_funds(conn: Connection, heard: Sequence[Heard], *, starter_credit: int, ttl_s: int) -> None:
    """Reserves the price of each created contract, or says that it could not. A repeated contract changes nothing.

    The contracts' order decides who gets a balance that is not enough for all of them.
    """
    wanted: dict[str, Heard] = {}
    for h in heard:
        wanted.setdefault(h.event.contract_id, h)
    if starter_credit:
        for owner in sorted({h.event.terms.model_owner_id for h in heard}):
            if await store.grant_once(conn, owner):
                await deposit(conn, owner, starter_credit, kind="starter_credit", actor="escrow", note="starter credit")
    accounts = [account for h in heard for account in _ends(h.event.terms)]
    ledger = await store.lock_ledger(conn, accounts)
    # Asked under the locks of their escrow accounts: nobody else can be about to hold these contracts.
    known = await store.known_holds(conn, list(wanted))
    left = {account: balance for account, (balance, _) in ledger.items()}
    expires_at = datetime.now(UTC) + timedelta(seconds=ttl_s)
    holds: list[tuple[ContractTerms, str, HoldState]] = []
    transfers: list[store.Transfer] = []
    facts: list[tuple[Event, Mapping[str, Any]]] = []
    for contract_id, h in wanted.items():
        if contract_id in known:
            continue
        terms: ContractTerms = h.event.terms
        (buyer, pot), total, hold_id = _ends(terms), terms.escrow_total, new_id("hold")
        if left[buyer] < total:
            holds.append((terms, hold_id, HoldState.REFUSED))
            code = ErrorCode.INSUFFICIENT_FUNDS
            facts.append((HoldRefused(contract_id=contract_id, code=code, needed=total, available=left[buyer]), h.envelope))
            continue
        left[buyer] -= total
        holds.append((terms, hold_id, HoldState.HELD))
        if total:  # a free contract holds nothing, and is held all the same
            transfers.append(store.Transfer("hold", [Posting(buyer, -total), Posting(pot, total)], contract_id))
        facts.append(
            (FundsHeld(contract_id=contract_id, hold_id=hold_id, amount=total, expires_at=expires_at, terms=terms), h.envelope)
        )
    await store.insert_holds(conn, holds, expires_at=expires_at)
    await store.post_transfers(conn, ledger, transfers, actor="escrow")
    await enqueue_many(conn, facts)


def _ends(terms: ContractTerms) -> tuple[str, str]:
    """Between which accounts a contract's price moves when it is held."""
    return domain.participant(terms.model_owner_id), domain.escrow(terms.contract_id)


async def held(conn: Connection, contract_id: str, who: Principal | None = None) -> Hold:
    """The locked hold.

    Raises:
        Refusal: `contract_not_found` (also where it is a stranger's), the code of an earlier resolution, or `contract_disputed`.
    """
    hold = await store.lock_hold(conn, contract_id)
    if hold is None:
        raise Refusal(ErrorCode.CONTRACT_NOT_FOUND, contract_id=contract_id)
    if who is not None:
        own_only(who, ErrorCode.CONTRACT_NOT_FOUND, *side_of(who, hold.terms), contract_id=contract_id)
    domain.check_held(hold)
    if await store.is_disputed(conn, contract_id):
        raise Refusal(ErrorCode.CONTRACT_DISPUTED, contract_id=contract_id)
    return hold


async def release(conn: Connection, contract_id: str, who: Principal, *, fee_basis_points: int) -> Row:
    """Pays the providers for what they delivered and returns the rest; before training has ended it pays in full (`early`).

    Raises:
        Refusal: the codes of `held`; `forbidden` for a provider before every agreed round is delivered.
    """
    hold = await held(conn, contract_id, who)
    if who.role is Role.PROVIDER and not hold.complete:
        raise Refusal(ErrorCode.FORBIDDEN, role=str(who.role), reason="a provider may claim once its rounds are delivered")
    return await pay_out(conn, hold, domain.plan_settlement(hold, fee_basis_points=fee_basis_points), actor=who.name)


async def pay_out(conn: Connection, hold: Hold, plan: Settlement, *, actor: str, reason: str = "requested") -> Row:
    """Carries a settlement out and says so. The hold is locked and held."""
    result = {
        "payouts": [payout.model_dump(mode="json") for payout in plan.payouts],
        "returned": plan.returned,
        "fee": plan.fee,
        "early": plan.early,
    }
    await store.resolve_hold(conn, hold.contract_id, HoldState.RELEASED, result)
    await enqueue(
        conn,
        FundsReleased(
            contract_id=hold.contract_id,
            payouts=tuple(plan.payouts),
            returned=plan.returned,
            fee=plan.fee,
            early=plan.early,
            actor=actor,
            reason=reason,
        ),
    )
    await _resolve(conn, hold, HoldState.RELEASED, "release", list(plan.postings), actor=actor)
    return result


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
    return await _refund(conn, hold, HoldState.REFUNDED, reason="requested", actor=who.name)


async def _refund(conn: Connection, hold: Hold, to: HoldState, *, reason: str, actor: str) -> Row:
    result = {"amount": hold.amount, "reason": reason}
    await store.resolve_hold(conn, hold.contract_id, to, result)
    await enqueue(conn, FundsRefunded(contract_id=hold.contract_id, amount=hold.amount, reason=reason, actor=actor))
    await _resolve(conn, hold, to, "refund", domain.plan_refund(hold), actor=actor)
    return result


async def _resolve(conn: Connection, hold: Hold, to: HoldState, kind: str, postings: list[Posting], *, actor: str) -> None:
    """Moves the money: last of all, since everybody pays into the account of the fees and waits for who holds its lock."""
    assert (hold.state, to) in domain.TRANSITIONS
    if not postings:  # nothing was held
        return
    await store.lock_accounts(conn, [posting.account_id for posting in postings])
    await store.post_transfer(conn, kind, postings, actor=actor, contract_id=hold.contract_id)


async def end_due_holds(conn: Connection, *, fee_basis_points: int) -> int:
    """Settles what is to be settled by itself, and ends holds whose time is up. Returns how many.

    Rounds that were delivered are paid for even then: waiting is no way to train for nothing.
    """
    ended = 0
    for contract_id in await store.due_holds(conn):
        hold = await store.lock_hold(conn, contract_id)
        # Asked again under the lock: a dispute may have come in between.
        if hold is None or hold.state is not HoldState.HELD or await store.is_disputed(conn, contract_id):
            continue
        if hold.settle or any(hold.delivered.values()):
            plan = domain.plan_settlement(hold, fee_basis_points=fee_basis_points)
            await pay_out(conn, hold, plan, actor="escrow", reason="delivered" if hold.settle else "expired")
        else:
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


async def training_ended(
    conn: Connection,
    contract_id: str,
    run_id: str,
    deliveries: tuple[Delivery, ...],
    *,
    automatic: bool,
    window_s: int,
    fee_basis_points: int,
) -> None:
    """Keeps what a run delivered, once. A complete delivery is settled by itself after the window where that was agreed."""
    if await store.lock_hold(conn, contract_id) is None:
        raise NotYet(f"no hold of {contract_id}")
    await store.end_run(conn, contract_id, run_id, {delivery.offer_id: delivery.rounds_delivered for delivery in deliveries})
    hold = await store.lock_hold(conn, contract_id)
    assert hold is not None
    wanted = hold.terms.settlement == "auto" if hold.terms.settlement else automatic
    if hold.state is not HoldState.HELD or not hold.complete or not wanted:
        return
    if window_s or await store.is_disputed(conn, contract_id):
        await store.set_settlement(conn, contract_id, window_s)
    else:
        plan = domain.plan_settlement(hold, fee_basis_points=fee_basis_points)
        await pay_out(conn, hold, plan, actor="escrow", reason="delivered")


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
