"""What is left out before the exact search is in no best set: held against every subset, and against a MILP solver."""

from __future__ import annotations

import random

import numpy as np
import pytest

from services.matching import engine, narrow
from services.matching.columns import Columns
from services.matching.selection import Candidate, Chosen, select, seller_skyband, skyband
from shared.contracts.events import OfferState
from shared.contracts.http import SelectPolicy
from tests.unit.matching.oracle import best_set, candidates, random_offer
from tests.unit.matching.test_selection import BOOKS, by_solver, small_book


def needed(book: list[Candidate], *, k: int, budget: int, least: int, one_per_seller: bool) -> tuple[list[int], list[int]]:
    sellers = np.array([ord(c.seller[0]) for c in book]) if one_per_seller else None
    prices, scores = np.array([c.price for c in book], np.int64), np.array([c.score for c in book], np.int32)
    kept, known = narrow.needed(prices, scores, sellers, k=k, budget=budget, least=least)
    return kept.tolist(), known.tolist()


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("one_per_seller", [False, True])
def test_the_best_set_of_a_small_book_is_kept_and_the_known_one_can_be_afforded(one_per_seller: bool) -> None:
    rng = random.Random(21)
    narrowed = 0
    for _ in range(BOOKS // 2):
        book = small_book(rng)
        k = rng.randint(1, 5)
        least = rng.choice([1, 1, rng.randint(1, k)])
        budget = rng.randint(0, sum(c.price for c in book) + 1)
        if len(book) < least:
            continue

        kept, known = needed(book, k=k, budget=budget, least=least, one_per_seller=one_per_seller)

        asked = {"k": k, "budget": budget, "least": least, "one_per_seller": one_per_seller}
        best = best_set(book, **asked)  # type: ignore[arg-type]
        assert best_set([book[i] for i in kept], **asked) == best, (book, asked)  # type: ignore[arg-type]
        narrowed += len(kept) < len(book)
        if known:
            assert best is not None
            assert least <= len(known) <= k
            assert sum(book[i].price for i in known) <= budget
            assert not one_per_seller or len({book[i].seller for i in known}) == len(known)
            assert -best[0] >= sum(book[i].score for i in known)
    assert narrowed > BOOKS // 20


def correlated(rng: random.Random, count: int, *, coarse: bool) -> list[OfferState]:
    """Offers whose quality is close to what their price says, so that hardly one dominates another; `coarse` books are full of ties."""
    offers = []
    for number in range(count):
        price = rng.randint(100, 1000) * 10_000 if coarse else rng.randint(10**6, 10**7)
        quality = min(1.0, max(0.0, 0.9 * (price / 10**7) ** 0.5 + rng.gauss(0, 0.004)))
        offers.append(
            random_offer(rng, 0).model_copy(
                update={
                    "offer_id": f"offer-{number:05}",
                    "seller_node_id": f"seller-{rng.randrange(count // 3)}",
                    "quality_score": round(quality, 2 if coarse else 9),
                    "attestation_status": "verified",
                    "price_per_round": price,
                }
            )
        )
    return offers


def exact(k: int, *, coarse: bool, one_per_seller: bool) -> tuple[Chosen, list[Candidate], int]:
    """What is chosen from 2,500 offers, those that are not dominated, and the budget."""
    offers = correlated(random.Random(k), 2500, coarse=coarse)
    columns, budget = Columns.of(offers), k * 3_500_000
    policy = SelectPolicy(task_type="t", max_offers=k, budget_total=budget, one_offer_per_seller=one_per_seller)

    chosen, _ = engine.choose(columns, np.arange(len(offers)), policy)

    assert chosen is not None
    assert chosen.bound is None
    assert chosen.price <= budget
    left = seller_skyband if one_per_seller else skyband
    return chosen, left(candidates(offers), k), budget


@pytest.mark.parametrize("k, coarse, one_per_seller", [(3, False, False), (3, False, True), (10, True, False)])
def test_a_solver_finds_nothing_better_among_hundreds_of_undominated_offers(k: int, coarse: bool, one_per_seller: bool) -> None:
    chosen, left, budget = exact(k, coarse=coarse, one_per_seller=one_per_seller)

    assert len(left) > 400
    # The solver's own tolerance is a millionth; ours is none, so it may only fall short.
    assert chosen.score >= by_solver(left, k, budget, 1, one_per_seller)


@pytest.mark.parametrize("one_per_seller", [False, True])
@pytest.mark.parametrize("k", [10, 25])
def test_more_than_a_thousand_undominated_offers_are_searched_to_the_end(k: int, one_per_seller: bool) -> None:
    _, left, _ = exact(k, coarse=False, one_per_seller=one_per_seller)

    assert len(left) > 1000


@pytest.mark.parametrize("one_per_seller", [False, True])
def test_ties_in_a_large_book_go_by_price_and_id_however_it_is_narrowed(one_per_seller: bool) -> None:
    rng = random.Random(5)
    for _ in range(20):
        book = [
            Candidate(f"o{number:03}", f"s{rng.randrange(40)}", rng.randint(1, 9) * 10**7, rng.randint(1, 9) * 10**6)
            for number in range(150)
        ]
        budget = rng.randint(5, 30) * 10**6
        kept, known = needed_by_name(book, 6, budget, one_per_seller)

        whole = select(book, k=6, budget=budget, one_per_seller=one_per_seller)
        part = select(kept, k=6, budget=budget, one_per_seller=one_per_seller, known=known)

        assert part == whole


def needed_by_name(book: list[Candidate], k: int, budget: int, one: bool) -> tuple[list[Candidate], list[Candidate]]:
    names = sorted({c.seller for c in book})
    sellers = np.array([names.index(c.seller) for c in book]) if one else None
    prices, scores = np.array([c.price for c in book], np.int64), np.array([c.score for c in book], np.int32)
    kept, known = narrow.needed(prices, scores, sellers, k=k, budget=budget, least=1)
    return [book[i] for i in kept.tolist()], [book[i] for i in known.tolist()]
