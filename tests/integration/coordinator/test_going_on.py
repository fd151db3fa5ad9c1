"""A run that goes on where an earlier one of its contract failed, the model's card, and the privacy budget of both together."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest

from services.training_coordinator.privacy import delta_of, epsilon_of, spent
from shared.contracts.events import PrivacyTerms, TrainingTerms
from tests.integration.coordinator.conftest import Coordinator, ServerApp, npz, refused

PRIVACY = PrivacyTerms(noise_multiplier=2.0, clipping_norm=1.0, delta=1e-5)


async def failed_after_a_round(coordinator: Coordinator, **changes: Any) -> tuple[ServerApp, bytes]:
    """The first run of a contract of three rounds, and the model that it left."""
    server_app = await coordinator.running(**changes)
    model = npz(weights=np.full(3, 7.0))
    assert (await server_app.model(model)).status_code == 200
    await server_app.round(1, accuracy=0.4)
    await server_app.finish(succeeded=False, reason="a node died")
    return server_app, model


async def test_a_second_run_goes_on_with_the_stored_model_and_the_rounds_that_are_left(coordinator: Coordinator) -> None:
    first, model = await failed_after_a_round(coordinator)

    second = await coordinator.start("contract-1")
    job = (await second.claim("flower-2")).json()

    assert (job["resumed_from"], job["rounds"]) == (first.run_id, 2)
    assert (await second.get("checkpoint")).content == model
    facts = await coordinator.said("bound_to_round")
    assert [(fact["run_id"], fact["resumed_from"]) for fact in facts] == [(first.run_id, None), (second.run_id, first.run_id)]
    shown = await coordinator.get(f"/training/runs/{second.run_id}")
    assert shown["resumed_from"] == first.run_id


async def test_a_run_that_failed_before_its_first_round_leaves_nothing_to_go_on_with(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    await server_app.finish(succeeded=False)

    second = await coordinator.start("contract-1")
    job = (await second.claim("flower-2")).json()

    assert (job["resumed_from"], job["rounds"]) == (None, 3)
    refused(await second.get("checkpoint"), 404, "model_not_found")


async def test_a_run_that_has_ended_gets_no_model_any_more(coordinator: Coordinator) -> None:
    first, _ = await failed_after_a_round(coordinator)

    refused(await first.get("checkpoint"), 409, "run_not_active")


async def test_the_card_tells_where_the_model_comes_from_through_both_runs(coordinator: Coordinator) -> None:
    training = TrainingTerms(strategy="fedprox", differential_privacy=PRIVACY, label_schema="s")
    first, _ = await failed_after_a_round(coordinator, training=training)
    second = await coordinator.start("contract-1")
    await second.claim("flower-2")
    stored = (await second.model(npz())).json()
    for number in (1, 2):
        await second.round(number, accuracy=0.5 + number / 10, delivered=["clinic-a"])
    await second.finish()

    answer = await coordinator.call("GET", f"/training/runs/{second.run_id}/model_card", role="model_owner")

    card = answer.json()
    assert [(r["run_id"], r["round"], r["accuracy"], r["providers_delivered"]) for r in card["rounds"]] == [
        (first.run_id, 1, 0.4, 2),
        (second.run_id, 2, 0.6, 1),
        (second.run_id, 3, 0.7, 1),
    ]
    assert (card["strategy"], card["label_schema"], card["task_type"], card["measured_by"]) == (
        "fedprox",
        "s",
        "classification",
        "exchange",
    )
    assert {p["seller_node_id"]: p["dataset_fingerprint"] for p in card["providers"]} == {
        "clinic-a": "data-clinic-a",
        "clinic-b": "data-clinic-b",
    }
    assert (card["model_sha256"], card["bundle_sha256"], card["accuracy"]) == (stored["sha256"], "b" * 64, 0.7)
    budget = spent(PRIVACY, 3)
    assert budget is not None
    assert card["differential_privacy"] == budget.model_dump()
    [*_, end] = await coordinator.said("run_finished")
    assert end["privacy"] == card["differential_privacy"]
    assert f'"{second.run_id}.card.json"' in answer.headers["content-disposition"]


async def test_without_privacy_there_is_no_budget_and_without_a_model_no_card(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    refused(await coordinator.call("GET", f"/training/runs/{server_app.run_id}/model_card"), 404, "model_not_found")
    await server_app.model(npz())
    await server_app.round(1)
    await server_app.finish()

    card = await coordinator.get(f"/training/runs/{server_app.run_id}/model_card")

    assert card["differential_privacy"] is None
    [end] = await coordinator.said("run_finished")
    assert end["privacy"] is None


async def test_what_a_node_did_in_the_round_that_ended_the_run_is_said(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    who = {"node_id": "n", "seller_node_id": "clinic-a", "offer_id": "offer-clinic-a", "ok": False}
    refusal = {**who, "error_code": "dataset_fingerprint_mismatch"}

    await server_app.say("finish", {"succeeded": False, "rounds_completed": 0, "providers": [refusal]})

    [end] = await coordinator.said("run_finished")
    assert [(p["offer_id"], p["error_code"]) for p in end["last_outcomes"]] == [("offer-clinic-a", "dataset_fingerprint_mismatch")]


async def test_a_provider_is_told_where_the_superlink_is(coordinator: Coordinator) -> None:
    settings = coordinator.app.state.runtime.settings
    settings.superlink_ca.write_text("a certificate")

    told = (await coordinator.call("GET", "/training/superlink", role="provider")).json()

    assert told == {"address": settings.superlink, "ca_certificate": "a certificate"}


# --- the accountant ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "epsilon, mu, delta",
    [
        # Gaussian tails to nine digits from tables: Phi(1/2) - Phi(-1/2), and e Phi(-3/2) against Phi(-1/2).
        (0.0, 1.0, 0.382924923),
        (1.0, 1.0, 0.126936738),
    ],
)
def test_delta_is_that_of_the_analytic_gaussian_mechanism(epsilon: float, mu: float, delta: float) -> None:
    assert delta_of(epsilon, mu) == pytest.approx(delta, abs=1e-8)


@pytest.mark.parametrize("mu", [0.1, 0.5, 1.0, 3.0, 10.0])
def test_epsilon_is_the_least_that_keeps_to_delta(mu: float) -> None:
    epsilon = epsilon_of(1e-5, mu)

    assert delta_of(epsilon, mu) <= 1e-5 < delta_of(epsilon - 2e-6, mu)


def test_the_budget_grows_with_the_rounds_and_shrinks_with_the_noise() -> None:
    def epsilon(noise: float, rounds: int) -> float:
        found = spent(PrivacyTerms(noise_multiplier=noise, clipping_norm=1, delta=1e-5), rounds)
        assert found is not None
        return found.epsilon

    assert epsilon(2, 1) < epsilon(2, 2) < epsilon(2, 20)
    assert epsilon(4, 20) < epsilon(2, 20)
    # Four rounds with twice the noise are one round: composition of Gaussian mechanisms is exact.
    assert epsilon(4, 4) == pytest.approx(epsilon(2, 1), abs=1e-5)
    # The classical bound sqrt(2 ln(1.25 / delta)) / sigma (Dwork and Roth 2014) is valid for epsilon <= 1, and not tight.
    assert epsilon(8, 1) < sqrt(2 * 11.736) / 8


def test_no_finite_epsilon_and_nothing_released_are_null() -> None:
    assert spent(PrivacyTerms(noise_multiplier=0.01, clipping_norm=1, delta=1e-5), 100) is None
    assert spent(PRIVACY, 0) is None
    assert spent(None, 5) is None
