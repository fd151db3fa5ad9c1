"""Facts that wait together are handled in a few statements, and each has the effect that it would have alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from services.escrow import audit, batches
from services.escrow.domain import FEE_ACCOUNTS, fees
from shared.contracts.events import BoundToRound, ContractCancelled, ContractTerms, Event, FundsReleased
from shared.contracts.values import new_id
from shared.kit.auth import Role
from shared.kit.messaging import Heard, NotYet
from tests.integration.escrow.conftest import CREDIT, Escrow, run_finished, terms

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"dispute_window_s": 0}
AUTOMATIC = batches.Terms(automatic=True, window_s=0, fee_basis_points=250)


def heard(*events: Event) -> list[Heard]:
    return [Heard(event, {"id": f"cause-{n}"}) for n, event in enumerate(events)]


async def train(escrow: Escrow, facts: Sequence[Heard], agreed: batches.Terms = AUTOMATIC) -> None:
    async with escrow.pool.acquire() as conn, conn.transaction():
        await batches.training(conn, facts, agreed)


async def several(escrow: Escrow, owner: str, count: int) -> list[ContractTerms]:
    """Held contracts of one buyer with one seller."""
    return [await escrow.held(terms(owner, {f"seller-of-{owner}": CREDIT})) for _ in range(count)]


def whole(contract: ContractTerms, run_id: str | None = None) -> Event:
    """A run's end that delivers everything."""
    return run_finished(contract, {s.seller_node_id: contract.rounds for s in contract.sellers}, run_id=run_id)


async def states(escrow: Escrow, contracts: Sequence[ContractTerms]) -> list[str]:
    found = {
        row["contract_id"]: row["state"]
        for row in await escrow.pool.fetch(
            "SELECT contract_id, state FROM hold WHERE contract_id = ANY($1)", [c.contract_id for c in contracts]
        )
    }
    return [found[contract.contract_id] for contract in contracts]


async def said(escrow: Escrow, contract: ContractTerms, subject: str) -> list[Any]:
    rows = await escrow.pool.fetch(
        "SELECT body FROM outbox WHERE subject = $1 AND body -> 'data' ->> 'contract_id' = $2", subject, contract.contract_id
    )
    return [row["body"] for row in rows]


async def test_deliveries_that_come_together_are_each_paid_once_and_said_with_their_own_cause(escrow: Escrow, buyer: str) -> None:
    contracts = await several(escrow, buyer, 5)
    begin = [BoundToRound(contract_id=c.contract_id, run_id="run", round_id="r", rounds=c.rounds) for c in contracts]
    end = [whole(c, "run") for c in contracts]

    await train(escrow, heard(*begin, *end, *end))
    await train(escrow, heard(*end))

    assert await states(escrow, contracts) == ["released"] * 5
    assert await escrow.balance(f"participant:seller-of-{buyer}") == 5 * 2 * CREDIT * 975 // 1000
    told = [await said(escrow, contract, "escrow.funds_released.v1") for contract in contracts]
    assert [[body["causationid"] for body in bodies] for bodies in told] == [[f"cause-{n}"] for n in range(5, 10)]
    async with escrow.pool.acquire() as conn:
        assert await audit.findings(conn) == []


async def test_in_a_batch_too_the_first_word_about_a_run_counts(escrow: Escrow, buyer: str) -> None:
    (contract,) = await several(escrow, buyer, 1)
    seller = contract.sellers[0].seller_node_id
    begin = BoundToRound(contract_id=contract.contract_id, run_id="run", round_id="r", rounds=2)

    await train(escrow, heard(run_finished(contract, {seller: 1}, run_id="run"), whole(contract, "run"), begin))

    assert await escrow.pool.fetchval("SELECT runs FROM hold WHERE contract_id = $1", contract.contract_id) == {
        "run": {f"offer-of-{seller}": 1}
    }
    assert await states(escrow, [contract]) == ["held"]


async def test_a_dispute_keeps_one_contract_of_a_batch_and_not_the_others(escrow: Escrow, buyer: str) -> None:
    contracts = await several(escrow, buyer, 3)
    await escrow.dispute(contracts[1].contract_id)

    await train(escrow, heard(*(whole(contract) for contract in contracts)))

    assert await states(escrow, contracts) == ["released", "held", "released"]
    assert await escrow.pool.fetchval("SELECT settle_at IS NOT NULL FROM hold WHERE contract_id = $1", contracts[1].contract_id)


async def test_a_run_of_an_unknown_contract_leaves_the_whole_batch_for_later(escrow: Escrow, buyer: str) -> None:
    (contract,) = await several(escrow, buyer, 1)

    with pytest.raises(NotYet):
        await train(escrow, heard(whole(contract), whole(terms(buyer))))

    assert await states(escrow, [contract]) == ["held"]


async def test_cancelled_contracts_get_everything_back_once(escrow: Escrow, buyer: str) -> None:
    contracts = await several(escrow, buyer, 4)
    cancelled = [ContractCancelled(contract_id=c.contract_id, round_intent_id="i", reason="r") for c in contracts]
    unknown = ContractCancelled(contract_id=new_id("contract"), round_intent_id="i", reason="r")

    for facts in (heard(*cancelled, unknown, *cancelled), heard(*cancelled)):
        async with escrow.pool.acquire() as conn, conn.transaction():
            await batches.cancelled(conn, facts)

    assert await states(escrow, contracts) == ["refunded"] * 4
    assert await escrow.balance(f"participant:{buyer}") == 4 * 2 * CREDIT


async def test_deliveries_that_wait_in_the_stream_are_paid_for(escrow: Escrow, buyer: str) -> None:
    contracts = [await escrow.held(terms(buyer, {f"s-{buyer}": CREDIT}, settlement="auto")) for _ in range(20)]

    for contract in contracts:
        await escrow.hear(whole(contract))
    for contract in contracts:
        await escrow.says(FundsReleased, contract.contract_id)

    assert await states(escrow, contracts) == ["released"] * 20
    assert await escrow.balance(f"participant:s-{buyer}") == 20 * 2 * CREDIT


async def test_fees_are_spread_over_accounts_and_read_as_one(escrow: Escrow, buyer: str) -> None:
    contracts = await several(escrow, buyer, 30)
    before = await escrow.pool.fetchval("SELECT coalesce(sum(balance), 0)::bigint FROM account WHERE account_id LIKE 'platform:%'")

    await train(escrow, heard(*(whole(contract) for contract in contracts)))

    accounts = {row["account_id"] for row in await escrow.pool.fetch("SELECT * FROM account WHERE account_id LIKE 'platform:%'")}
    assert {fees(contract.contract_id) for contract in contracts} <= accounts
    assert FEE_ACCOUNTS // 2 < len(accounts) <= FEE_ACCOUNTS
    trial = (await escrow.as_(Role.OPERATOR).get("/escrow/trial_balance")).json()
    lines = [line for line in trial["accounts"] if line["account_id"].startswith("platform:")]
    assert lines == [{"account_id": "platform:fees", "balance": (before + 30 * 2 * CREDIT * 25 // 1000) / CREDIT}]
    assert trial["sum"] == 0
