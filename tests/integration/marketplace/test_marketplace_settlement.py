"""What an intent chooses about its settlement is agreed in the contract and said to the escrow."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.events import FundsHeld, FundsReleased, Payout
from tests.integration.marketplace.conftest import MICRO, Market, code

CHOSEN = ("settlement", "dispute_window_s", "settlement_rule")
DEFAULTS = {"settlement": "manual", "dispute_window_s": None, "settlement_rule": "delivery"}


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"settlement": "auto", "dispute_window_s": 0},
        {"settlement": "manual", "settlement_rule": "contribution"},
        {"settlement": "auto", "dispute_window_s": 2_592_000, "settlement_rule": "contribution"},
    ],
)
async def test_the_intents_choice_is_in_the_contract_its_timeline_and_the_fact(market: Market, choice: dict[str, Any]) -> None:
    intent = await market.intent(**choice)
    await market.offer()
    contract = (await market.match(intent["round_intent_id"])).json()

    expected = {**DEFAULTS, **choice}
    [fact] = await market.said("marketplace.contract_created.v1")
    for place in (intent, contract, fact["terms"]):
        assert {field: place[field] for field in CHOSEN} == expected
    created = contract["timeline"][0]["data"]
    assert (created["settlement"], created["settlement_rule"]) == (expected["settlement"], expected["settlement_rule"])
    assert contract["settled_by"] is None


async def test_an_open_intents_settlement_can_be_changed_and_its_contract_keeps_what_it_was_made_on(market: Market) -> None:
    intent = await market.intent()
    path, changed = f"/round_intents/{intent['round_intent_id']}", {**DEFAULTS, "settlement": "auto", "dispute_window_s": 0}
    await market.offer()

    for field in ("settlement", "dispute_window_s"):
        await market.ok("PATCH", path, "model_owner", json={field: changed[field]})
    contract = (await market.match(intent["round_intent_id"])).json()
    late = await market.call("PATCH", path, "model_owner", json={"settlement_rule": "contribution"})

    [fact] = await market.said("marketplace.contract_created.v1")
    for place in (contract, fact["terms"]):
        assert {field: place[field] for field in CHOSEN} == changed
    assert (late.status_code, code(late)) == (409, "round_intent_not_open")


async def test_an_intent_that_does_not_say_is_settled_as_the_exchange_is_set(market: Market) -> None:
    market.runtime.settings = market.runtime.settings.model_copy(update={"settlement": "auto"})

    assert (await market.intent())["settlement"] == "auto"
    assert (await market.intent(settlement="manual"))["settlement"] == "manual"


async def test_a_contract_keeps_the_floor_of_the_offers_version_that_it_was_made_on(market: Market) -> None:
    offer = await market.offer(min_payout_share=0.9)
    contract = (await market.match((await market.intent())["round_intent_id"])).json()
    await market.ok("PATCH", f"/offers/{offer['offer_id']}", "provider", json={"min_payout_share": 0.1})

    [fact] = await market.said("marketplace.contract_created.v1")
    after = await market.ok("GET", f"/contracts/{contract['contract_id']}")
    assert [s["min_payout_share"] for s in fact["terms"]["sellers"]] == [0.9]
    assert [s["min_payout_share"] for s in after["selected_offers"]] == [0.9]


@pytest.mark.parametrize("fallback", ["", "the contributions were not measured"])
async def test_how_it_was_shared_in_the_end_is_in_the_contract_and_its_timeline(market: Market, fallback: str) -> None:
    contract = await market.contract(settlement_rule="contribution")
    contract_id, offer_id = contract["contract_id"], contract["selected_offers"][0]["offer_id"]
    [fact] = await market.said("marketplace.contract_created.v1")
    measured = {} if fallback else {"base": 2 * MICRO, "bonus": MICRO + 1}
    payout = Payout(seller_node_id="clinic-1", offer_id=offer_id, amount=3 * MICRO, rounds_agreed=2, **measured)
    settled_by = "delivery" if fallback else "contribution"
    await market.say(
        FundsHeld(contract_id=contract_id, hold_id="h", amount=4 * MICRO, terms=fact["terms"]),
        FundsReleased(
            contract_id=contract_id,
            payouts=(payout,),
            returned=1,
            early=True,
            actor="lab",
            settled_by=settled_by,
            fallback=fallback,
        ),
    )
    await market.reaches(contract_id, "escrow_released")

    shown = await market.ok("GET", f"/contracts/{contract_id}")
    told = shown["timeline"][-1]["data"]
    parts = {} if fallback else {"base": 2, "bonus": 1.000001}
    assert (shown["settlement_rule"], shown["settled_by"]) == ("contribution", settled_by)
    assert {"base": None, "bonus": None, **parts}.items() <= shown["payouts"][0].items()
    assert told["payouts"] == [
        {
            "seller_node_id": "clinic-1",
            "offer_id": offer_id,
            "amount": 3,
            "rounds_delivered": None,
            "rounds_agreed": 2,
            **parts,
        }
    ]
    assert (told["settled_by"], told.get("fallback", "")) == (settled_by, fallback)
