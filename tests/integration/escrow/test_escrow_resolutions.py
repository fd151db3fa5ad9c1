"""A hold is resolved at most once, for what was delivered, and every later try has its own code."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable

import httpx
import pytest

from services.escrow import batches
from shared.contracts.events import BoundToRound, FundsRefunded, FundsReleased
from shared.contracts.values import new_id
from shared.kit.auth import Role
from tests.integration.escrow.conftest import CREDIT, Escrow, code, terms

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"fee_basis_points": 250}


def sellers(**prices: float) -> dict[str, int]:
    """Sellers of this test's own, with their price per round in credits."""
    mark = new_id("seller")
    return {f"{mark}-{name}": int(price * CREDIT) for name, price in prices.items()}


def outcome(response: httpx.Response) -> str:
    return "ok" if response.status_code == 200 else code(response)


async def balances(escrow: Escrow, *participants: str) -> list[float]:
    return [await escrow.balance(f"participant:{name}") / CREDIT for name in participants]


async def test_a_release_before_training_pays_in_full_and_says_so(escrow: Escrow, buyer: str) -> None:
    a, b = (prices := sellers(a=3, b=2))
    contract = await escrow.held(terms(buyer, prices))

    response = await escrow.release(contract.contract_id)
    said = await escrow.says(FundsReleased, contract.contract_id)

    agreed = {"rounds_agreed": 2, "base": None, "bonus": None}

    assert response.json() == {
        "contract_id": contract.contract_id,
        "escrow_status": "released",
        "payout_status": "released",
        "payouts": [
            {"seller_node_id": a, "offer_id": f"offer-of-{a}", "amount": 5.85, "rounds_delivered": None, **agreed},
            {"seller_node_id": b, "offer_id": f"offer-of-{b}", "amount": 3.9, "rounds_delivered": None, **agreed},
        ],
        "returned": 0,
        "fee": 0.25,
        "early": True,
        "settled_by": "delivery",
        "fallback": "",
    }
    assert await balances(escrow, a, b, buyer) == [5.85, 3.9, 0]
    assert (said.early, said.actor, said.fee, said.returned) == (True, "model_owner", 250_000, 0)


async def test_a_release_after_training_pays_what_was_delivered_and_returns_the_rest(escrow: Escrow, buyer: str) -> None:
    a, b = (prices := sellers(a=3, b=2))
    contract = await escrow.held(terms(buyer, prices, rounds=4))
    await escrow.trained(contract, {a: 4, b: 1})

    response = await escrow.release(contract.contract_id)

    assert [p["rounds_delivered"] for p in response.json()["payouts"]] == [4, 1]
    assert response.json()["early"] is False
    assert await balances(escrow, a, b, buyer) == [11.7, 1.95, 6]


async def test_deliveries_of_several_runs_add_up_and_stop_at_what_was_agreed(escrow: Escrow, buyer: str) -> None:
    a, b = (prices := sellers(a=4, b=4))
    contract = await escrow.held(terms(buyer, prices, rounds=4))
    await escrow.trained(contract, {a: 3, b: 1})
    await escrow.trained(contract, {a: 3, b: 1, "nobody": 4})

    await escrow.release(contract.contract_id)

    assert await balances(escrow, a, b, buyer) == [15.6, 7.8, 8]


async def test_a_run_that_delivered_nothing_pays_nobody(escrow: Escrow, buyer: str) -> None:
    (a,) = (prices := sellers(a=3))
    contract = await escrow.held(terms(buyer, prices))
    await escrow.trained(contract, {a: 0})

    response = await escrow.release(contract.contract_id)

    assert (response.json()["returned"], response.json()["fee"]) == (6, 0)
    assert await balances(escrow, a, buyer) == [0, 6]


async def test_prices_of_single_micro_credits_are_shared_to_the_last_one(escrow: Escrow, buyer: str) -> None:
    a, b, c = (prices := sellers(a=0.000001, b=0.000007, c=33.333333))
    contract = await escrow.held(terms(buyer, prices, rounds=3))

    await escrow.release(contract.contract_id)

    paid = [await escrow.balance(f"participant:{name}") for name in (a, b, c)]
    gross = 3 * (1 + 7 + 33_333_333)
    assert sum(paid) == gross - gross * 250 // 10_000
    assert await escrow.balance(f"escrow:{contract.contract_id}") == 0


async def test_one_seller_of_two_offers_is_paid_for_both(escrow: Escrow, buyer: str) -> None:
    contract = terms(buyer, sellers(a=3, b=2))
    name = contract.sellers[0].seller_node_id
    both = tuple(seller.model_copy(update={"seller_node_id": name}) for seller in contract.sellers)
    await escrow.held(contract.model_copy(update={"sellers": both}))

    await escrow.release(contract.contract_id)

    assert await balances(escrow, name) == [9.75]


async def test_a_buyer_who_sells_to_itself_pays_only_the_fee(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, {buyer: 4 * CREDIT}, rounds=1))

    await escrow.release(contract.contract_id)

    assert await balances(escrow, buyer) == [3.9]


async def test_after_a_release_every_resolution_is_told_so(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, sellers(a=1)))
    await escrow.release(contract.contract_id)

    assert code(await escrow.release(contract.contract_id)) == "contract_already_released"
    assert code(await escrow.refund(contract.contract_id)) == "contract_already_released"


async def test_after_a_refund_every_resolution_is_told_so(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, sellers(a=1)))
    response = await escrow.refund(contract.contract_id)
    said = await escrow.says(FundsRefunded, contract.contract_id)

    assert response.json()["amount"] == 2
    assert (said.amount, said.reason, said.actor) == (2 * CREDIT, "requested", "model_owner")
    assert await balances(escrow, buyer) == [2]
    assert code(await escrow.release(contract.contract_id)) == "contract_already_refunded"
    assert code(await escrow.refund(contract.contract_id)) == "contract_already_refunded"


async def test_a_provider_may_claim_only_once_every_round_is_delivered(escrow: Escrow, buyer: str) -> None:
    a, b = (prices := sellers(a=3, b=2))
    contract = await escrow.held(terms(buyer, prices))

    before = await escrow.release(contract.contract_id, Role.PROVIDER)
    await escrow.trained(contract, {a: 2, b: 1})
    between = await escrow.release(contract.contract_id, Role.PROVIDER)
    await escrow.trained(contract, {b: 1})
    after = await escrow.release(contract.contract_id, Role.PROVIDER)

    assert [outcome(before), outcome(between), outcome(after)] == ["forbidden", "forbidden", "ok"]


async def test_a_refund_waits_for_the_end_of_training(escrow: Escrow, buyer: str) -> None:
    (a,) = (prices := sellers(a=3))
    contract = await escrow.held(terms(buyer, prices))
    bound = BoundToRound(contract_id=contract.contract_id, run_id="run-1", round_id="r", rounds=2)
    await escrow.handled(await escrow.hear(bound))

    during = await escrow.refund(contract.contract_id, Role.OPERATOR)
    await escrow.trained(contract, {a: 0})  # another run's end does not end this one
    still = await escrow.refund(contract.contract_id, Role.OPERATOR)

    assert [outcome(during), outcome(still)] == ["training_in_progress", "training_in_progress"]


async def test_delivered_rounds_are_refunded_by_an_operator_only(escrow: Escrow, buyer: str) -> None:
    (a,) = (prices := sellers(a=3))
    contract = await escrow.held(terms(buyer, prices))
    await escrow.trained(contract, {a: 1})

    refused = await escrow.refund(contract.contract_id, Role.MODEL_OWNER)
    allowed = await escrow.refund(contract.contract_id, Role.OPERATOR)

    assert [outcome(refused), outcome(allowed)] == ["rounds_delivered", "ok"]
    assert refused.json()["details"]["delivered"] == {f"offer-of-{a}": 1}


async def test_a_repeated_key_gets_the_first_answer_and_moves_nothing(escrow: Escrow, buyer: str) -> None:
    (a,) = (prices := sellers(a=3))
    contract = await escrow.held(terms(buyer, prices))
    client, key = escrow.as_(Role.MODEL_OWNER), {"Idempotency-Key": new_id("key")}

    first = await client.post("/marketplace/escrow/release", json={"contract_id": contract.contract_id}, headers=key)
    again = await client.post("/marketplace/escrow/release", json={"contract_id": contract.contract_id}, headers=key)
    other = await client.post("/marketplace/escrow/release", json={"contract_id": "contract-other"}, headers=key)

    assert again.content == first.content
    assert (first.headers.get("idempotency-hit"), again.headers.get("idempotency-hit")) == (None, "true")
    assert code(other) == "idempotency_key_reused"
    assert await balances(escrow, a) == [5.85]


async def race(*tries: Awaitable[httpx.Response]) -> Counter[str]:
    return Counter(outcome(response) for response in await asyncio.gather(*tries))


async def test_of_two_releases_at_once_exactly_one_wins_a_hundred_times(escrow: Escrow) -> None:
    """P1.4"""
    results: Counter[tuple[tuple[str, int], ...]] = Counter()
    for _ in range(100):
        contract = await escrow.held(terms(new_id("owner"), sellers(a=1), rounds=1))
        found = await race(escrow.release(contract.contract_id), escrow.release(contract.contract_id, Role.OPERATOR))
        results[tuple(sorted(found.items()))] += 1

    assert results == {(("contract_already_released", 1), ("ok", 1)): 100}


async def test_of_a_release_and_a_refund_at_once_exactly_one_wins(escrow: Escrow) -> None:
    for _ in range(30):
        (a,) = (prices := sellers(a=1))
        owner = new_id("owner")
        contract = await escrow.held(terms(owner, prices, rounds=1))

        found = await race(escrow.release(contract.contract_id), escrow.refund(contract.contract_id))

        assert found in ({"ok": 1, "contract_already_released": 1}, {"ok": 1, "contract_already_refunded": 1})
        paid, back = await balances(escrow, a, owner)
        assert (paid, back) == ((0.975, 0) if found["contract_already_released"] else (0, 1))


async def test_a_dispute_that_comes_before_a_release_freezes_it_and_one_that_comes_after_does_not(escrow: Escrow) -> None:
    for _ in range(30):
        (a,) = (prices := sellers(a=1))
        contract = await escrow.held(terms(new_id("owner"), prices, rounds=1))

        released, _ = await asyncio.gather(escrow.release(contract.contract_id), escrow.dispute(contract.contract_id))

        assert outcome(released) in {"ok", "contract_disputed"}
        assert await balances(escrow, a) == [0.975 if outcome(released) == "ok" else 0]


async def test_an_expiry_and_a_release_at_once_move_the_money_once(escrow: Escrow) -> None:
    async def expire() -> None:
        async with escrow.pool.acquire() as conn, conn.transaction():
            await batches.end_due_holds(conn, fee_basis_points=250)

    for _ in range(30):
        (a,) = (prices := sellers(a=1))
        owner = new_id("owner")
        contract = await escrow.held(terms(owner, prices, rounds=1))
        await escrow.pool.execute("UPDATE hold SET expires_at = now() WHERE contract_id = $1", contract.contract_id)

        released, _ = await asyncio.gather(escrow.release(contract.contract_id), expire())

        paid, back = await balances(escrow, a, owner)
        assert (outcome(released), paid, back) in {("ok", 0.975, 0), ("hold_expired", 0, 1)}


async def test_money_in_all_directions_at_once_ends_in_no_deadlock_and_no_loss(escrow: Escrow) -> None:
    """Every participant buys from every other, all at the same time: locks are taken in one order."""
    mark = new_id("peer")
    peers = [f"{mark}-{n}" for n in range(5)]
    contracts = [
        await escrow.held(terms(buyer, {seller: CREDIT}, rounds=1)) for buyer in peers for seller in peers if buyer != seller
    ]

    found = await race(*(escrow.release(contract.contract_id) for contract in contracts))

    assert found == {"ok": 20}
    assert await balances(escrow, *peers) == [3.9] * 5
