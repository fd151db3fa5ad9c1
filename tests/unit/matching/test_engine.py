"""Answers over a book are exact: what is chosen, how many offers fail what, and which came near."""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

from services.matching import engine
from services.matching.columns import Columns
from services.matching.scoring import UNIT
from services.matching.selection import select
from services.matching.thinning import promising
from shared.contracts.events import OfferState
from shared.contracts.http import SelectAnswer, SelectPolicy
from tests.unit.matching import oracle
from tests.unit.matching.oracle import NOW, cases, random_book, random_offer, reasons, score

BOOKS = int(os.environ.get("MATCHING_BOOKS", "2000"))


def ask(offers: list[OfferState], policy: SelectPolicy) -> SelectAnswer:
    return engine.answer(Columns.of(offers), policy, NOW, seq=7)


@pytest.mark.timeout(1200)
def test_the_chosen_set_is_the_best_of_all_subsets_of_compatible_offers() -> None:
    for offers, policy in cases(BOOKS, seed=1):
        answer, best = ask(offers, policy), oracle.chosen(offers, policy)

        assert answer.has_match == (best is not None)
        ids = tuple(sorted(s.offer_id for s in answer.selected_offers))
        assert ids == (best[2] if best else ()), (offers, policy)
        assert answer.agreed_price_per_round_total == (best[1] if best else 0)
        assert answer.selection_diagnostics["optimal"] is True


def test_of_equal_sets_the_one_with_more_preferred_sellers_is_chosen_and_a_better_score_goes_before() -> None:
    alike = {"quality_score": 0.5, "price_per_round": 1_000_000, "attestation_status": "verified"}
    plain = {"status": "active", "expires_at": 0, "allowed_tasks": (), "min_rounds": 1, **alike}
    rng = random.Random(1)
    offers = [random_offer(rng, n).model_copy(update={**plain, "offer_id": f"o{n}", "seller_node_id": f"s{n}"}) for n in range(5)]
    offers[0] = offers[0].model_copy(update={"quality_score": 0.51})
    policy = SelectPolicy(task_type="t", max_offers=3, preferred_sellers=("s3", "s4", "never heard of"))

    told = ask(offers, policy)

    assert [o.offer_id for o in told.selected_offers] == ["o0", "o3", "o4"]
    assert [o.offer_id for o in ask(offers, SelectPolicy(task_type="t", max_offers=3)).selected_offers] == ["o0", "o1", "o2"]
    assert told.selected_offers[1].score == pytest.approx(score(offers[3]) / 10**9)


def test_every_failed_condition_of_every_offer_is_counted() -> None:
    for offers, policy in cases(500, seed=2, most=40):
        told = ask(offers, policy).selection_diagnostics
        failed = [reasons(offer, policy) for offer in offers]
        assert set(told["sentences"]) == {reason for some in failed for reason in some}
        assert all(sentence.endswith(".") for sentence in told["sentences"].values())

        assert told["offers_evaluated"] == len(offers)
        assert told["compatible_offers"] == sum(f in ((), ("price_over_budget",)) for f in failed)
        assert told["budget_rejected"] == sum(f == ("price_over_budget",) for f in failed)
        counts = Counter(reason for f in failed for reason in f if reason != "price_over_budget")
        assert told["rejection_reasons"] == dict(counts)
        sets = Counter(f for f in failed if f)
        assert {tuple(s["reasons"]): s["count"] for s in told["rejected_by_set"]} == dict(sets)


def test_near_misses_are_the_best_offers_that_fail_one_condition_with_what_they_lack() -> None:
    for offers, policy in cases(300, seed=3, most=40):
        told = ask(offers, policy).selection_diagnostics
        near = sorted(
            (offer for offer in offers if len(reasons(offer, policy)) == 1),
            key=lambda o: (-score(o), o.price_per_round, o.offer_id),
        )

        assert [n["offer_id"] for n in told["near_misses"]] == [offer.offer_id for offer in near[:5]]
        for miss, offer in zip(told["near_misses"], near, strict=False):
            assert (miss["reason"],) == reasons(offer, policy)
            match miss["reason"]:
                case "quality_below_threshold":
                    assert offer.quality_score + miss["gap"] == pytest.approx(policy.min_quality_score, abs=1e-8)
                case "min_rounds_not_met":
                    assert policy.rounds + miss["gap"] == offer.min_rounds
                case "price_over_budget":
                    over = offer.price_per_round * policy.rounds - policy.budget_total
                    assert round(miss["gap"] * 10**6) == over > 0
                case "sample_count_too_small":
                    assert offer.sample_count + miss["gap"] == policy.min_sample_count
                case _:
                    assert miss["gap"] is None


def test_the_top_ranked_are_the_best_compatible_offers_by_score_price_and_id() -> None:
    for offers, policy in cases(300, seed=4, most=40):
        told = ask(offers, policy).selection_diagnostics
        fit = [offer for offer in offers if reasons(offer, policy) in ((), ("price_over_budget",))]
        fit.sort(key=lambda o: (-score(o), o.price_per_round, o.offer_id))

        assert [t["offer_id"] for t in told["top_ranked_offers"]] == [offer.offer_id for offer in fit[:5]]


def test_a_score_is_the_sum_of_its_parts() -> None:
    rng = random.Random(5)
    for offers in (random_book(rng, 30) for _ in range(100)):
        for chosen in ask(offers, SelectPolicy(task_type="classification", max_offers=25)).selected_offers:
            offer = next(o for o in offers if o.offer_id == chosen.offer_id)
            parts = chosen.score_breakdown
            assert chosen.score == parts.total == score(offer) / UNIT
            assert parts.quality_component == pytest.approx(0.5 * offer.quality_score, abs=1e-9)
            assert parts.cost_component == pytest.approx(0.3 / (1 + offer.price_per_round / 10**6), abs=2e-9)
            assert parts.trust_component == (0.2 if offer.attestation_status == "verified" else 0.1)


def test_scores_of_many_offers_are_those_of_each() -> None:
    rng = random.Random(9)
    offers = [random_offer(rng, number) for number in range(2000)]
    columns = Columns.of(offers)

    assert columns["score"].tolist() == [score(offer) for offer in offers]
    assert [columns.score(row).total for row in range(len(offers))] == columns["score"].tolist()


def test_the_budget_picture_says_what_things_cost() -> None:
    for offers, policy in cases(300, seed=6):
        told = ask(offers, policy).selection_diagnostics["budget"]
        fit = [o for o in offers if reasons(o, policy) in ((), ("price_over_budget",))]
        cheapest = min((o.price_per_round for o in fit), default=None)

        assert told["cheapest_compatible"] == (None if cheapest is None else pytest.approx(cheapest * policy.rounds / 10**6))
        assert told["budget_total"] == (pytest.approx(policy.budget_total / 10**6) if policy.budget_total else None)
        free = oracle.chosen(offers, policy.model_copy(update={"budget_total": 0}))
        assert told["best_unconstrained_set"] == (None if free is None else pytest.approx(free[1] * policy.rounds / 10**6))
        least = told["cheapest_feasible_set"]
        feasible = policy.model_copy(update={"budget_total": round(least * 10**6)}) if least else None
        if feasible is not None and policy.min_providers <= policy.max_offers:
            assert oracle.matches(fit, feasible.model_copy(update={"budget_total": feasible.budget_total or 1}))


def test_the_same_book_in_another_order_gives_the_same_bytes() -> None:
    rng = random.Random(8)
    for offers, policy in cases(200, seed=8, most=30):
        first = ask(offers, policy).model_dump_json()
        rng.shuffle(offers)

        assert ask(offers, policy).model_dump_json() == first


@pytest.mark.parametrize("at_once", [True, False])
def test_a_newer_version_replaces_an_offer_and_an_older_one_changes_nothing(at_once: bool) -> None:
    offer = random_offer(random.Random(1), 1).model_copy(update={"version": 2, "status": "active", "price_per_round": 5})
    newer = offer.model_copy(update={"version": 3, "price_per_round": 6, "dataset_fingerprint": "new"})
    columns = Columns.of([offer, newer, offer]) if at_once else Columns()
    for state in () if at_once else (offer, newer, offer):
        columns.put(state)

    assert len(columns) == 1
    assert columns["price"].tolist() == [6]
    assert columns.fingerprints == ["new"]


def test_no_set_costs_more_than_a_contract_can_hold() -> None:
    """A total is a BIGINT of micro-credits: the dearest offers for the most rounds would not fit."""
    dear = random_offer(random.Random(1), 1).model_copy(
        update={"status": "active", "expires_at": 0, "allowed_tasks": (), "min_rounds": 1, "price_per_round": 10**15}
    )
    offers = [dear.model_copy(update={"offer_id": f"offer-{number}"}) for number in range(25)]

    many = ask(offers, SelectPolicy(task_type="t", rounds=9_000, max_offers=25))
    none = ask(offers, SelectPolicy(task_type="t", rounds=10_000, max_offers=25))

    assert [offer.offer_id for offer in many.selected_offers] == ["offer-0"]
    assert many.agreed_price_per_round_total * 9_000 < 2**63
    assert none.has_match is False


def test_an_empty_book_answers_that_nothing_was_there() -> None:
    answer = ask([], SelectPolicy(task_type="classification", budget_total=5, required_modalities=("tabular",)))

    assert answer.has_match is False
    assert answer.selection_diagnostics["offers_evaluated"] == 0
    assert answer.selection_diagnostics["relaxations"] == []
    assert answer.selection_diagnostics["budget"]["cheapest_compatible"] is None


@pytest.mark.parametrize("one_per_seller", [False, True])
@pytest.mark.parametrize("k", [1, 3, 25])
def test_a_large_book_is_thinned_out_without_losing_the_best_set(k: int, one_per_seller: bool) -> None:
    """Beyond a sample's size most dominated offers are dropped before the exact search: it must not notice."""
    rng = random.Random(k)
    offers = [
        random_offer(rng, 0).model_copy(
            update={
                "offer_id": f"offer-{number:05}",
                "seller_node_id": f"seller-{rng.randrange(3000)}",
                "quality_score": round(rng.random(), 2),
                "price_per_round": rng.randint(0, 400) * 50_000,
            }
        )
        for number in range(12_000)
    ]
    columns, rows = Columns.of(offers), np.arange(12_000)
    kept = promising(columns, rows, k, one_per_seller)
    everything = oracle.candidates(offers)

    asked: dict[str, Any] = {"task_type": "t", "max_offers": k, "one_offer_per_seller": one_per_seller}

    for budget in (200_000, 3_000_000, 40_000_000):
        thinned = select([everything[row] for row in kept.tolist()], k=k, budget=budget, one_per_seller=one_per_seller)
        assert thinned == select(everything, k=k, budget=budget, one_per_seller=one_per_seller)
        chosen, best = engine.choose(columns, rows, SelectPolicy(**asked, budget_total=budget))
        assert chosen == thinned
        assert chosen is None or sorted(columns.ids[row] for row in best) == list(chosen.offer_ids)
    assert len(kept) < 6_000
