"""What must hold in a played world, after every step and at its end."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from services.escrow import audit
from shared.kit import db
from tests.chaos.parts import Contract, Violation

if TYPE_CHECKING:
    from tests.chaos.world import World


def check_payouts(contract: Contract, data: Mapping[str, Any], fee_basis_points: int) -> None:
    """A release pays the whole hold, the right fee, and for no more than was delivered; by contribution, nobody below its floor."""
    paid = sum(payout["amount"] for payout in data["payouts"]) + data["fee"] + data["returned"]
    if paid != contract.terms.escrow_total:
        raise Violation(f"{data['contract_id']} paid {paid} of {contract.terms.escrow_total}")
    if data["fee"] != (contract.terms.escrow_total - data["returned"]) * fee_basis_points // 10_000:
        raise Violation(f"{data['contract_id']} paid a fee of {data['fee']}, {data['returned']} came back")
    if data["early"] or data["settled_by"] == "decision":
        return
    if data["settled_by"] == "contribution" != contract.terms.settlement_rule:
        raise Violation(f"{data['contract_id']} was settled by contribution, which nobody had agreed to")
    due, gross = 0, 0
    for seller, payout in zip(contract.terms.sellers, data["payouts"], strict=True):
        done = min(contract.terms.rounds, sum(run.get(seller.offer_id, 0) for run in contract.runs.values()))
        base = payout["base"]
        if (payout["amount"] if base is None else base) > seller.price_per_round * done:
            raise Violation(f"{seller.offer_id} was paid {payout['amount']} for {done} rounds of {seller.price_per_round}")
        told = seller.price_per_round * payout["rounds_delivered"]
        if base is not None and base < max(Fraction(1, 2), Fraction(str(seller.min_payout_share))) * told:
            raise Violation(f"{seller.offer_id} has a base of {base} of {told}, its floor is {seller.min_payout_share}")
        if (payout["bonus"] is None) != (base is None) or (payout["bonus"] or 0) < 0:
            raise Violation(f"{seller.offer_id} has a bonus of {payout['bonus']}")
        due, gross = due + told, gross + (payout["amount"] if base is None else base + payout["bonus"])
    if gross > due:
        raise Violation(f"{data['contract_id']} paid {gross} for what was due {due}")


async def check_sums(pool: db.Pool) -> None:
    """All balances sum to 0, and what is locked is what is held."""
    sums = await pool.fetchrow(
        "SELECT (SELECT coalesce(sum(balance), 0) FROM account) AS imbalance,"
        " (SELECT coalesce(sum(balance), 0) FROM account WHERE account_id LIKE 'escrow:%') AS locked,"
        " (SELECT coalesce(sum(amount), 0) FROM hold WHERE state = 'held') AS held"
    )
    assert sums is not None
    if sums["imbalance"] or sums["locked"] != sums["held"]:
        raise Violation(f"the ledger does not add up: {dict(sums)}")


async def check_end(world: World) -> None:
    """Every fact is settled and true, every contract has ended once, and the audit finds nothing."""
    if world.pending:
        raise Violation(f"{len(world.pending)} facts are not settled: {world.pending[0].subject}")
    if world.inbox and world.repeated:
        raise Violation(f"{len(world.repeated)} facts had their effect again: {world.repeated[0]}")
    if await world.pool.fetchval("SELECT count(*) FROM dead_letter"):
        raise Violation(f"dead letters: {await world.pool.fetch('SELECT subject, reason FROM dead_letter')}")
    states = {
        row["contract_id"]: row["state"]
        for row in await world.pool.fetch("SELECT contract_id, state FROM hold WHERE contract_id LIKE $1", f"%-{world.mark}-%")
    }
    for contract_id, contract in world.contracts.items():
        state = states.get(contract_id)
        if state in {None, "held"}:
            raise Violation(f"{contract_id} came to no end: {state}")
        if (state == "refused") == contract.held or contract.resolutions != (state != "refused"):
            raise Violation(f"{contract_id} is {state}, and its neighbours were told otherwise: {contract}")
    outbox = {
        str(row["event_id"]): row["published_at"] for row in await world.pool.fetch("SELECT event_id, published_at FROM outbox")
    }
    if lost := [event_id for event_id in outbox if outbox[event_id] is None]:
        raise Violation(f"{len(lost)} facts were never published")
    if ghosts := [world.facts[event_id] for event_id in world.facts if event_id not in outbox]:
        raise Violation(f"said and never true: {ghosts[0]}")
    for owner in world.owners:
        row = await world.pool.fetchval(
            "SELECT coalesce(sum(e.amount), 0) FROM entry e JOIN transfer t USING (transfer_id)"
            " WHERE t.kind = 'deposit' AND e.account_id = $1",
            f"participant:{owner}",
        )
        if row != world.deposited.get(owner, 0):
            raise Violation(f"{owner} deposited {world.deposited.get(owner, 0)} and was credited {row}")
    async with world.pool.acquire() as conn:
        if found := await audit.findings(conn):
            raise Violation(f"audit: {found[0]}")
