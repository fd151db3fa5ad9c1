"""Each change that is told makes the intent match when it is asked again, and nothing smaller would have done.

The oracle tries every combination of values that the offers themselves have.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from typing import Any

import pytest

from services.matching import engine
from services.matching.columns import Columns
from services.matching.relaxations import JOINT, SHOWN
from shared.contracts.events import OfferState
from shared.contracts.http import SelectPolicy
from tests.unit.matching.oracle import NOW, cases, chosen, matches, reasons

BOOKS = int(os.environ.get("MATCHING_BOOKS", "2000"))

Change = dict[str, Any]


def told(offers: Sequence[OfferState], policy: SelectPolicy) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = engine.answer(Columns.of(offers), policy, NOW, seq=0).selection_diagnostics["relaxations"]
    return found


def inside(changes: Change) -> Change:
    """A told change as the policy speaks: micro-credits and tuples."""
    return {
        field: round(value * 10**6) if field == "budget_total" else tuple(value) if isinstance(value, list) else value
        for field, value in changes.items()
    }


def values(offers: Sequence[OfferState], p: SelectPolicy) -> dict[str, list[Any]]:
    """Every value of a field beyond the present one that any set of offers could ask for."""
    most = range(1, max(1, p.min_providers) + 1)
    missing = sorted({o.modality for o in offers} - set(p.required_modalities)) if p.required_modalities else []
    budgets = {
        sum(o.price_per_round for o in some) * rounds
        for count in most
        for some in itertools.combinations(offers, count)
        for rounds in {p.rounds, *(o.min_rounds for o in offers)}
    }
    return {
        "min_quality_score": [q for q in {o.quality_score for o in offers} if q < p.min_quality_score],
        "min_sample_count": [n for n in {o.sample_count for o in offers} if n < p.min_sample_count],
        "required_modalities": [
            tuple(sorted({*p.required_modalities, *added})) for size in most for added in itertools.combinations(missing, size)
        ],
        "rounds": [r for r in {o.min_rounds for o in offers} if r > p.rounds],
        "label_schema": [""] if p.label_schema else [],
        "privacy_profile": [""] if p.privacy_profile else [],
        "attestation_required": [False] if p.attestation_required else [],
        "excluded_sellers": [
            tuple(s for s in p.excluded_sellers if s not in let_in)
            for size in most
            if size <= len(p.excluded_sellers)
            for let_in in itertools.combinations(p.excluded_sellers, size)
        ],
        "one_offer_per_seller": [False] if p.one_offer_per_seller else [],
        "min_providers": list(range(1, p.min_providers)),
        "budget_total": [b for b in budgets if b > p.budget_total] if p.budget_total else [],
    }


def not_further(field: str, a: Any, b: Any) -> bool:
    match field:
        case "required_modalities":
            return set(a) <= set(b)
        case "excluded_sellers":
            return set(a) >= set(b)
        case "rounds" | "budget_total":
            return bool(a <= b)
        case "min_quality_score" | "min_sample_count" | "min_providers":
            return bool(a >= b)
        case _:
            return True


def smallest(offers: Sequence[OfferState], policy: SelectPolicy) -> list[Change]:
    """The minimal changes of the fewest fields that match, by trying them all."""
    possible = values(offers, policy)
    for size in range(1, JOINT + 1):
        working = [
            dict(zip(fields, combination, strict=True))
            for fields in itertools.combinations(possible, size)
            for combination in itertools.product(*(possible[field] for field in fields))
            if matches(offers, policy.model_copy(update=dict(zip(fields, combination, strict=True))))
        ]
        if working:
            return [
                c
                for c in working
                if not any(o != c and o.keys() == c.keys() and all(not_further(f, o[f], c[f]) for f in c) for o in working)
            ]
    return []


def unmatched(count: int, seed: int, most: int) -> list[tuple[list[OfferState], SelectPolicy]]:
    return [(offers, policy) for offers, policy in cases(count, seed, most) if not matches(offers, policy)]


@pytest.mark.timeout(1200)
def test_what_is_told_is_what_a_search_of_everything_finds() -> None:
    seen: dict[int, int] = {}
    for offers, policy in unmatched(BOOKS // 2, seed=11, most=5):
        found = [inside(t["changes"]) for t in told(offers, policy)]
        wanted = smallest(offers, policy)

        assert len(found) == min(SHOWN, len(wanted)), (offers, policy, found, wanted)
        assert all(change in wanted for change in found), (offers, policy, found, wanted)
        size = len(found[0]) if found else 0
        seen[size] = seen.get(size, 0) + 1

    assert set(seen) == {0, 1, 2, 3}  # the books have cases of every kind


def test_each_change_gives_what_it_says_when_it_is_made() -> None:
    count = 0
    for offers, policy in unmatched(600, seed=12, most=9):
        for relaxation in told(offers, policy):
            changed = policy.model_copy(update=inside(relaxation["changes"]))
            best = chosen(offers, changed)
            assert best is not None
            score, price, ids = best
            assert relaxation["offers"] == len(ids)
            assert round(relaxation["total_price"] * 10**6) == price * changed.rounds
            assert relaxation["total_score"] == -score / 10**9
            count += 1

    assert count > 300


def test_an_intent_that_matches_is_told_no_change() -> None:
    for offers, policy in cases(300, seed=13):
        if matches(offers, policy):
            assert told(offers, policy) == []


def test_what_the_provider_decides_cannot_be_relaxed_and_is_said() -> None:
    policy_of_provider = {"offer_not_active", "offer_expired", "task_not_supported"}
    for offers, policy in unmatched(600, seed=14, most=6):
        diagnostics = engine.answer(Columns.of(offers), policy, NOW, seq=0).selection_diagnostics
        assert set(diagnostics["not_relaxable"]) == policy_of_provider & set(diagnostics["rejection_reasons"])
        if all(policy_of_provider & set(reasons(offer, policy)) for offer in offers):
            assert told(offers, policy) == []


def test_a_single_change_is_written_for_people_and_programs() -> None:
    offers, policy = next(
        (offers, policy)
        for offers, policy in unmatched(600, seed=15, most=6)
        if any(t["field"] == "budget_total" for t in told(offers, policy))
    )
    relaxation = next(t for t in told(offers, policy) if t["field"] == "budget_total")

    assert relaxation["from"] == policy.budget_total / 10**6
    assert relaxation["changes"] == {"budget_total": relaxation["to"]}
    assert relaxation["to"] > relaxation["from"]


def test_the_smallest_step_comes_first() -> None:
    def offer(number: int, quality: float, price: int) -> OfferState:
        return OfferState(
            offer_id=f"o{number}",
            version=1,
            seller_node_id="s",
            dataset_fingerprint="f",
            modality="tabular",
            sample_count=1,
            quality_score=quality,
            allowed_tasks=(),
            attestation_status="unknown",
            price_per_round=price,
            min_rounds=1,
            expires_at=0,
            status="active",
        )

    offers = [offer(1, 0.74, 5_000_000), offer(2, 0.6, 1_000_000), offer(3, 0.9, 23_200_000)]
    policy = SelectPolicy(task_type="t", min_quality_score=0.8, budget_total=20_000_000)

    assert [t["changes"] for t in told(offers, policy)] == [{"min_quality_score": 0.74}, {"budget_total": 23.2}]
