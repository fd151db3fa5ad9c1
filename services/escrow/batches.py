"""What facts and the clock do to money, many at a time in a few statements. The caller opened the transaction.

Locks are taken in one order: the holds by contract, then the accounts by id. Each fact has the effect that it would have alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.escrow import claims, domain, ledger, service
from services.escrow.domain import Hold, HoldState, Posting
from services.escrow.service import Resolution
from shared.contracts.errors import ErrorCode
from shared.contracts.events import ContractTerms, Event, FundsHeld, HoldRefused, RunFinished
from shared.contracts.values import new_id
from shared.kit import tracing
from shared.kit.db import Connection
from shared.kit.messaging import Heard, NotYet, Unprocessable, enqueue_many


async def hold_funds(conn: Connection, heard: Sequence[Heard], *, starter_credit: int, ttl_s: int) -> None:
    """Reserves the price of each created contract, or says that it could not. A repeated contract changes nothing.

    The contracts' order decides who gets a balance that is not enough for all of them.
    """
    wanted: dict[str, Heard] = {}
    for h in heard:
        wanted.setdefault(h.event.contract_id, h)
    if starter_credit:
        for owner in sorted({h.event.terms.model_owner_id for h in heard}):
            if await ledger.grant_once(conn, owner):
                await service.deposit(conn, owner, starter_credit, kind="starter_credit", actor="escrow", note="starter credit")
    accounts = [account for h in heard for account in _ends(h.event.terms)]
    left = await ledger.lock_accounts(conn, accounts)
    # Asked under the locks of their escrow accounts: nobody else can be about to hold these contracts.
    known = await claims.known_holds(conn, list(wanted))
    expires_at = datetime.now(UTC) + timedelta(seconds=ttl_s)
    holds: list[tuple[ContractTerms, str, HoldState]] = []
    transfers: list[ledger.Transfer] = []
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
            transfers.append(ledger.Transfer("hold", [Posting(buyer, -total), Posting(pot, total)], "escrow", contract_id))
        facts.append(
            (FundsHeld(contract_id=contract_id, hold_id=hold_id, amount=total, expires_at=expires_at, terms=terms), h.envelope)
        )
    await claims.insert_holds(conn, holds, expires_at=expires_at)
    await ledger.post_transfers(conn, transfers)
    await enqueue_many(conn, facts)


def _ends(terms: ContractTerms) -> tuple[str, str]:
    """Between which accounts a contract's price moves when it is held."""
    return domain.participant(terms.model_owner_id), domain.escrow(terms.contract_id)


async def cancelled(conn: Connection, heard: Sequence[Heard]) -> None:
    """Contracts came to nothing: what is still held for them goes back."""
    holds = await claims.lock_holds(conn, [h.event.contract_id for h in heard])
    resolutions = []
    for h in heard:
        hold = holds.pop(h.event.contract_id, None)
        if hold is not None and hold.state is HoldState.HELD:
            back = service.repayment(hold, HoldState.REFUNDED, reason="contract cancelled", actor="escrow")
            resolutions.append((back, h.envelope))
    await service.resolve(conn, resolutions)


async def replaced(conn: Connection, heard: Sequence[Heard]) -> None:
    """Providers of held contracts took the place of others. What is resolved stays as it is.

    Raises:
        NotYet: one of the contracts has no hold.
        Unprocessable: more would be owed than is held.
    """
    contract_ids = {h.event.contract_id for h in heard}
    holds = await claims.lock_holds(conn, contract_ids)
    if unknown := contract_ids - holds.keys():
        raise NotYet(f"no hold of {min(unknown)}")
    newest: dict[str, ContractTerms] = {}
    for h in heard:
        terms: ContractTerms = h.event.terms
        hold = holds[terms.contract_id]
        if terms.most > hold.amount:
            raise Unprocessable(f"{terms.contract_id} would owe {terms.most} of {hold.amount}")
        known = newest.get(terms.contract_id, hold.terms)
        if hold.state is HoldState.HELD and terms.version > known.version:
            newest[terms.contract_id] = terms
    await claims.set_terms(conn, list(newest.values()))


@dataclass(frozen=True)
class Terms:
    """What an automatic settlement goes by."""

    automatic: bool  # for contracts that do not say
    window_s: int  # for contracts that do not say
    fee_basis_points: int


async def training(conn: Connection, heard: Sequence[Heard], terms: Terms) -> None:
    """Runs began and ended, in this order. A complete delivery is settled by itself, after the window, where that was agreed.

    Raises:
        NotYet: one of the contracts has no hold.
    """
    contract_ids = {h.event.contract_id for h in heard}
    holds = await claims.lock_holds(conn, contract_ids)
    if unknown := contract_ids - holds.keys():
        raise NotYet(f"no hold of {min(unknown)}")
    complete: dict[str, Mapping[str, Any]] = {}
    for h in heard:
        hold = holds[h.event.contract_id]
        holds[hold.contract_id] = hold = told(hold, h.event)
        if isinstance(h.event, RunFinished) and hold.state is HoldState.HELD and hold.complete and _wanted(hold, terms):
            complete.setdefault(hold.contract_id, h.envelope)
    windows = {contract_id: _window_s(holds[contract_id], terms) for contract_id in complete}
    at_once = [contract_id for contract_id, window_s in windows.items() if not window_s]
    later = windows.keys() - at_once | (await claims.disputed(conn, at_once) if at_once else set())
    await claims.keep_runs(conn, [hold for hold in holds.values() if hold.contract_id not in complete.keys() - later])
    if later:
        await claims.set_settlements(conn, [(contract_id, windows[contract_id]) for contract_id in sorted(later)])
    await service.resolve(
        conn,
        [
            (_delivered(holds[contract_id], terms.fee_basis_points), envelope)
            for contract_id, envelope in complete.items()
            if contract_id not in later
        ],
    )


def told(hold: Hold, event: Any) -> Hold:
    """A hold after one more fact about its runs. The first word about a run's beginning, and about its end, counts."""
    runs, contributions = {event.run_id: None, **hold.runs}, dict(hold.contributions)
    if isinstance(event, RunFinished) and runs[event.run_id] is None:
        runs[event.run_id] = {delivery.offer_id: delivery.rounds_delivered for delivery in event.deliveries}
        contributions[event.run_id] = {delivery.offer_id: delivery.contribution for delivery in event.deliveries}
    return replace(hold, runs=runs, contributions=contributions)


def _wanted(hold: Hold, terms: Terms) -> bool:
    return hold.terms.settlement == "auto" if hold.terms.settlement else terms.automatic


def _window_s(hold: Hold, terms: Terms) -> int:
    return terms.window_s if hold.terms.dispute_window_s is None else hold.terms.dispute_window_s


def _delivered(hold: Hold, fee_basis_points: int) -> Resolution:
    plan = domain.plan_settlement(hold, fee_basis_points=fee_basis_points)
    return service.payment(hold, plan, actor="escrow", reason="delivered")


async def end_due_holds(conn: Connection, *, fee_basis_points: int) -> int:
    """Settles what is to be settled by itself, and ends holds whose time is up. Returns how many.

    Rounds that were delivered are paid for even then, and a run that is active is waited for: time is no way to train for nothing.
    """
    holds = await claims.lock_holds(conn, await claims.due_holds(conn))
    # Asked again under the lock: a dispute or a run may have come in between.
    frozen = await claims.disputed(conn, holds)
    resolutions = []
    for hold in holds.values():
        if hold.state is not HoldState.HELD or hold.contract_id in frozen:
            continue
        if hold.settle:
            resolutions.append(_delivered(hold, fee_basis_points))
        elif hold.training:
            continue
        elif any(hold.delivered.values()):
            plan = domain.plan_settlement(hold, fee_basis_points=fee_basis_points)
            resolutions.append(service.payment(hold, plan, actor="escrow", reason="expired"))
        else:
            resolutions.append(service.repayment(hold, HoldState.EXPIRED, reason="expired", actor="escrow"))
    await service.resolve(conn, [(resolution, tracing.present()) for resolution in resolutions])
    return len(resolutions)
