"""Matching as it is meant, without a thought for time: plain Python over whole offers and every subset of them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from services.matching.selection import Candidate
from shared.contracts.events import OfferState
from shared.contracts.http import SelectPolicy

NOW = 1_000


def reasons(o: OfferState, p: SelectPolicy) -> tuple[str, ...]:
    """Every reason why an offer does not do."""
    judged = {
        "offer_not_active": o.status != "active",
        "offer_expired": 0 < o.expires_at <= NOW,
        "task_not_supported": bool(o.allowed_tasks) and p.task_type not in o.allowed_tasks,
        "modality_mismatch": bool(p.required_modalities) and o.modality not in p.required_modalities,
        "quality_below_threshold": o.quality_score < p.min_quality_score,
        "min_rounds_not_met": o.min_rounds > p.rounds,
        "sample_count_too_small": o.sample_count < p.min_sample_count,
        "label_schema_mismatch": bool(p.label_schema) and o.label_schema != p.label_schema,
        "privacy_profile_mismatch": bool(p.privacy_profile) and o.privacy_profile != p.privacy_profile,
        "attestation_missing": p.attestation_required and o.attestation_status != "verified",
        "seller_excluded": o.seller_node_id in p.excluded_sellers,
        "price_over_budget": p.budget_total > 0 and o.price_per_round * p.rounds > p.budget_total,
    }
    return tuple(reason for reason, fails in judged.items() if fails)


def score(o: OfferState) -> int:
    """0.5 × quality + 0.3 / (1 + price) + 0.2 × trust in units of 10⁻⁹, each part rounded as scoring says."""
    quality = round(o.quality_score * 10**9) // 2
    cost = Fraction(3 * 10**8) / (1 + Fraction(o.price_per_round, 10**6))
    return quality + int(cost) + (200_000_000 if o.attestation_status == "verified" else 100_000_000)


Best = tuple[int, int, tuple[str, ...]]


def best_set(
    offers: Sequence[Candidate],
    *,
    k: int,
    budget: int | None,
    least: int,
    one_per_seller: bool,
    preferred: Sequence[str] = (),
) -> Best | None:
    """(-score, price, ids) of the best of all subsets; of equal scores the one with more offers of preferred sellers."""
    best: tuple[int, int, int, tuple[str, ...]] | None = None
    for size in range(least, k + 1):
        for chosen in itertools.combinations(offers, size):
            price = sum(c.price for c in chosen)
            if budget is not None and price > budget:
                continue
            if one_per_seller and len({c.seller for c in chosen}) < size:
                continue
            liked = sum(c.seller in preferred for c in chosen)
            found = (-sum(c.score for c in chosen), -liked, price, tuple(sorted(c.offer_id for c in chosen)))
            best = found if best is None else min(best, found)
    return None if best is None else (best[0], *best[2:])


def candidates(offers: Iterable[OfferState]) -> list[Candidate]:
    return [Candidate(o.offer_id, o.seller_node_id, score(o), o.price_per_round) for o in offers]


def chosen(offers: Iterable[OfferState], p: SelectPolicy) -> Best | None:
    """What a policy chooses from a book."""
    return best_set(
        candidates(o for o in offers if not reasons(o, p)),
        k=p.max_offers,
        budget=p.budget_total // p.rounds if p.budget_total else None,
        least=max(1, p.min_providers),
        one_per_seller=p.one_offer_per_seller,
        preferred=p.preferred_sellers,
    )


def matches(offers: Iterable[OfferState], p: SelectPolicy) -> bool:
    """Whether any set at all would do: the cheapest one does if any does."""
    prices: dict[Any, int] = {}
    for o in offers:
        if not reasons(o, p):
            key = o.seller_node_id if p.one_offer_per_seller else o.offer_id
            prices[key] = min(o.price_per_round, prices.get(key, o.price_per_round))
    count = max(1, p.min_providers)
    if count > p.max_offers or len(prices) < count:
        return False
    return not p.budget_total or sum(sorted(prices.values())[:count]) * p.rounds <= p.budget_total


def random_offer(rng: random.Random, number: int) -> OfferState:
    """An offer from a small world, so that values coincide and every condition fails now and then."""
    return OfferState(
        offer_id=f"offer-{number:03}",
        version=rng.randint(1, 3),
        seller_node_id=rng.choice("ABCD"),
        dataset_fingerprint=f"f{number}",
        modality=rng.choice(["tabular", "image", "text"]),
        label_schema=rng.choice(["", "x", "y"]),
        sample_count=rng.choice([0, 10, 100, 1000]),
        quality_score=rng.choice([0.1, 0.25, 0.5, 0.5, 0.75, 0.9, 1.0, rng.random()]),
        privacy_profile=rng.choice(["", "dp"]),
        allowed_tasks=tuple(rng.choice([[], [], ["classification"], ["regression"]])),
        attestation_status=rng.choice(["unknown", "pending", "verified", "verified", "revoked"]),
        price_per_round=rng.choice([0, 1, 500_000, 1_000_000, 1_000_000, 2_000_000, rng.randint(0, 5_000_000)]),
        min_rounds=rng.choice([1, 1, 1, 2, 5]),
        expires_at=rng.choice([0, 0, 0, NOW - 1, NOW, NOW + 1]),
        status=rng.choice(["active", "active", "active", "active", "paused", "paused"]),
    )


def random_policy(rng: random.Random) -> SelectPolicy:
    """A question that asks for some of what there is to ask."""
    rounds = rng.choice([1, 1, 2, 3])

    def some(value: Any, otherwise: Any, chance: float = 0.3) -> Any:
        return value if rng.random() < chance else otherwise

    return SelectPolicy(
        task_type="classification",
        required_modalities=some(("tabular",), some(("image", "text"), ())),
        min_quality_score=some(rng.choice([0.5, 0.8, 0.95, rng.random()]), 0.0, 0.6),
        budget_total=some(rng.randint(1, 4_000_000) * rounds, 0, 0.7),
        rounds=rounds,
        max_offers=rng.randint(1, 5),
        min_sample_count=some(rng.choice([10, 50, 1000, 5000]), 0),
        label_schema=some("x", "", 0.15),
        privacy_profile=some("dp", "", 0.15),
        attestation_required=some(True, False, 0.15),
        excluded_sellers=some(tuple(rng.sample("ABCDZ", rng.randint(1, 3))), ()),
        one_offer_per_seller=some(True, False),
        min_providers=some(rng.randint(2, 3), 1),
        preferred_sellers=some(tuple(rng.sample("ABCDZ", rng.randint(1, 2))), ()),
    )


def random_book(rng: random.Random, most: int) -> list[OfferState]:
    return [random_offer(rng, number) for number in rng.sample(range(200), rng.randint(0, most))]


def cases(count: int, seed: int, most: int = 9) -> Iterator[tuple[list[OfferState], SelectPolicy]]:
    rng = random.Random(seed)
    for _ in range(count):
        yield random_book(rng, most), random_policy(rng)
