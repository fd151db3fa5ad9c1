"""What a release would pay can be seen before it, is what it pays then, and moves nothing; afterwards it is what was paid."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.contracts.events import ContractTerms
from shared.contracts.values import new_id
from shared.kit.auth import Role
from tests.integration.escrow.conftest import CREDIT, Escrow, code, hold, terms

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"fee_basis_points": 250}
SHARED = ("payouts", "returned", "fee", "early", "settled_by", "fallback")


async def look(escrow: Escrow, contract_id: str, role: Role = Role.MODEL_OWNER) -> httpx.Response:
    return await escrow.as_(role).get(f"/escrow/contracts/{contract_id}/settlement")


async def shown(escrow: Escrow, contract: ContractTerms, role: Role = Role.MODEL_OWNER) -> dict[str, Any]:
    response = await look(escrow, contract.contract_id, role)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


@pytest.mark.parametrize("rule", ["delivery", "contribution"])
@pytest.mark.parametrize("rounds", [None, 0, 1, 2])
async def test_a_release_pays_what_the_preview_said(escrow: Escrow, buyer: str, rule: str, rounds: int | None) -> None:
    a, b = new_id("a"), new_id("b")
    contract = await escrow.held(terms(buyer, {a: 3_333_333, b: CREDIT}).model_copy(update={"settlement_rule": rule}))
    if rounds is not None:
        await escrow.trained(contract, {a: rounds, b: rounds}, worth={a: 0.2, b: 0.1})

    before = await shown(escrow, contract)
    assert before == await shown(escrow, contract)
    assert await escrow.balance(f"escrow:{contract.contract_id}") == contract.escrow_total
    released = (await escrow.release(contract.contract_id)).json()
    after = await shown(escrow, contract)

    assert {key: before[key] for key in SHARED} == {key: released[key] for key in SHARED}
    assert after == {**before, "state": "released", "refused_with": "contract_already_released"}
    assert (before["state"], before["amount"], before["early"]) == ("held", contract.escrow_total / CREDIT, rounds is None)
    assert before["settled_by"] == (rule if rounds is not None else "delivery")


async def test_it_says_with_which_code_a_release_by_the_caller_would_be_refused(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, {new_id("a"): CREDIT}))

    async def refused() -> dict[Role, str | None]:
        return {role: (await shown(escrow, contract, role))["refused_with"] for role in Role}

    nobody = {Role.REVIEWER: "forbidden", Role.SERVICE: "forbidden"}
    assert await refused() == {Role.MODEL_OWNER: None, Role.OPERATOR: None, Role.PROVIDER: "forbidden", **nobody}
    await escrow.trained(contract, {contract.sellers[0].seller_node_id: 2})
    assert await refused() == {Role.MODEL_OWNER: None, Role.OPERATOR: None, Role.PROVIDER: None, **nobody}
    await escrow.dispute(contract.contract_id)
    frozen = dict.fromkeys((Role.MODEL_OWNER, Role.OPERATOR, Role.PROVIDER), "contract_disputed")
    assert await refused() == {**frozen, **nobody}


async def test_it_says_when_the_contract_is_settled_by_itself(escrow: Escrow, buyer: str) -> None:
    seller = new_id("a")
    contract = terms(buyer, {seller: CREDIT}, settlement="auto").model_copy(update={"dispute_window_s": 3600})
    await escrow.held(contract)
    before = await shown(escrow, contract)
    await escrow.trained(contract, {seller: 2})
    after = await shown(escrow, contract)

    due = await escrow.pool.fetchval("SELECT settle_at FROM hold WHERE contract_id = $1", contract.contract_id)
    assert (before["settle_at"], after["settle_at"]) == (None, int(due.timestamp()))


async def test_where_nothing_is_held_any_more_it_says_what_was_done(escrow: Escrow, buyer: str) -> None:
    refunded, poor = await escrow.held(terms(buyer)), terms(new_id("poor"))
    await escrow.refund(refunded.contract_id)
    async with escrow.pool.acquire() as conn, conn.transaction():
        await hold(conn, poor)

    back, never = await shown(escrow, refunded), await shown(escrow, poor)

    assert (back["state"], back["refused_with"], back["payouts"], back["returned"]) == (
        "refunded",
        "contract_already_refunded",
        [],
        10,
    )
    assert (never["state"], never["refused_with"], never["payouts"], never["returned"]) == ("refused", "escrow_not_locked", [], 0)
    assert code(await look(escrow, "contract-unknown")) == "contract_not_found"
