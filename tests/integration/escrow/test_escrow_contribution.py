"""Where the intent chose it, what is beyond the base goes to those whose updates made the model better."""

from __future__ import annotations

import pytest

from services.escrow import audit
from shared.contracts.events import ContractTerms, FundsReleased
from shared.contracts.values import new_id
from shared.kit.db import open_pool
from tests.integration.escrow.conftest import CREDIT, Escrow, run_finished, terms

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"fee_basis_points": 250, "dispute_window_s": 0}


def by_contribution(buyer: str, *floors: float, settlement: str = "manual", rounds: int = 2) -> ContractTerms:
    """A contract with a seller for each floor, each at 4 credits a round."""
    agreed = terms(buyer, {new_id("seller"): 4 * CREDIT for _ in floors}, rounds=rounds)
    sellers = tuple(s.model_copy(update={"min_payout_share": floor}) for s, floor in zip(agreed.sellers, floors, strict=True))
    return agreed.model_copy(update={"sellers": sellers, "settlement_rule": "contribution", "settlement": settlement})


def names(contract: ContractTerms) -> list[str]:
    return [seller.seller_node_id for seller in contract.sellers]


async def test_the_bonus_follows_the_measured_contribution_and_the_floor_holds(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(by_contribution(buyer, 0, 0, 0.75))
    a, b, c = names(contract)
    await escrow.trained(contract, {a: 2, b: 1, c: 2}, worth={a: 0.3, b: 0.1, c: -0.2})

    released = (await escrow.release(contract.contract_id)).json()
    said = await escrow.says(FundsReleased, contract.contract_id)

    # Due by delivery: 8, 4 and 8. Base: 4, 2 and 6; the pool of 8 is shared 3 to 1 to nothing; b's second round comes back.
    assert [(p["base"], p["bonus"]) for p in released["payouts"]] == [(4, 6), (2, 2), (6, 0)]
    assert [p["amount"] for p in released["payouts"]] == [9.75, 3.9, 5.85]
    assert (released["returned"], released["fee"]) == (4, 0.5)
    assert (released["settled_by"], released["fallback"]) == ("contribution", "")
    assert (said.settled_by, said.payouts[0].bonus) == ("contribution", 6 * CREDIT)
    assert [await escrow.balance(f"participant:{name}") for name in (a, b, c, buyer)] == [
        9_750_000,
        3_900_000,
        5_850_000,
        4_000_000,
    ]


async def test_where_one_delivery_was_not_measured_it_is_paid_by_delivery_and_said_so(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(by_contribution(buyer, 0, 0))
    a, b = names(contract)
    await escrow.trained(contract, {a: 2, b: 2}, worth={a: 0.3})

    released = (await escrow.release(contract.contract_id)).json()
    said = await escrow.says(FundsReleased, contract.contract_id)

    assert [p["amount"] for p in released["payouts"]] == [7.8, 7.8]
    assert (said.settled_by, said.fallback) == ("delivery", "the contributions were not measured")


async def test_contributions_of_several_runs_add_up_and_each_run_counts_once(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(by_contribution(buyer, 0, 0))
    a, b = names(contract)
    for worth in ({a: 0.5, b: -0.5}, {a: 9.0, b: 9.0}):  # the same run, said again under another id
        await escrow.handled(await escrow.hear(run_finished(contract, {a: 1, b: 1}, run_id="run-1", worth=worth)))
    await escrow.trained(contract, {a: 1, b: 1}, worth={a: -0.1, b: 0.7})

    released = (await escrow.release(contract.contract_id)).json()

    # 0.4 and 0.2 over both runs, of a pool of 8.
    assert [p["bonus"] for p in released["payouts"]] == [5.333333, 2.666667]


async def test_where_nobody_made_the_model_better_the_pool_goes_back(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(by_contribution(buyer, 0, 1))
    a, b = names(contract)
    await escrow.trained(contract, {a: 2, b: 2}, worth={a: 0.0, b: -3.0})

    released = (await escrow.release(contract.contract_id)).json()

    assert [(p["base"], p["bonus"]) for p in released["payouts"]] == [(4, 0), (8, 0)]
    assert released["returned"] == 4


async def test_it_is_settled_by_itself_in_the_same_way(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(by_contribution(buyer, 0, 0, settlement="auto"))
    a, b = names(contract)
    await escrow.trained(contract, {a: 2, b: 2}, worth={a: 1.0, b: 0.0})

    said = await escrow.says(FundsReleased, contract.contract_id)

    assert (said.reason, said.settled_by) == ("delivered", "contribution")
    assert [payout.bonus for payout in said.payouts] == [8 * CREDIT, 0]


async def test_the_audit_finds_nothing(escrow: Escrow) -> None:
    pool = await open_pool(escrow.dsn, service="escrow", size=1)
    async with pool.acquire() as conn:
        assert await audit.findings(conn) == []
    await pool.close()
