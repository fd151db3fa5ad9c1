"""How a model is to be trained goes from the intent into the contract, and what training finds out goes back to the offers."""

from __future__ import annotations

from typing import Any

from shared.contracts.events import BoundToRound, ProviderRound, RoundCompleted, RunFinished, RunStarted
from tests.integration.marketplace.conftest import Market, code, until
from tests.integration.marketplace.test_marketplace_contracts import held

PRIVACY = {"noise_multiplier": 1.5, "clipping_norm": 2, "delta": 1e-5}
MEASURED = {"label_histogram": {"0": 3, "1": 4}, "missing_values": 2, "duplicates": 1, "holdout_score": 0.75}


# --- how a model is trained -------------------------------------------------------------------------------------------
async def test_strategy_and_privacy_go_from_the_intent_into_the_terms(market: Market) -> None:
    contract = await market.contract(strategy="fedprox", differential_privacy=PRIVACY)

    [fact] = await market.said("marketplace.contract_created.v1")
    assert fact["terms"]["training"] == {
        "strategy": "fedprox",
        "differential_privacy": PRIVACY,
        "label_schema": "",
        "min_providers": 1,
    }
    intent = await market.ok("GET", f"/round_intents/{contract['round_intent_id']}")
    for shown in (contract, intent):
        assert (shown["strategy"], shown["differential_privacy"]) == ("fedprox", PRIVACY)


async def test_without_a_word_the_mean_is_taken_and_nothing_is_hidden(market: Market) -> None:
    contract = await market.contract()

    assert (contract["strategy"], contract["differential_privacy"], contract["label_schema"]) == ("fedavg", None, "")


async def test_privacy_is_refused_for_strategies_that_its_noise_does_not_cover(market: Market) -> None:
    for strategy in ("fedadam", "trimmed_mean", "krum"):
        body = {"model_owner_id": "lab", "task_type": "t", "strategy": strategy, "differential_privacy": PRIVACY}

        assert code(await market.call("POST", "/round_intents", json=body)) == "invalid_differential_privacy"


async def test_the_label_schema_is_the_one_that_all_offers_share(market: Market) -> None:
    await market.offer(label_schema="s")

    alike = await market.contract(label_schema="s")
    intent = await market.intent(required_modalities=["own"])
    for schema in ("one", "another"):
        await market.offer(label_schema=schema, modality="own")
    different = (await market.match(intent["round_intent_id"])).json()

    assert (alike["label_schema"], different["label_schema"], different["offer_count"]) == ("s", "", 2)


# --- measured offers --------------------------------------------------------------------------------------------------
async def test_a_measured_score_is_the_quality_until_a_seller_says_otherwise(market: Market) -> None:
    stated = await market.offer(quality_score=0.9)
    measured = await market.offer(quality_score=0.9, measurements=MEASURED)

    assert (stated["quality_source"], stated["quality_score"], stated["measurements"]) == ("stated", 0.9, None)
    assert (measured["quality_source"], measured["quality_score"], measured["measurements"]) == ("measured", 0.75, MEASURED)
    path = f"/offers/{measured['offer_id']}"
    raised = await market.ok("PATCH", path, json={"quality_score": 0.95})
    assert (raised["quality_source"], raised["quality_score"]) == ("stated", 0.95)
    again = await market.ok("PATCH", path, json={"measurements": MEASURED})
    assert (again["quality_source"], again["quality_score"]) == ("measured", 0.75)


async def test_measurements_without_a_score_leave_the_quality_to_the_seller(market: Market) -> None:
    offer = await market.offer(quality_score=0.6, measurements={**MEASURED, "holdout_score": None})

    assert (offer["quality_source"], offer["quality_score"]) == ("stated", 0.6)


# --- changed data -----------------------------------------------------------------------------------------------------
def refuser(offer_id: str, error: str = "dataset_fingerprint_mismatch") -> ProviderRound:
    return ProviderRound(seller_node_id="clinic-1", offer_id=offer_id, node_id="1", ok=False, error_code=error)


async def bound(market: Market, **intent: Any) -> tuple[str, str]:
    """(contract, its offer), claimed by a run."""
    contract = await market.contract(**intent)
    contract_id = contract["contract_id"]
    await market.say(
        await held(market, contract_id),
        BoundToRound(contract_id=contract_id, run_id="run-1", round_id="r", rounds=2, resumed_from="run-0"),
        RunStarted(contract_id=contract_id, run_id="run-1", flower_run_id="1", nodes=("1",), sandbox=False),
    )
    return contract_id, contract["selected_offers"][0]["offer_id"]


async def paused(market: Market, offer_id: str) -> Any:
    async def there() -> Any:
        offer = await market.ok("GET", f"/offers/{offer_id}")
        return offer if offer["status"] == "paused" else None

    return await until(there)


async def test_an_offer_whose_data_has_changed_is_paused_and_says_why(market: Market) -> None:
    contract_id, offer_id = await bound(market)

    await market.say(
        RoundCompleted(
            contract_id=contract_id, run_id="run-1", round=1, accuracy=None, loss=None, seconds=None, providers=(refuser(offer_id),)
        )
    )

    offer = await paused(market, offer_id)
    assert [warning["code"] for warning in offer["warnings"]] == ["dataset_fingerprint_mismatch"]
    [fact] = await market.said("marketplace.offer_changed.v1")
    assert (fact["offer_id"], fact["status"], fact["version"]) == (offer_id, "paused", 2)
    back = await market.ok("PATCH", f"/offers/{offer_id}", json={"status": "active"})
    assert back["warnings"] == []


async def test_a_refusal_that_ended_the_run_counts_too_and_other_faults_leave_the_offer_alone(market: Market) -> None:
    contract_id, offer_id = await bound(market)
    other = await market.offer()
    end = RunFinished(
        contract_id=contract_id,
        run_id="run-1",
        succeeded=False,
        reason="QuorumLost",
        rounds_completed=0,
        deliveries=(),
        last_outcomes=(refuser(offer_id), refuser(other["offer_id"], "round_deadline_passed")),
    )

    await market.say(end)

    await paused(market, offer_id)
    assert (await market.ok("GET", f"/offers/{other['offer_id']}"))["status"] == "active"
    timeline = await market.ok("GET", f"/contracts/{contract_id}/timeline")
    [start] = [event["data"] for event in timeline["events"] if event["event"] == "bound_to_round"]
    assert start["resumed_from"] == "run-0"


# --- refusals ---------------------------------------------------------------------------------------------------------
def round_of(contract_id: str, *providers: ProviderRound, number: int = 1) -> RoundCompleted:
    return RoundCompleted(
        contract_id=contract_id, run_id="run-1", round=number, accuracy=None, loss=None, seconds=None, providers=providers
    )


async def refusals_told(market: Market, intent_id: str) -> list[tuple[str, str, int]]:
    """What a match of this intent would tell of them."""
    answer = await market.ok("POST", "/policy/preview", json={"round_intent_id": intent_id})
    told = answer["baseline"]["selection_diagnostics"]["node_refusals"]
    assert told == answer["preview"]["selection_diagnostics"]["node_refusals"]
    return [(one["offer_id"], one["error_code"], one["rounds"]) for one in told]


async def test_what_a_node_refused_is_told_by_the_next_match_of_its_offer(market: Market) -> None:
    contract_id, offer_id = await bound(market)
    first = round_of(contract_id, refuser(offer_id, "policy_outside_hours"))
    second = round_of(contract_id, refuser(offer_id, "round_deadline_passed"), number=2)
    end = RunFinished(
        contract_id=contract_id,
        run_id="run-1",
        succeeded=False,
        rounds_completed=2,
        deliveries=(),
        last_outcomes=(refuser(offer_id, "policy_outside_hours"), refuser("offer-of-nobody", "policy_outside_hours")),
    )

    await market.say(first, first, second, end)  # the same fact under two ids counts once
    await market.reaches(contract_id, "training_failed")
    contract = (await market.match((await market.intent(model_owner_id="another"))["round_intent_id"])).json()

    [told] = contract["selection_diagnostics"]["node_refusals"]
    assert (told["offer_id"], told["error_code"], told["rounds"]) == (offer_id, "policy_outside_hours", 2)
    assert told["message"]
    assert told["last_at"] > 0


async def test_an_intent_is_told_what_it_met_though_no_list_names_the_offer_any_more(market: Market) -> None:
    wanted = {"required_modalities": ["tabular"]}
    contract_id, offer_id = await bound(market, **wanted)
    intent_id = (await market.ok("GET", f"/contracts/{contract_id}"))["round_intent_id"]

    await market.say(round_of(contract_id, refuser(offer_id)))
    await paused(market, offer_id)
    await market.ok("PATCH", f"/offers/{offer_id}", json={"modality": "image"})  # two conditions fail: not even a near miss
    other = (await market.intent(model_owner_id="another", **wanted))["round_intent_id"]

    assert await refusals_told(market, intent_id) == [(offer_id, "dataset_fingerprint_mismatch", 1)]
    assert await refusals_told(market, other) == []


async def test_whom_a_provider_does_not_serve_is_told_to_that_owner_alone(market: Market) -> None:
    contract_id, offer_id = await bound(market)

    await market.say(round_of(contract_id, refuser(offer_id, "policy_model_owner_refused")))
    await market.reaches(contract_id, "round_completed")
    own, other = [(await market.intent(model_owner_id=owner))["round_intent_id"] for owner in ("lab", "another")]

    assert await refusals_told(market, own) == [(offer_id, "policy_model_owner_refused", 1)]
    assert await refusals_told(market, other) == []
