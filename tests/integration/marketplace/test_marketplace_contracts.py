"""Matches, previews and contracts: what is bound, what is only looked at, and what later facts make of a contract."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from services.marketplace.waiting import WAITERS
from shared.contracts.errors import ErrorCode
from shared.contracts.events import (
    BoundToRound,
    Delivery,
    FundsHeld,
    FundsRefunded,
    FundsReleased,
    HoldRefused,
    Payout,
    RoundCompleted,
    RunFinished,
    RunStarted,
)
from shared.kit.chain import GENESIS
from shared.kit.problems import problem_body
from tests.integration.marketplace.conftest import MICRO, Market, code, until


async def held(market: Market, contract_id: str) -> FundsHeld:
    """What the escrow says once it has locked the money of a contract."""
    said = await market.said("marketplace.contract_created.v1")
    terms = next(fact["terms"] for fact in said if fact["contract_id"] == contract_id)
    return FundsHeld.model_validate(
        {"contract_id": contract_id, "hold_id": f"hold-{contract_id}", "amount": terms["escrow_total"], "terms": terms}
    )


def refused(contract_id: str) -> HoldRefused:
    return HoldRefused(contract_id=contract_id, code="insufficient_funds", needed=4 * MICRO, available=MICRO)


async def test_a_match_binds_the_best_offers_that_the_budget_allows(market: Market) -> None:
    good = await market.offer(quality_score=0.9, price_per_round=3)
    await market.offer(quality_score=0.8, price_per_round=9)
    cheap = await market.offer(quality_score=0.7, price_per_round=1)
    intent = await market.intent(budget_total=8, rounds=2)

    response = await market.match(intent["round_intent_id"])

    contract = response.json()
    assert response.status_code == 201
    assert contract["contract_id"].startswith("contract-")
    assert [chosen["offer_id"] for chosen in contract["selected_offers"]] == [good["offer_id"], cheap["offer_id"]]
    assert (contract["offer_count"], contract["rounds"]) == (2, 2)
    assert (contract["agreed_price_per_round_total"], contract["escrow_total"]) == (4, 8)
    assert (contract["escrow_status"], contract["payout_status"], contract["execution_run_id"]) == ("pending", "pending", None)
    assert contract["selection_diagnostics"]["offers_evaluated"] == 3
    for chosen in contract["selected_offers"]:
        parts = chosen["score_breakdown"]
        assert parts["total"] == chosen["score"]
        assert parts["quality_component"] == pytest.approx(0.5 * chosen["quality_score"])
        assert parts["cost_component"] == pytest.approx(0.3 / (1 + chosen["price_per_round"]))
        assert parts["trust_component"] == pytest.approx(0.1)
    assert (await market.ok("GET", f"/round_intents/{intent['round_intent_id']}"))["status"] == "matched"
    assert await market.ok("GET", f"/contracts/{contract['contract_id']}") == contract
    assert await market.steps(contract["contract_id"]) == ["created"]
    [fact] = await market.said("marketplace.contract_created.v1")
    assert fact["terms"]["escrow_total"] == 8 * MICRO


async def test_a_match_takes_no_more_offers_than_asked_for(market: Market) -> None:
    for _ in range(5):
        await market.offer()

    for asked, expected in ((None, 3), (1, 1), (25, 5)):
        intent = await market.intent()
        body = {"round_intent_id": intent["round_intent_id"]} | ({} if asked is None else {"max_offers": asked})
        contract = await market.ok("POST", "/match", "model_owner", json=body)
        assert contract["offer_count"] == expected


async def test_an_intent_that_wants_more_offers_than_a_match_may_take_is_refused(market: Market) -> None:
    await market.offer()
    intent = await market.intent(min_providers=4)
    named = {"round_intent_id": intent["round_intent_id"]}
    asked = [
        ("/match", named),
        ("/match", named | {"max_offers": 3}),
        ("/policy/preview", named | {"policy_overrides": {"budget_total": 1}}),
        ("/policy/preview", named | {"max_offers": 4, "policy_overrides": {"min_providers": 5}}),
        ("/policy/draft", {"task_type": "classification", "min_providers": 4}),
    ]

    for path, body in asked:
        response = await market.call("POST", path, "model_owner", json=body)
        assert (response.status_code, code(response)) == (400, "invalid_max_offers"), path
        assert response.json()["details"]["min_providers"] in (4, 5)
    enough = {"max_offers": 4, "policy_overrides": {"min_providers": 1}}
    assert (await market.ok("POST", "/policy/preview", "model_owner", json=named | enough))["preview"]["has_match"]
    assert (await market.ok("GET", f"/round_intents/{intent['round_intent_id']}"))["status"] == "open"


async def test_what_does_not_match_is_told_with_counts_and_with_changes_that_help(market: Market) -> None:
    await market.offer(price_per_round=30)
    await market.offer(modality="image", status="paused", min_rounds=9)
    await market.offer(allowed_tasks=["regression"], quality_score=0.1, expires_at=int(time.time()) - 1)
    intent = await market.intent(required_modalities=["tabular"], min_quality_score=0.4, budget_total=20, rounds=2)

    response = await market.match(intent["round_intent_id"])

    details = response.json()["details"]
    assert (response.status_code, code(response)) == (422, "no_compatible_offers_found")
    assert (details["offers_evaluated"], details["compatible_offers"], details["budget_rejected"]) == (3, 1, 1)
    assert details["rejection_reasons"] == {
        "offer_not_active": 1,
        "min_rounds_not_met": 1,
        "modality_mismatch": 1,
        "offer_expired": 1,
        "task_not_supported": 1,
        "quality_below_threshold": 1,
    }
    raised = {"budget_total": 60}
    assert raised in [relaxation["changes"] for relaxation in details["relaxations"]]
    await market.ok("PATCH", f"/round_intents/{intent['round_intent_id']}", "model_owner", json=raised)
    assert (await market.match(intent["round_intent_id"])).status_code == 201


async def test_an_intent_is_matched_once(market: Market) -> None:
    await market.offer()
    intent_id = (await market.intent())["round_intent_id"]

    responses = await asyncio.gather(*(market.match(intent_id) for _ in range(5)))

    assert sorted(response.status_code for response in responses) == [201, 409, 409, 409, 409]
    assert {code(response) for response in responses if response.status_code == 409} == {"round_intent_not_open"}
    assert (await market.ok("GET", f"/contracts?round_intent_id={intent_id}"))["count"] == 1
    assert code(await market.match("intent-0")) == "round_intent_not_found"


async def test_a_match_sent_twice_with_one_key_is_made_once(market: Market) -> None:
    await market.offer()
    intent_id = (await market.intent())["round_intent_id"]
    headers = {"Idempotency-Key": "once"}

    first, second = await market.match(intent_id, headers=headers), await market.match(intent_id, headers=headers)

    assert second.json() == first.json()
    assert (first.headers.get("idempotency-hit"), second.headers.get("idempotency-hit")) == (None, "true")


async def test_an_offer_withdrawn_between_question_and_contract_is_never_contracted(market: Market) -> None:
    """The first answer names an offer that is withdrawn before the contract is written."""
    best = await market.offer(quality_score=1)
    other = await market.offer(quality_score=0.5)
    matching = market.runtime.extra["matching"]
    select = matching.select
    asked = 0

    async def slow(*policies: Any, **more: Any) -> Any:
        nonlocal asked
        answer = await select(*policies, **more)
        asked += 1
        if asked == 1:
            await market.ok("PATCH", f"/offers/{best['offer_id']}", "provider", json={"status": "withdrawn"})
        return answer

    matching.select = slow
    response = await market.match((await market.intent())["round_intent_id"])

    assert [chosen["offer_id"] for chosen in response.json()["selected_offers"]] == [other["offer_id"]]


async def test_a_matching_service_that_is_behind_or_away_is_said_and_binds_nothing(market: Market) -> None:
    await market.offer()
    intent_id = (await market.intent())["round_intent_id"]

    async def behind(_: dict[str, Any]) -> httpx.Response:
        body = problem_body(ErrorCode.MATCHING_BEHIND, {}, "/match/select")
        return httpx.Response(503, json=body, headers={"content-type": "application/problem+json"})

    async def away(_: dict[str, Any]) -> httpx.Response:
        raise httpx.ConnectError("refused")

    for answer, expected in ((behind, "matching_behind"), (away, "service_unavailable")):
        market.ask_instead(answer)
        response = await market.match(intent_id)
        assert (response.status_code, code(response)) == (503, expected)
        assert "retry-after" in response.headers

    assert (await market.ok("GET", f"/round_intents/{intent_id}"))["status"] == "open"
    assert (await market.ok("GET", "/contracts"))["count"] == 0


async def test_a_preview_compares_another_policy_with_the_intents_own_and_writes_nothing(market: Market) -> None:
    await market.offer(quality_score=0.6)
    await market.offer(quality_score=0.9, price_per_round=5)
    intent = await market.intent(budget_total=6)
    before = await market.pool.fetchval("SELECT count(*) FROM outbox")

    body = {"round_intent_id": intent["round_intent_id"], "policy_overrides": {"min_quality_score": 0.8, "budget_total": 0}}
    answer = await market.ok("POST", "/policy/preview", "model_owner", json=body)

    assert [o["quality_score"] for o in answer["preview"]["selected_offers"]] == [0.9]
    assert answer["preview"]["agreed_price_per_round_total"] == 5
    assert [o["quality_score"] for o in answer["baseline"]["selected_offers"]] == [0.6]
    assert (answer["preview"]["has_match"], answer["baseline"]["has_match"]) == (True, True)
    assert await market.pool.fetchval("SELECT count(*) FROM outbox") == before
    assert (await market.ok("GET", f"/round_intents/{intent['round_intent_id']}")) == intent


async def test_a_preview_works_on_an_intent_in_any_status(market: Market) -> None:
    await market.offer()
    intent_id = (await market.intent())["round_intent_id"]

    for status in ("open", "matched", "closed", "cancelled", "expired"):
        await market.pool.execute("UPDATE round_intent SET status = $1", status)
        answer = await market.ok("POST", "/policy/preview", "model_owner", json={"round_intent_id": intent_id})
        assert answer["preview"] == answer["baseline"]
        assert answer["preview"]["has_match"]
    response = await market.call("POST", "/policy/preview", json={"round_intent_id": "intent-0"})
    assert (response.status_code, code(response)) == (404, "round_intent_not_found")


async def test_a_draft_can_be_previewed_before_it_is_an_intent(market: Market) -> None:
    await market.offer()

    answer = await market.ok("POST", "/policy/draft", "model_owner", json={"task_type": "classification"})

    assert answer["preview"]["has_match"]
    assert (await market.ok("GET", "/round_intents"))["count"] == 0


async def test_contracts_are_listed_and_filtered(market: Market) -> None:
    made = [await market.contract(model_owner_id=owner) for owner in ("a", "b")]
    await market.say(await held(market, made[0]["contract_id"]))
    await market.reaches(made[0]["contract_id"], "escrow_locked")
    ids = [contract["contract_id"] for contract in made]

    for query, expected in {
        "": [ids[1], ids[0]],
        "?model_owner_id=a": [ids[0]],
        f"?round_intent_id={made[1]['round_intent_id']}": [ids[1]],
        "?escrow_status=locked": [ids[0]],
        "?payout_status=pending&limit=1": [ids[1]],
        "?payout_status=released": [],
        "?seller_node_id=nobody": [],
        "?seller_node_id=clinic-1": [ids[1], ids[0]],
    }.items():
        page = await market.ok("GET", f"/contracts{query}")
        assert [contract["contract_id"] for contract in page["contracts"]] == expected, query
        assert page["count"] == len(expected)


async def test_unknown_contracts_are_not_found(market: Market) -> None:
    for path in ("/contracts/contract-0", "/contracts/contract-0/timeline", "/contracts/contract-0?wait_for=created"):
        response = await market.call("GET", path)
        assert (response.status_code, code(response)) == (404, "contract_not_found")


async def test_money_that_is_not_there_ends_the_contract_and_opens_the_intent_again(market: Market) -> None:
    contract = await market.contract()

    await market.say(refused(contract["contract_id"]))
    await market.reaches(contract["contract_id"], "escrow_rejected")

    after = await market.ok("GET", f"/contracts/{contract['contract_id']}")
    assert after["escrow_status"] == "rejected"
    assert (await market.ok("GET", f"/round_intents/{contract['round_intent_id']}"))["status"] == "open"
    assert [fact["contract_id"] for fact in await market.said("marketplace.contract_cancelled.v1")] == [contract["contract_id"]]
    assert (await market.match(contract["round_intent_id"])).status_code == 201


async def test_an_intent_given_up_while_its_money_was_refused_stays_as_its_owner_wants_it(market: Market) -> None:
    contract = await market.contract()
    path = f"/round_intents/{contract['round_intent_id']}"
    await market.ok("PATCH", path, "model_owner", json={"status": "closed"})

    await market.say(refused(contract["contract_id"]))
    await market.reaches(contract["contract_id"], "escrow_rejected")

    assert (await market.ok("GET", path))["status"] == "closed"


async def test_facts_in_any_order_and_twice_make_the_timeline_of_the_contracts_life(market: Market) -> None:
    contract_id = (await market.contract())["contract_id"]
    offer_id = (await market.ok("GET", f"/contracts/{contract_id}"))["selected_offers"][0]["offer_id"]
    bound = BoundToRound(contract_id=contract_id, run_id="run-1", round_id="round-1", rounds=1, actor="model_owner")
    started = RunStarted(contract_id=contract_id, run_id="run-1", flower_run_id="7", nodes=("n",), sandbox=True)
    completed = RoundCompleted(contract_id=contract_id, run_id="run-1", round=1, accuracy=0.5, loss=1.0, seconds=1.0, providers=())
    finished = RunFinished(
        contract_id=contract_id,
        run_id="run-1",
        succeeded=True,
        reason="",
        rounds_completed=1,
        deliveries=(Delivery(seller_node_id="clinic-1", offer_id=offer_id, rounds_delivered=1, contribution=0.5),),
        accuracy=0.5,
        loss=1.0,
        model_sha256="0" * 64,
    )
    payout = Payout(seller_node_id="clinic-1", offer_id=offer_id, amount=2 * MICRO, rounds_delivered=1, rounds_agreed=1)
    released = FundsReleased(
        contract_id=contract_id,
        payouts=(payout,),
        returned=2 * MICRO,
        fee=0,
        early=False,
        actor="model_owner",
    )
    money = await held(market, contract_id)

    await market.say(finished, completed, started, bound, released, money, finished, money)
    await market.reaches(contract_id, "escrow_released", "training_completed")

    life = ["created", "escrow_locked", "bound_to_round", "round_started", "round_completed", "training_completed"]
    steps = await market.steps(contract_id)
    assert [step for step in steps if step != "escrow_released"] == life
    timeline = await market.ok("GET", f"/contracts/{contract_id}/timeline")
    assert [event["prev_hash"] for event in timeline["events"]] == [GENESIS, *(event["hash"] for event in timeline["events"][:-1])]
    assert timeline["head_hash"] == timeline["events"][-1]["hash"]
    assert [event["seq"] for event in timeline["events"]] == list(range(1, 8))
    contract = await market.ok("GET", f"/contracts/{contract_id}")
    assert (contract["escrow_status"], contract["payout_status"], contract["execution_run_id"]) == ("released", "released", "run-1")
    assert [(paid["seller_node_id"], paid["amount"]) for paid in contract["payouts"]] == [("clinic-1", 2)]
    assert contract["final_metrics"]["accuracy"] == 0.5
    assert contract["sandbox"] is True


async def test_a_refund_is_shown(market: Market) -> None:
    contract_id = (await market.contract())["contract_id"]
    refund = FundsRefunded(contract_id=contract_id, amount=4 * MICRO, reason="asked for", actor="operator")

    await market.say(await held(market, contract_id), refund)
    await market.reaches(contract_id, "escrow_refunded")

    contract = await market.ok("GET", f"/contracts/{contract_id}")
    assert (contract["escrow_status"], contract["payout_status"], contract["returned"]) == ("refunded", "refunded", 4)


async def test_a_long_poll_answers_with_the_event_or_when_its_time_is_up(market: Market) -> None:
    contract_id = (await market.contract())["contract_id"]
    path = f"/contracts/{contract_id}?wait_for=escrow_locked,escrow_rejected&timeout_ms="

    assert (await market.ok("GET", path + "0"))["escrow_status"] == "pending"
    waiting = asyncio.create_task(market.ok("GET", path + "20000"))
    await until(lambda: _is_awaited(contract_id))
    await market.say(await held(market, contract_id))

    assert (await waiting)["escrow_status"] == "locked"


async def test_a_fact_about_no_contract_is_buried_and_a_replay_that_fails_again_leaves_it_there(market: Market) -> None:
    await market.say(refused("contract-0"))

    async def buried() -> Any:
        return (await market.request("GET", "/ops/dead_letters")).json()["dead_letters"]

    [letter] = await until(buried)
    path = f"/ops/dead_letters/{letter['consumer']}/{letter['event_id']}/replay"
    response = await market.request("POST", path)

    assert letter["consumer"] == "marketplace-escrow"
    assert (response.status_code, code(response)) == (409, "replay_failed")
    assert await buried() == [letter]
    for wrong, expected in (
        ("nobody/" + letter["event_id"], "dead_letter_not_found"),
        ("marketplace-escrow/x", "invalid_event_id"),
    ):
        assert code(await market.request("POST", f"/ops/dead_letters/{wrong}/replay")) == expected


async def _is_awaited(contract_id: str) -> bool:
    return contract_id in WAITERS._by_contract
