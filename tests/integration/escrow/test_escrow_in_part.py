"""A release in part: who may name what, what is paid, and that money still moves once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from shared.contracts.events import BoundToRound, ContractTerms, FundsReleased
from shared.contracts.values import new_id
from shared.kit.auth import Role
from tests.integration.escrow.conftest import CREDIT, Escrow, code, terms

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"fee_basis_points": 250}


def two(buyer: str, *, rounds: int = 2, **changes: Any) -> ContractTerms:
    """A contract with two sellers of its own, at 4 and 6 credits a round."""
    agreed = terms(buyer, {new_id("a"): 4 * CREDIT, new_id("b"): 6 * CREDIT}, rounds=rounds)
    return agreed.model_copy(update=changes)


async def release(
    escrow: Escrow, contract: ContractTerms, *named: tuple[int, float | None], role: Role = Role.MODEL_OWNER
) -> httpx.Response:
    """Names sellers by their place, with an amount or without."""
    payouts = [
        {"offer_id": contract.sellers[place].offer_id} | ({} if amount is None else {"amount": amount}) for place, amount in named
    ]
    body = {"contract_id": contract.contract_id, "payouts": payouts}
    return await escrow.as_(role).post("/marketplace/escrow/release", json=body)


def sellers(contract: ContractTerms) -> tuple[str, str]:
    first, second = contract.sellers
    return first.seller_node_id, second.seller_node_id


async def test_a_named_amount_is_paid_less_the_fee_and_the_rest_goes_back(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(two(buyer))

    response = await release(escrow, contract, (0, 1.000001))
    said = await escrow.says(FundsReleased, contract.contract_id)

    assert response.status_code == 200, response.text
    assert [p["amount"] for p in response.json()["payouts"]] == [0.975001, 0]
    assert (response.json()["returned"], response.json()["fee"], response.json()["settled_by"]) == (18.999999, 0.025, "decision")
    assert (said.reason, said.settled_by) == ("requested in part", "decision")
    assert [await escrow.balance(f"participant:{name}") for name in (*sellers(contract), buyer)] == [975_001, 0, 18_999_999]
    assert code(await release(escrow, contract, (1, None))) == "contract_already_released"


async def test_a_named_provider_gets_what_the_rule_would_pay_it(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(two(buyer))
    a, b = sellers(contract)
    await escrow.trained(contract, {a: 1, b: 0})

    response = await release(escrow, contract, (0, None))

    assert [p["amount"] for p in response.json()["payouts"]] == [3.9, 0]
    assert response.json()["returned"] == 16


async def test_a_buyer_pays_nobody_less_than_is_due_for_delivered_rounds_and_an_operator_may(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(two(buyer))
    a, b = sellers(contract)
    await escrow.trained(contract, {a: 1, b: 2})

    for named in ([(0, 4)], [(0, 3.999999), (1, 12)], [(0, None), (1, 11.999999)]):
        refused = await release(escrow, contract, *named)
        assert (refused.status_code, code(refused)) == (409, "payout_below_due")
    assert refused.json()["details"]["due"] == {contract.sellers[0].offer_id: 4, contract.sellers[1].offer_id: 12}
    allowed = await release(escrow, contract, (1, 1), role=Role.OPERATOR)

    assert allowed.json()["returned"] == 19


async def test_what_is_due_is_what_the_agreed_rule_says(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(two(buyer, settlement_rule="contribution"))
    a, b = sellers(contract)
    await escrow.trained(contract, {a: 2, b: 2}, worth={a: 1.0, b: 0.0})

    refused = await release(escrow, contract, (0, 13.9), (1, 6))
    done = await release(escrow, contract, (0, None), (1, None))

    assert refused.json()["details"]["due"] == {contract.sellers[0].offer_id: 14, contract.sellers[1].offer_id: 6}
    assert [p["amount"] for p in done.json()["payouts"]] == [13.65, 5.85]


async def test_a_buyer_may_pay_more_than_is_due_as_long_as_it_is_held(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(two(buyer))
    await escrow.trained(contract, {sellers(contract)[0]: 1})

    too_much = await release(escrow, contract, (0, 20.000001))
    all_of_it = await release(escrow, contract, (0, 20))

    assert code(too_much) == "invalid_payouts"
    assert (all_of_it.json()["payouts"][0]["amount"], all_of_it.json()["returned"]) == (19.5, 0)


@pytest.mark.parametrize(
    "payouts",
    [
        [],
        [{"offer_id": "offer-of-nobody"}],
        [{"offer_id": "offer-of-nobody", "amount": 1}],
        [{"amount": 1}],
        [{"offer_id": "offer-of-seller-a", "amount": -1}],
        [{"offer_id": "offer-of-seller-a", "amount": 0.0000001}],
        [{"offer_id": "offer-of-seller-a", "amount": "1"}],
        [{"offer_id": "offer-of-seller-a", "amount": 10.000001}],
        [{"offer_id": "offer-of-seller-a", "amount": 6}, {"offer_id": "offer-of-seller-b", "amount": 6}],
        [{"offer_id": "offer-of-seller-a"}, {"offer_id": "offer-of-seller-a"}],
        [{"offer_id": "offer-of-seller-a"}] * 26,
        {"offer-of-seller-a": 1},
    ],
)
async def test_names_and_amounts_that_do_not_fit_are_refused_and_move_nothing(escrow: Escrow, buyer: str, payouts: object) -> None:
    contract = await escrow.held(terms(buyer))

    response = await escrow.as_(Role.OPERATOR).post(
        "/marketplace/escrow/release", json={"contract_id": contract.contract_id, "payouts": payouts}
    )

    assert code(response) == "invalid_payouts"
    assert await escrow.balance(f"escrow:{contract.contract_id}") == 10 * CREDIT


async def test_a_provider_names_no_amounts(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(two(buyer))
    a, b = sellers(contract)
    await escrow.trained(contract, {a: 2, b: 2})

    assert code(await release(escrow, contract, (0, None), role=Role.PROVIDER)) == "forbidden"
    assert (await escrow.release(contract.contract_id, Role.PROVIDER)).status_code == 200


async def test_a_release_in_part_waits_for_the_end_of_training_and_of_a_dispute(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(two(buyer))
    bound = BoundToRound(contract_id=contract.contract_id, run_id="run-1", round_id="r", rounds=2)
    await escrow.handled(await escrow.hear(bound))
    training = await release(escrow, contract, (0, None), role=Role.OPERATOR)
    await escrow.dispute(contract.contract_id)

    assert code(training) == "training_in_progress"
    assert code(await release(escrow, contract, (0, None))) == "contract_disputed"


async def test_of_a_release_in_part_and_a_whole_one_at_once_exactly_one_wins(escrow: Escrow) -> None:
    outcomes: Counter[tuple[str, ...]] = Counter()
    for _ in range(30):
        owner = new_id("owner")
        contract = await escrow.held(two(owner, rounds=1))
        whole, part = await asyncio.gather(escrow.release(contract.contract_id), release(escrow, contract, (0, 1)))
        outcomes[tuple(sorted("ok" if r.status_code == 200 else code(r) for r in (whole, part)))] += 1
        paid = [await escrow.balance(f"participant:{name}") for name in (*sellers(contract), owner)]
        assert paid == ([3_900_000, 5_850_000, 0] if whole.status_code == 200 else [975_000, 0, 9 * CREDIT])

    assert outcomes == {("contract_already_released", "ok"): 30}
