"""What the market says about its matches: how another policy differs, what was decided and by what, and why an offer is not chosen."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from deploy import decisions
from shared.kit.chain import digest
from tests.integration.marketplace.conftest import Market, code


async def test_a_preview_says_what_is_gained_and_lost_against_the_intents_own_policy(market: Market) -> None:
    cheap = await market.offer(quality_score=0.6)
    good = await market.offer(quality_score=0.9, price_per_round=5)
    intent = await market.intent(budget_total=6)

    body = {"round_intent_id": intent["round_intent_id"], "policy_overrides": {"min_quality_score": 0.8, "budget_total": 0}}
    answer = await market.ok("POST", "/policy/preview", "model_owner", json=body)

    difference = answer["difference"]
    assert (difference["offers_gained"], difference["offers_lost"]) == ([good["offer_id"]], [cheap["offer_id"]])
    assert (difference["agreed_price_per_round_total"], difference["total_price"]) == (3, 6)
    scores = [answer[side]["selected_offers"][0]["score"] for side in ("preview", "baseline")]
    assert difference["total_score"] == round(scores[0] - scores[1], 9)
    assert difference["compatible_offers"] == -1
    assert answer["sweep"] is None


async def test_a_sweep_is_one_question_to_matching_and_says_what_each_value_would_give(market: Market) -> None:
    await market.offer(quality_score=0.6, price_per_round=2)
    await market.offer(quality_score=0.9, price_per_round=5.5)
    intent_id = (await market.intent(budget_total=1))["round_intent_id"]
    http, asked = market.runtime.extra["matching"]._http, []
    post = http.request

    async def noting(method: str, path: str, **more: Any) -> Any:
        asked.append(path)
        return await post(method, path, **more)

    http.request = noting
    body = {"round_intent_id": intent_id, "sweep": {"field": "budget_total", "values": [15, 3.9, 4, 11, 0]}}
    by_budget = (await market.ok("POST", "/policy/preview", "model_owner", json=body))["sweep"]

    assert asked == ["/match/select", "/match/select", "/match/sweep"]
    assert by_budget["field"] == "budget_total"
    assert [(p["value"], p["offers"], p["total_price"]) for p in by_budget["points"]] == [
        (15, 2, 15),
        (3.9, 0, None),
        (4, 1, 4),
        (11, 1, 11),
        (0, 2, 15),
    ]
    assert [p["has_match"] for p in by_budget["points"]] == [True, False, True, True, True]

    overrides = {"budget_total": 100, "max_offers": 1}
    body = {"round_intent_id": intent_id, "policy_overrides": {"budget_total": 100}, "max_offers": 1}
    body["sweep"] = {"field": "min_quality_score", "values": [0, 0.75, 1]}
    points = (await market.ok("POST", "/policy/preview", "model_owner", json=body))["sweep"]["points"]
    for point in points:
        tried = {**overrides, "min_quality_score": point["value"]}
        alone = await market.ok(
            "POST",
            "/policy/preview",
            "model_owner",
            json={"round_intent_id": intent_id, "max_offers": tried.pop("max_offers"), "policy_overrides": tried},
        )
        chosen = alone["preview"]["selected_offers"]
        assert point["offers"] == len(chosen)
        assert point["total_score"] == (chosen[0]["score"] if chosen else None)
    assert [point["compatible_offers"] for point in points] == [2, 1, 0]


async def verdicts(market: Market) -> list[decisions.Verdict]:
    async with market.pool.acquire() as conn:
        ids = await conn.fetch("SELECT contract_id FROM decision ORDER BY decided_at")
        return [await decisions.replay(conn, row["contract_id"]) for row in ids]


async def test_a_contract_says_what_decided_it_and_what_else_was_to_be_had(market: Market) -> None:
    dear = await market.offer(quality_score=1, price_per_round=10)
    first = await market.offer(quality_score=0.9, price_per_round=5, seller_node_id="clinic-2")
    second = await market.offer(quality_score=0.9, price_per_round=4, seller_node_id="clinic-3")
    await market.offer(modality="image")
    intent = await market.intent(budget_total=20, rounds=2, required_modalities=["tabular"])

    contract = (await market.match(intent["round_intent_id"])).json()
    decided = await market.ok("GET", f"/contracts/{contract['contract_id']}/decision", "model_owner")

    assert sorted(decided["chosen"]["offer_ids"]) == sorted([first["offer_id"], second["offer_id"]])
    assert (decided["chosen"]["total_price"], decided["chosen"]["proven"]) == (18, True)
    assert decided["greedy"]["offer_ids"] == [dear["offer_id"]]
    assert decided["runner_up"]["total_score"] < decided["chosen"]["total_score"] <= decided["upper_bound"]
    lost = decided["chosen"]["total_score"] - decided["greedy"]["total_score"]
    assert decided["greedy_regret"] == pytest.approx(lost, abs=1e-9)
    assert decided["book"]["offers_evaluated"] == 4
    assert decided["book"]["compatible_offers"] == 3
    assert decided["hash"] == digest(decided["record"])
    assert len(decided["code"]) == 64
    for role in ("operator", "reviewer"):
        assert await market.ok("GET", f"/contracts/{contract['contract_id']}/decision", role) == decided
    assert code(await market.call("GET", f"/contracts/{contract['contract_id']}/decision", "provider")) == "forbidden"


async def test_decisions_are_made_again_from_the_recorded_offers_to_the_same_hash(market: Market) -> None:
    """Whatever became of the offers since, and whatever was written while matching was asked."""
    offers = [await market.offer(quality_score=0.5 + n / 20, price_per_round=n, seller_node_id=f"s{n}") for n in range(1, 7)]
    select = market.runtime.extra["matching"].select

    async def while_something_is_written(*policies: Any, **more: Any) -> Any:
        await market.offer(quality_score=0.95, price_per_round=1, seller_node_id="late")
        answer = await select(*policies, **more)
        await market.offer(quality_score=0.99, price_per_round=1, seller_node_id="too late")
        return answer

    market.runtime.extra["matching"].select = while_something_is_written
    for fields in ({"budget_total": 9}, {"one_offer_per_seller": True, "min_quality_score": 0.7}, {"min_providers": 2}):
        assert (await market.match((await market.intent(**fields))["round_intent_id"])).status_code == 201
    for offer in offers:
        await market.ok("PATCH", f"/offers/{offer['offer_id']}", "provider", json={"price_per_round": 99, "status": "paused"})

    assert [(verdict.problem, verdict.other_code) for verdict in await verdicts(market)] == [("", False)] * 3


async def test_a_truthful_contract_pays_what_the_auction_says_and_can_be_decided_again(market: Market) -> None:
    """Each gets what it could have asked for at most; hold and payouts follow the contract's prices."""
    offers = [await market.offer(quality_score=0.8, price_per_round=n, seller_node_id=f"s{n}") for n in (2, 3, 5)]
    intent = await market.intent(budget_total=40, rounds=2, pricing="truthful")

    body = {"round_intent_id": intent["round_intent_id"], "max_offers": 2}
    contract = await market.ok("POST", "/match", "model_owner", json=body)
    decided = await market.ok("GET", f"/contracts/{contract['contract_id']}/decision", "model_owner")

    assert intent["pricing"] == "truthful"
    told = {o["offer_id"]: (o["price_per_round"], o["asked_price_per_round"]) for o in contract["selected_offers"]}
    assert told == {offers[0]["offer_id"]: (5, 2), offers[1]["offer_id"]: (5, 3)}
    assert (contract["agreed_price_per_round_total"], contract["escrow_total"]) == (10, 20)
    [fact] = await market.said("marketplace.contract_created.v1")
    assert [seller["price_per_round"] for seller in fact["terms"]["sellers"]] == [5_000_000] * 2
    pricing = contract["selection_diagnostics"]["pricing"]
    assert (pricing["total_asked"], pricing["paid_above_asked"], pricing["score_lost"]) == (10, 10, 0)
    assert decided["record"]["pricing"]["payments"][offers[0]["offer_id"]] == [5_000_000, 2_000_000]
    assert [(verdict.problem, verdict.other_code) for verdict in await verdicts(market)] == [("", False)]


async def test_truthful_pricing_needs_a_budget(market: Market) -> None:
    assert (
        code(
            await market.call(
                "POST",
                "/round_intents",
                "model_owner",
                json={"model_owner_id": "lab", "task_type": "classification", "pricing": "truthful"},
            )
        )
        == "invalid_pricing"
    )
    intent = await market.intent(budget_total=4, pricing="truthful")
    path = f"/round_intents/{intent['round_intent_id']}"
    assert code(await market.call("PATCH", path, "model_owner", json={"budget_total": 0})) == "invalid_pricing"
    body = {"round_intent_id": intent["round_intent_id"], "policy_overrides": {"budget_total": 0}}
    assert code(await market.call("POST", "/policy/preview", "model_owner", json=body)) == "invalid_pricing"


async def test_a_record_that_is_not_what_these_offers_decide_is_found_out(market: Market) -> None:
    await market.contract()
    await market.pool.execute("ALTER TABLE decision DISABLE TRIGGER USER")
    [row] = await market.pool.fetch("SELECT record FROM decision")
    changed = {**row["record"], "greedy_regret": 7}
    await market.pool.execute("UPDATE decision SET record = $1", changed)
    [torn] = await verdicts(market)
    await market.pool.execute("UPDATE decision SET hash = $1", digest(changed))
    [wrong] = await verdicts(market)

    assert torn.problem == "the record is not what its hash says"
    assert wrong.problem == "decided again, it differs in greedy_regret"


async def test_what_decided_is_kept_as_it_was(market: Market) -> None:
    await market.contract()

    for statement in ("UPDATE decision SET hash = ''", "DELETE FROM offer_version", "TRUNCATE decision"):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await market.pool.execute(statement)


async def test_a_contract_from_before_decisions_were_recorded_has_none(market: Market) -> None:
    select = market.runtime.extra["matching"].select

    async def without_record(*policies: Any, now: int, record: bool) -> Any:
        return await select(*policies, now=now)

    market.runtime.extra["matching"].select = without_record
    contract = await market.contract()

    response = await market.call("GET", f"/contracts/{contract['contract_id']}/decision")
    assert (response.status_code, code(response)) == (404, "decision_not_found")
    assert code(await market.call("GET", "/contracts/contract-0/decision")) == "contract_not_found"


async def test_a_seller_learns_what_its_offer_loses_to_and_at_which_price_it_would_not(market: Market) -> None:
    mine = await market.offer(quality_score=0.8, price_per_round=8, seller_node_id="me")
    for n in range(3):
        await market.offer(quality_score=0.8, price_per_round=7, seller_node_id=f"other-{n}")
    taken = await market.intent(min_quality_score=0.1)
    body = {"round_intent_id": taken["round_intent_id"], "max_offers": 25}
    await market.ok("POST", "/match", "model_owner", json=body)  # takes all four
    for fields in ({}, {"budget_total": 14}, {"min_quality_score": 0.9}, {"min_quality_score": 0.95, "task_type": "x"}):
        await market.intent(**fields)
    await market.intent(excluded_sellers=["other-0"])
    before = await market.pool.fetchval("SELECT count(*) FROM outbox")

    told = await market.ok("GET", f"/offers/{mine['offer_id']}/why_not", "provider")

    assert (told["intents"], told["compatible"], told["contracted"], told["withheld"]) == (6, 4, 1, 1)
    assert (told["chosen"], told["lost_to_price"], told["lost_to_others"]) == (1, 2, 0)
    assert told["lost_to_conditions"] == [{"reason": "quality_below_threshold", "intents": 2, "alone": 2}]
    curve = {point["price_per_round"]: point["chosen"] for point in told["prices"]}
    assert (curve[8], curve[6.8], curve[12]) == (1, 3, 1)
    assert await market.pool.fetchval("SELECT count(*) FROM outbox") == before
    # It is so: with the price of the curve, both open intents choose it.
    await market.ok("PATCH", f"/offers/{mine['offer_id']}", "provider", json={"price_per_round": 6.8})
    assert (await market.ok("GET", f"/offers/{mine['offer_id']}/why_not"))["chosen"] == 3


async def test_why_not_looks_back_as_far_as_it_is_asked(market: Market) -> None:
    offer = await market.offer()
    old, _new = await market.intent(), await market.intent()
    await market.pool.execute(
        "UPDATE round_intent SET created_at = now() - interval '2 hours' WHERE round_intent_id = $1", old["round_intent_id"]
    )
    path = f"/offers/{offer['offer_id']}/why_not"

    assert [(await market.ok("GET", f"{path}?window={s}"))["intents"] for s in (60, 3600, 7300)] == [1, 1, 2]
    for wrong in ("59", "2592001", "a", "1.5", "true", "", "-60"):
        response = await market.call("GET", f"{path}?window={wrong}")
        assert (response.status_code, code(response)) == (400, "invalid_window"), wrong
    assert code(await market.call("GET", "/offers/offer-0/why_not")) == "offer_not_found"


async def test_unmet_demand_is_counted_by_what_alone_was_in_the_way_and_by_the_money_that_lacked(market: Market) -> None:
    async def series() -> dict[str, float]:
        text = (await market.http.get("/metrics")).text
        wanted = ("match_unmet_demand_total", "match_budget_gap_credits_sum", "match_budget_gap_credits_count")
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(wanted)}

    async def after(**intent: Any) -> dict[str, float]:
        before = await series()
        response = await market.match((await market.intent(**intent))["round_intent_id"])
        assert response.status_code == 422
        grown = {name: value - before.get(name, 0) for name, value in (await series()).items()}
        return {name.removeprefix("match_"): value for name, value in grown.items() if value}

    def unmet(*reasons: str) -> dict[str, float]:
        return {f'unmet_demand_total{{reason="{reason}"}}': 1 for reason in reasons}

    assert await after() == unmet("no_offers")
    await market.offer(price_per_round=4, quality_score=0.5)
    await market.offer(price_per_round=6, quality_score=0.7)
    money = {"budget_gap_credits_count": 1}
    assert await after(budget_total=5) == {**unmet("price_over_budget"), **money, "budget_gap_credits_sum": 3}
    assert await after(budget_total=15, min_providers=2) == {**unmet("price_over_budget"), **money, "budget_gap_credits_sum": 5}
    assert await after(min_providers=3) == unmet("too_few_providers")
    assert await after(min_quality_score=0.8) == unmet("quality_below_threshold")
    assert await after(min_quality_score=0.8, budget_total=1) == unmet("several")
    await market.offer(price_per_round=1, modality="image", quality_score=1)
    await market.offer(price_per_round=1, status="paused", quality_score=1)
    found = await after(min_quality_score=0.8, required_modalities=["tabular"])
    assert found == unmet("quality_below_threshold", "modality_mismatch", "offer_not_active")
