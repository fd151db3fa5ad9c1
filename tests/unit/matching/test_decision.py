"""The record of a decision is true: the runner-up is the second best of all sets, and no set beats the bound."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from services.matching import decision
from services.matching.columns import Columns
from shared.contracts.events import OfferState
from shared.contracts.http import SelectPolicy
from shared.kit.chain import digest
from tests.unit.matching.oracle import NOW, Best, candidates, random_offer, reasons


def all_sets(offers: list[OfferState], p: SelectPolicy) -> list[Best]:
    """(-score, price, ids) of every set that would do, best first."""
    fit = candidates(o for o in offers if not reasons(o, p))
    budget = p.budget_total // p.rounds if p.budget_total else None
    found = []
    for size in range(max(1, p.min_providers), p.max_offers + 1):
        for some in itertools.combinations(fit, size):
            price = sum(c.price for c in some)
            if (budget is None or price <= budget) and not (p.one_offer_per_seller and len({c.seller for c in some}) < size):
                liked = sum(c.seller in p.preferred_sellers for c in some)
                found.append((-sum(c.score for c in some), -liked, price, tuple(sorted(c.offer_id for c in some))))
    return [(score, price, ids) for score, _, price, ids in sorted(found)]


def rich_cases(count: int, seed: int) -> Iterator[tuple[list[OfferState], SelectPolicy]]:
    """Books where much is to be had, so that choices are hard: few conditions, budgets that bind, coinciding prices."""
    rng = random.Random(seed)
    plain = {"status": "active", "expires_at": 0, "allowed_tasks": (), "min_rounds": 1}
    for _ in range(count):
        offers = [
            random_offer(rng, number).model_copy(update={**plain, "price_per_round": rng.choice([1, 2, 3, 5, 8]) * 500_000})
            for number in rng.sample(range(200), rng.randint(1, 8))
        ]
        yield (
            offers,
            SelectPolicy(
                task_type="classification",
                budget_total=rng.randint(1, 16) * 500_000,
                max_offers=rng.randint(1, 4),
                one_offer_per_seller=rng.random() < 0.4,
                min_providers=rng.choice([1, 1, 2]),
                preferred_sellers=rng.choice([(), (), ("A",), ("B", "Z")]),
            ),
        )


def test_the_runner_up_is_the_second_best_of_all_sets_and_the_bound_holds() -> None:
    seen = {"runner-up": 0, "regret": 0, "nothing by score": 0}
    for offers, policy in rich_cases(400, seed=31):
        sets = all_sets(offers, policy)
        record = decision.answer(Columns.of(offers), policy, NOW, seq=1).decision
        assert (record is not None) == bool(sets)
        if record is None:
            continue
        score, price, ids = sets[0]
        assert (record["chosen"]["score"], record["chosen"]["price"]) == (-score, price)
        assert sorted(offer_id for offer_id, _ in record["chosen"]["offers"]) == list(ids)
        other = record["runner_up"]
        if len(sets) == 1:
            assert other is None
        else:
            assert (-other["score"], other["price"], tuple(other["offers"])) == sets[1], (offers, policy)
            assert other["proven"]
            seen["runner-up"] += 1
        assert record["upper_bound"] >= -score
        greedy = record["greedy"]
        if greedy is None:
            seen["nothing by score"] += 1
        else:
            assert (-greedy["score"], greedy["price"], tuple(greedy["offers"])) in sets
            assert record["greedy_regret"] == -score - greedy["score"] >= 0
            seen["regret"] += record["greedy_regret"] > 0

    assert all(seen.values()), seen


def test_the_bound_is_near_where_the_budget_binds() -> None:
    """Offers that are small against the budget leave little room between the best set and its bound."""
    rng = random.Random(3)
    offers = [
        OfferState(
            offer_id=f"o{n}",
            version=1,
            seller_node_id=f"s{n}",
            dataset_fingerprint="f",
            modality="tabular",
            sample_count=1,
            quality_score=rng.random(),
            allowed_tasks=(),
            attestation_status="unknown",
            price_per_round=rng.randint(1, 2_000_000),
            min_rounds=1,
            expires_at=0,
            status="active",
        )
        for n in range(300)
    ]
    policy = SelectPolicy(task_type="t", max_offers=20, budget_total=8_000_000)

    record = decision.answer(Columns.of(offers), policy, NOW, seq=1).decision

    assert record is not None
    assert record["chosen"]["score"] <= record["upper_bound"] < record["chosen"]["score"] * 1.01


def test_the_same_offers_in_another_order_give_the_same_hash() -> None:
    rng = random.Random(4)
    hashes = set()
    for offers, policy in rich_cases(100, seed=32):
        first = decision.answer(Columns.of(offers), policy, NOW, seq=1).decision
        rng.shuffle(offers)
        second = decision.answer(Columns.of(offers), policy, NOW, seq=2).decision
        assert first == second
        if first is not None:
            hashes.add(digest(first))

    assert len(hashes) > 50
