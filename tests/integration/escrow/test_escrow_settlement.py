"""A complete delivery is paid for by itself where that was agreed, and nobody trains for nothing by waiting."""

from __future__ import annotations

import pytest

from services.escrow import batches
from shared.contracts.events import BoundToRound, FundsRefunded, FundsReleased
from tests.integration.escrow.conftest import CREDIT, Escrow, code, terms

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"dispute_window_s": 0}


async def is_held(escrow: Escrow, contract_id: str) -> bool:
    return bool(await escrow.pool.fetchval("SELECT state = 'held' FROM hold WHERE contract_id = $1", contract_id))


async def test_a_complete_delivery_is_settled_at_once_where_there_is_no_window(escrow: Escrow, buyer: str) -> None:
    seller = f"{buyer}-seller"
    contract = await escrow.held(terms(buyer, {seller: CREDIT}, settlement="auto"))

    await escrow.trained(contract, {seller: 2})
    released = await escrow.says(FundsReleased, contract.contract_id)

    assert (released.actor, released.reason, released.early) == ("escrow", "delivered", False)
    assert await escrow.balance(f"participant:{seller}") == 2 * CREDIT


async def test_an_incomplete_delivery_is_not_settled_by_itself(escrow: Escrow, buyer: str) -> None:
    seller = f"{buyer}-seller"
    contract = await escrow.held(terms(buyer, {seller: CREDIT}, settlement="auto"))

    await escrow.trained(contract, {seller: 1})

    assert await is_held(escrow, contract.contract_id)


@pytest.mark.parametrize("settlement", [None, "manual"])
async def test_a_delivery_waits_for_a_release_where_nothing_else_was_agreed(
    escrow: Escrow, buyer: str, settlement: str | None
) -> None:
    seller = f"{buyer}-seller"
    contract = terms(buyer, {seller: CREDIT}).model_copy(update={"settlement": settlement})
    await escrow.held(contract)

    await escrow.trained(contract, {seller: 2})

    assert await is_held(escrow, contract.contract_id)


async def test_a_dispute_puts_the_settlement_off_until_it_ends(escrow: Escrow, buyer: str) -> None:
    seller = f"{buyer}-seller"
    contract = await escrow.held(terms(buyer, {seller: CREDIT}, settlement="auto"))
    dispute_id = await escrow.dispute(contract.contract_id)

    await escrow.trained(contract, {seller: 2})
    frozen = await is_held(escrow, contract.contract_id)
    for status in ("under_review", "rejected"):
        await escrow.move(dispute_id, status)
    released = await escrow.says(FundsReleased, contract.contract_id)

    assert frozen
    assert released.reason == "delivered"


@pytest.mark.parametrize("window_s", [0, 3600])
async def test_the_contracts_own_window_wins_over_the_setting(escrow: Escrow, buyer: str, window_s: int) -> None:
    seller = f"{buyer}-seller"
    contract = terms(buyer, {seller: CREDIT}, settlement="auto").model_copy(update={"dispute_window_s": window_s})
    await escrow.held(contract)

    await escrow.trained(contract, {seller: 2})
    waits = await escrow.pool.fetchval(
        "SELECT extract(epoch FROM settle_at - now()) FROM hold WHERE contract_id = $1 AND state = 'held'", contract.contract_id
    )

    assert waits is None if window_s == 0 else 3500 < waits <= 3600


async def test_a_settlement_is_a_resolution_like_any_other(escrow: Escrow, buyer: str) -> None:
    seller = f"{buyer}-seller"
    contract = await escrow.held(terms(buyer, {seller: CREDIT}, settlement="auto"))
    await escrow.trained(contract, {seller: 2})

    assert code(await escrow.release(contract.contract_id)) == "contract_already_released"


async def test_delivered_rounds_are_paid_for_when_the_hold_expires(escrow: Escrow, buyer: str) -> None:
    seller = f"{buyer}-seller"
    contract = await escrow.held(terms(buyer, {seller: CREDIT}, rounds=4))
    await escrow.trained(contract, {seller: 3})

    await escrow.pool.execute("UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id = $1", contract.contract_id)
    released = await escrow.says(FundsReleased, contract.contract_id)

    assert (released.reason, released.returned) == ("expired", CREDIT)
    assert await escrow.balance(f"participant:{seller}") == 3 * CREDIT
    assert escrow.said(FundsRefunded, contract.contract_id) == []


async def test_a_hold_that_runs_out_in_the_middle_of_training_waits_for_its_end(escrow: Escrow, buyer: str) -> None:
    seller = f"{buyer}-seller"
    contract = await escrow.held(terms(buyer, {seller: CREDIT}, rounds=4))
    bound = BoundToRound(contract_id=contract.contract_id, run_id="run-1", round_id="r", rounds=4)
    await escrow.handled(await escrow.hear(bound))
    await escrow.pool.execute("UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id = $1", contract.contract_id)
    async with escrow.pool.acquire() as conn, conn.transaction():
        await batches.end_due_holds(conn, fee_basis_points=0)
    during = await is_held(escrow, contract.contract_id)

    await escrow.trained(contract, {seller: 1}, run_id="run-1")
    released = await escrow.says(FundsReleased, contract.contract_id)

    assert during
    assert (released.reason, released.returned) == ("expired", 3 * CREDIT)
