"""Truthful pricing keeps the budget, pays nobody less than it asks, and no other bid pays better: by trying other bids.

`TRUTHFUL_TRIALS` says how many random auctions (2,000 where it is not set; `make truthful` plays 100,000).
"""

from __future__ import annotations

import itertools
import os
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching import decision, engine
from services.matching.columns import Columns
from services.matching.truthful import Award, Bid, award, bids
from services.matching.truthful import worth as truthful_worth
from shared.contracts.http import SelectPolicy
from tests.unit.matching.oracle import NOW, cases, random_offer, reasons

TRIALS = int(os.environ.get("TRUTHFUL_TRIALS", "2000"))


def random_auction(rng: random.Random) -> tuple[list[Bid], int, int, int]:
    """Bids, k, budget and least number of winners; half of the auctions are full of ties."""
    coarse = rng.random() < 0.5
    values, prices = (4, 6) if coarse else (7 * 10**8, 10**7)
    bids = [
        Bid(f"o{n}", rng.randint(1, values), rng.randint(0, prices), rng.random() < 0.3)
        for n in rng.sample(range(100), rng.randint(1, 9))
    ]
    k = rng.randint(1, 6)
    return bids, k, rng.randint(1, 2 * sum(b.price for b in bids) // len(bids) * k + 2), rng.choice([1, 1, rng.randint(1, k)])


def others(rng: random.Random, bids: list[Bid], at: int, budget: int, won: Award | None) -> set[int]:
    """Bids to try in place of a true one: around every bid, the payment and the budget, where outcomes change."""
    true = bids[at]
    tried = {0, budget, budget + 1, true.price - 1, true.price + 1, rng.randint(0, budget + 1)}
    for other in bids:
        level = other.price * true.value // other.value
        tried |= {level - 1, level, level + 1}
    paid = (won.payments if won else {}).get(true.offer_id)
    if paid is not None:
        tried |= {paid - 1, paid, paid + 1}
    return {price for price in tried if price >= 0}


def best_value(bids: list[Bid], k: int, budget: int) -> int:
    return max(
        sum(b.value for b in some)
        for size in range(k + 1)
        for some in itertools.combinations(bids, size)
        if sum(b.price for b in some) <= budget
    )


def check(rng: random.Random, bids: list[Bid], k: int, budget: int, least: int) -> Award | None:
    """Raises AssertionError where the auction is not what it promises."""
    won = award(bids, k=k, budget=budget, least=least)
    shuffled = rng.sample(bids, len(bids))
    assert award(shuffled, k=k, budget=budget, least=least) == won
    if won is not None:
        by_id = {b.offer_id: b for b in bids}
        assert least <= len(won.payments) <= k
        assert sum(won.payments.values()) <= budget
        assert all(paid >= by_id[offer_id].price for offer_id, paid in won.payments.items())
        assert won.value == sum(by_id[offer_id].value for offer_id in won.payments)
        if least == 1:
            slack = won.stopped_by.value if won.stopped_by else 0
            assert best_value(bids, k, budget) <= 2 * won.value + slack
    at = rng.randrange(len(bids))
    true = bids[at]

    def gain(told: Award | None) -> int:
        return told.payments[true.offer_id] - true.price if told and true.offer_id in told.payments else 0

    honest = gain(won)
    for price in others(rng, bids, at, budget, won):
        lie = [*bids[:at], replace(true, price=price), *bids[at + 1 :]]
        told = award(lie, k=k, budget=budget, least=least)
        assert gain(told) <= honest, (bids, at, price, k, budget, least)
    return won


@pytest.mark.timeout(7200)
def test_no_budget_is_exceeded_and_no_misreport_pays_in_random_auctions() -> None:
    rng = random.Random(10)
    won = sum(check(rng, *random_auction(rng)) is not None for _ in range(TRIALS))

    assert TRIALS // 2 < won < TRIALS


BIDS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 8), st.booleans()), min_size=1, max_size=7)


@settings(max_examples=300, deadline=None)
@given(BIDS, st.integers(1, 4), st.integers(0, 20), st.randoms(use_true_random=False))
def test_the_same_holds_where_everything_ties(drawn: list[tuple[int, int, bool]], k: int, budget: int, rng: random.Random) -> None:
    bids = [Bid(f"o{n}", value, price, preferred) for n, (value, price, preferred) in enumerate(drawn)]

    check(rng, bids, k, budget, 1)


def test_a_worked_example() -> None:
    """The clock stops at c's rate, 4: a and b get 4 for a unit of value, which is more than they ask, and within the budget."""
    bids = [Bid("a", 2, 2), Bid("b", 3, 6), Bid("c", 5, 20)]

    won = award(bids, k=3, budget=25)

    assert won == Award({"a": 8, "b": 12}, 5, bids[2])


def test_of_equal_offers_the_cheapest_are_taken_and_paid_what_the_next_asks() -> None:
    bids = [Bid(f"o{price}", 4, price) for price in (9, 3, 5, 7)]

    won = award(bids, k=2, budget=100)

    assert won is not None
    assert won.payments == {"o3": 7, "o5": 7}


def truthful(policy: SelectPolicy) -> SelectPolicy:
    return policy.model_copy(update={"pricing": "truthful", "budget_total": policy.budget_total or 5_000_000 * policy.rounds})


def test_what_an_intent_gets_is_within_its_budget_and_what_it_costs_is_told() -> None:
    seen = {"match": 0, "lost": 0, "above": 0}
    for offers, asked in cases(600, seed=17):
        policy = truthful(asked)
        told = decision.answer(Columns.of(offers), policy, NOW, seq=1)
        if not told.has_match:
            continue
        seen["match"] += 1
        by_id = {o.offer_id: o for o in offers}
        chosen = [by_id[c.offer_id] for c in told.selected_offers]
        assert not any(reasons(o, policy) for o in chosen)
        assert len({o.seller_node_id for o in chosen}) == len(chosen)
        assert told.agreed_price_per_round_total == sum(c.price_per_round for c in told.selected_offers)
        assert told.agreed_price_per_round_total * policy.rounds <= policy.budget_total
        for c, o in zip(told.selected_offers, chosen, strict=True):
            assert c.asked_price_per_round == o.price_per_round <= c.price_per_round
        posted = engine.answer(Columns.of(offers), policy.model_copy(update={"pricing": "posted"}), NOW, seq=1)
        pricing = told.selection_diagnostics["pricing"]
        assert pricing["posted_offers"] == sorted(c.offer_id for c in posted.selected_offers)
        lost = sum(c.score for c in posted.selected_offers) - sum(c.score for c in told.selected_offers)
        assert pricing["score_lost"] == pytest.approx(lost, abs=1e-9)
        assert pricing["score_lost"] >= 0
        assert told.selection_diagnostics["optimal"] == (pricing["score_lost"] == 0)
        record = told.decision
        assert record is not None
        assert record["pricing"]["score_lost"] == round(pricing["score_lost"] * 10**9)
        assert record["chosen"]["price"] == told.agreed_price_per_round_total
        seen["lost"] += pricing["score_lost"] > 0
        seen["above"] += pricing["paid_above_asked"] > 0

    assert all(seen.values()), seen


@pytest.mark.timeout(600)
def test_no_seller_gains_by_another_price_in_the_book_itself() -> None:
    """With several offers of a seller, conditions, and budgets: the utility of a seller is over all that it offers."""
    rng = random.Random(23)
    for offers, asked in itertools.islice(cases(10**6, seed=23), min(TRIALS, 400)):
        if not offers:
            continue
        policy = truthful(asked)
        seller = rng.choice(offers).seller_node_id

        def utility(book: list, policy: SelectPolicy = policy, offers: list = offers, seller: str = seller) -> int:  # type: ignore[type-arg]
            true = {o.offer_id: o.price_per_round for o in offers}
            told = engine.answer(Columns.of(book), policy, NOW, seq=1)
            return sum(c.price_per_round - true[c.offer_id] for c in told.selected_offers if c.seller_node_id == seller)

        honest = utility(offers)
        for _ in range(4):
            lie = [
                o.model_copy(update={"price_per_round": rng.choice([0, rng.randint(0, 6_000_000)])})
                if o.seller_node_id == seller
                else o
                for o in offers
            ]
            assert utility(lie) <= honest, (offers, policy, seller)


def test_a_large_book_is_thinned_out_without_changing_the_outcome() -> None:
    rng = random.Random(5)
    plain = {"status": "active", "expires_at": 0, "allowed_tasks": (), "min_rounds": 1}
    offers = [
        random_offer(rng, n).model_copy(
            update={
                **plain,
                "offer_id": f"offer-{n:05}",
                "seller_node_id": f"s{n % 4000}",
                "quality_score": rng.choice([0.5, rng.random()]),
            }
        )
        for n in range(6000)
    ]
    best: dict[str, Bid] = {}
    for o in sorted(offers, key=lambda o: o.offer_id):
        value = round(o.quality_score * 10**9) // 2 + (2 if o.attestation_status == "verified" else 1) * 10**8
        if o.seller_node_id not in best or best[o.seller_node_id].value < value:
            best[o.seller_node_id] = Bid(o.offer_id, value, o.price_per_round)
    columns = Columns.of(offers)
    for k, budget in ((1, 50), (3, 1_000_000), (10, 3_000_000), (25, 40_000_000)):
        policy = SelectPolicy(task_type="classification", max_offers=k, budget_total=budget, pricing="truthful")
        whole = award(best.values(), k=k, budget=budget)

        told = engine.answer(columns, policy, NOW, seq=1)

        assert whole is not None
        assert {c.offer_id: c.price_per_round for c in told.selected_offers} == whole.payments


@pytest.mark.parametrize("k", [1, 2])
def test_a_bid_that_no_more_than_k_others_outbid_is_kept(k: int) -> None:
    """The first that is not taken may be what limits a payment."""
    rng = random.Random(k)
    plain = {"status": "active", "expires_at": 0, "allowed_tasks": (), "min_rounds": 1}
    offers = [
        random_offer(rng, n).model_copy(
            update={
                **plain,
                "offer_id": f"offer-{n:05}",
                "seller_node_id": f"s{n}",
                "quality_score": rng.random(),
                "price_per_round": rng.randint(0, 10**7),
            }
        )
        for n in range(3000)
    ]
    columns = Columns.of(offers)
    worth, price = truthful_worth(columns), columns["price"]

    kept = {bid.offer_id for bid in bids(columns, np.arange(len(columns)), SelectPolicy(task_type="t", max_offers=k))}

    outbid = [int(((worth >= worth[row]) & (price <= price[row])).sum()) - 1 for row in range(len(columns))]
    assert {columns.ids[row] for row in range(len(columns)) if outbid[row] <= k} <= kept
    assert len(kept) < 300
