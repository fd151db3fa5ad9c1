"""A provider dropped out: the next best offers train the rounds that are left, within the money that is held."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.events import BoundToRound, Delivery, ProviderRound, RoundCompleted, RunFinished, RunStarted
from tests.integration.marketplace.conftest import Market, code
from tests.integration.marketplace.test_marketplace_contracts import held

ROUNDS = 5


async def dropped(market: Market, *, failed: bool = True) -> tuple[dict[str, Any], str, str]:
    """A contract of two sellers over five rounds, of which one was delivered by both and one by the first alone, and the
    offers of the one that stayed and of the one that dropped out."""
    for seller, quality in (("stays", 0.9), ("drops", 0.8)):
        await market.offer(seller_node_id=seller, quality_score=quality, price_per_round=2)
    intent = await market.intent(rounds=ROUNDS, budget_total=20)
    contract = (await market.match(intent["round_intent_id"])).json()
    contract_id = contract["contract_id"]
    offers = {chosen["seller_node_id"]: chosen["offer_id"] for chosen in contract["selected_offers"]}
    await market.say(
        await held(market, contract_id), BoundToRound(contract_id=contract_id, run_id="run-1", round_id="r", rounds=ROUNDS)
    )
    await market.say(RunStarted(contract_id=contract_id, run_id="run-1", flower_run_id="1", nodes=("1", "2"), sandbox=False))
    oks = {1: ("stays", "drops"), 2: ("stays",)}
    for number, ok in oks.items():
        providers = tuple(
            ProviderRound(seller_node_id=seller, offer_id=offer_id, node_id=seller, ok=seller in ok)
            for seller, offer_id in offers.items()
        )
        await market.say(
            RoundCompleted(
                contract_id=contract_id, run_id="run-1", round=number, accuracy=0.5, loss=1, seconds=1, providers=providers
            )
        )
    await market.say(
        RunFinished(
            contract_id=contract_id,
            run_id="run-1",
            succeeded=not failed,
            reason="quorum_lost" if failed else "",
            rounds_completed=2,
            deliveries=tuple(
                Delivery(
                    seller_node_id=seller,
                    offer_id=offer_id,
                    rounds_delivered=sum(seller in ok for ok in oks.values()),
                    contribution=None,
                )
                for seller, offer_id in offers.items()
            ),
            last_outcomes=tuple(
                ProviderRound(seller_node_id=seller, offer_id=offer_id, node_id=seller, ok=seller == "stays")
                for seller, offer_id in offers.items()
            ),
        )
    )
    await market.reaches(contract_id, "training_failed" if failed else "training_completed")
    return contract, offers["stays"], offers["drops"]


async def replace(market: Market, contract: dict[str, Any], **body: Any) -> Any:
    return await market.call("POST", f"/contracts/{contract['contract_id']}/replacements", "model_owner", json=body)


async def test_the_next_best_offer_trains_what_is_left_within_what_is_held(market: Market) -> None:
    contract, stays, drops = await dropped(market)
    # Held are 20, promised 10 to who stays and 2 for the round that was delivered: 8 are left for 3 rounds.
    await market.offer(seller_node_id="dear", quality_score=0.99, price_per_round=3)
    best = await market.offer(seller_node_id="comes", quality_score=0.7, price_per_round=2.5)
    await market.offer(seller_node_id="worse", quality_score=0.2, price_per_round=2.5)

    answer = await replace(market, contract)

    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert [(s["offer_id"], s["rounds"], s["retired"]) for s in shown["selected_offers"]] == [
        (stays, None, False),
        (drops, 1, True),
        (best["offer_id"], 3, False),
    ]
    assert (shown["escrow_total"], shown["agreed_price_per_round_total"]) == (20, 4.5)
    entry = shown["timeline"][-1]
    assert (entry["event"], entry["data"]) == (
        "provider_replaced",
        {
            "version": 2,
            "replaced": [{"offer_id": drops, "rounds_delivered": 1}],
            "by": [{"offer_id": best["offer_id"], "version": 1, "seller_node_id": "comes", "price_per_round": 2.5, "rounds": 3}],
        },
    )
    [fact] = await market.said("marketplace.provider_replaced.v1")
    assert (fact["replaced"], fact["by"], fact["terms"]["version"]) == ([drops], [best["offer_id"]], 2)
    assert [(s["offer_id"], s["rounds"], s["retired"]) for s in fact["terms"]["sellers"]] == [
        (stays, None, False),
        (drops, 1, True),
        (best["offer_id"], 3, False),
    ]
    # Who came and who went are parties to the contract.
    for seller in ("comes", "drops"):
        listed = await market.ok("GET", f"/contracts?seller_node_id={seller}")
        assert [c["contract_id"] for c in listed["contracts"]] == [contract["contract_id"]]


async def test_the_same_provider_is_not_replaced_twice_and_the_next_can_be(market: Market) -> None:
    contract, stays, drops = await dropped(market)
    await market.offer(seller_node_id="comes", price_per_round=2)
    assert (await replace(market, contract)).status_code == 200
    await market.offer(seller_node_id="another", price_per_round=2)

    again = await replace(market, contract)
    named = await replace(market, contract, offer_ids=[stays])

    assert (code(again), again.json()["details"]["rounds_left"]) == ("nothing_to_replace", 3)
    assert drops not in again.json()["details"]["offers"]
    assert named.status_code == 200, named.text
    assert [(s["seller_node_id"], s["rounds"]) for s in named.json()["selected_offers"] if not s["retired"]] == [
        ("comes", 3),
        ("another", 3),
    ]


async def test_where_nobody_can_be_paid_the_contract_stays_as_it_is(market: Market) -> None:
    contract, _, _ = await dropped(market)
    await market.offer(seller_node_id="dear", price_per_round=3)

    answer = await replace(market, contract)

    assert code(answer) == "no_compatible_offers_found"
    assert "provider_replaced" not in await market.steps(contract["contract_id"])
    assert await market.said("marketplace.provider_replaced.v1") == []


async def test_a_repeated_request_replaces_once(market: Market) -> None:
    contract, _, _ = await dropped(market)
    await market.offer(seller_node_id="comes", price_per_round=2)
    path = f"/contracts/{contract['contract_id']}/replacements"

    answers = [
        await market.call("POST", path, "model_owner", json={}, headers={"idempotency-key": "a-key-of-mine"}) for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert len(await market.said("marketplace.provider_replaced.v1")) == 1


async def test_without_a_failed_run_nobody_is_replaced_unless_named(market: Market) -> None:
    contract, _, drops = await dropped(market, failed=False)
    await market.offer(seller_node_id="comes", price_per_round=2)

    assert code(await replace(market, contract)) == "nothing_to_replace"
    assert code(await replace(market, contract, offer_ids=["offer-of-nobody"])) == "nothing_to_replace"
    assert (await replace(market, contract, offer_ids=[drops])).status_code == 200


async def test_a_contract_without_held_money_or_with_an_active_run_is_not_ready(market: Market) -> None:
    pending = await market.contract()
    contract_id = pending["contract_id"]
    before = await replace(market, pending)
    await market.say(await held(market, contract_id), BoundToRound(contract_id=contract_id, run_id="run-1", round_id="r", rounds=2))
    await market.reaches(contract_id, "bound_to_round")
    during = await replace(market, pending)

    assert (code(before), before.json()["details"]["state"]) == ("contract_not_ready", "pending")
    assert (code(during), during.json()["details"]["state"]) == ("contract_not_ready", "bound")
    assert code(await market.call("POST", "/contracts/contract-x/replacements", "model_owner", json={})) == "contract_not_found"


@pytest.mark.parametrize("offer_ids", ["offer-1", [1], [""], None, ["o"] * 101])
async def test_what_is_no_list_of_ids_is_refused(market: Market, offer_ids: Any) -> None:
    contract = await market.contract()

    answer = await replace(market, contract, offer_ids=offer_ids)

    assert (answer.status_code, code(answer)) == (400, "invalid_offer_ids")
