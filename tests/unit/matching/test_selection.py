"""The selection finds the best set there is: held against every subset of small books and against a MILP solver on larger ones.

`MATCHING_BOOKS` says how many small books (2,000 where it is not set).
"""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import pytest
import scipy.optimize

from services.matching.selection import Candidate, Chosen, select, seller_skyband, skyband
from tests.unit.matching.oracle import best_set

solver: Any = scipy.optimize

BOOKS = int(os.environ.get("MATCHING_BOOKS", "2000"))


def small_book(rng: random.Random) -> list[Candidate]:
    """Up to nine offers; half of the books are full of ties."""
    coarse = rng.random() < 0.5
    return [
        Candidate(
            f"o{number}",
            rng.choice("abcd"),
            rng.randint(1, 4) if coarse else rng.randint(1, 10**9),
            rng.randint(0, 5) if coarse else rng.randint(0, 10**7),
        )
        for number in rng.sample(range(100), rng.randint(0, 9))
    ]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("one_per_seller", [False, True])
def test_no_subset_of_a_small_book_is_better(one_per_seller: bool) -> None:
    rng = random.Random(6)
    for _ in range(BOOKS // 2):
        book = small_book(rng)
        k = rng.randint(1, 6)
        least = rng.choice([1, 1, rng.randint(1, k)])
        budget = None if rng.random() < 0.1 else rng.randint(0, sum(c.price for c in book) + 1)

        found = select(book, k=k, budget=budget, min_providers=least, one_per_seller=one_per_seller)

        best = best_set(book, k=k, budget=budget, least=least, one_per_seller=one_per_seller)
        assert (found and found.rank) == best, (book, k, budget, least)


@pytest.mark.parametrize("one_per_seller", [False, True])
def test_the_order_of_the_book_does_not_matter(one_per_seller: bool) -> None:
    rng = random.Random(7)
    for _ in range(200):
        book = small_book(rng)
        budget = sum(c.price for c in book) // 2
        first = select(book, k=4, budget=budget, one_per_seller=one_per_seller)
        rng.shuffle(book)

        assert select(book, k=4, budget=budget, one_per_seller=one_per_seller) == first


def large_book(rng: random.Random, count: int) -> list[Candidate]:
    """Better data costs more, more or less: few offers dominate others."""
    book = []
    for number in range(count):
        price = rng.randint(10**6, 10**7)
        quality = min(1.0, max(0.0, price / 10**7 + rng.gauss(0, 0.08)))
        score = round(quality * 10**9) // 2 + 3 * 10**14 // (10**6 + price) + rng.choice([10**8, 2 * 10**8])
        book.append(Candidate(f"o{number:05}", f"s{rng.randrange(count // 2)}", score, price))
    return book


def by_solver(book: list[Candidate], k: int, budget: int, least: int, one_per_seller: bool) -> int:
    """The highest total score, by HiGHS."""
    rules = [
        solver.LinearConstraint(np.array([[c.price / 1e6 for c in book]]), ub=budget / 1e6),
        solver.LinearConstraint(np.ones((1, len(book))), lb=least, ub=k),
    ]
    if one_per_seller:
        sellers = sorted({c.seller for c in book})
        rules.append(solver.LinearConstraint(np.array([[c.seller == seller for c in book] for seller in sellers], float), ub=1))
    scores = np.array([c.score / 1e9 for c in book])
    solved = solver.milp(-scores, constraints=rules, integrality=1, bounds=solver.Bounds(0, 1), options={"mip_rel_gap": 0})
    assert solved.status == 0
    return sum(c.score for c, x in zip(book, solved.x, strict=True) if x > 0.5)


@pytest.mark.parametrize("one_per_seller", [False, True])
@pytest.mark.parametrize("k, least", [(3, 1), (8, 4), (25, 1)])
def test_a_solver_finds_nothing_better_in_a_larger_book(k: int, least: int, one_per_seller: bool) -> None:
    for seed in range(4):
        rng = random.Random(seed)
        book = large_book(rng, 300)
        budget = rng.randint(least * 2_000_000, k * 4_000_000)

        found = select(book, k=k, budget=budget, min_providers=least, one_per_seller=one_per_seller)

        assert found is not None
        assert found.bound is None
        assert found.price <= budget
        assert len(found.offer_ids) <= k
        # The solver's own tolerance is a millionth; ours is none, so it may only fall short.
        assert found.score >= by_solver(book, k, budget, least, one_per_seller)


def test_offers_that_are_all_alike_are_taken_by_their_ids_at_once() -> None:
    """C(400, 12) sets tie: only order can tell them apart."""
    book = [Candidate(f"o{number:03}", f"s{number}", 500, 7) for number in range(400)]

    found = select(book, k=25, budget=12 * 7 + 3)

    assert found == Chosen(12 * 500, 84, tuple(f"o{number:03}" for number in range(12)))


def test_thousands_of_offers_that_none_dominates_are_searched_without_end_of_stack() -> None:
    rng = random.Random(1)
    book = [
        Candidate(f"o{number:05}", "s", 10**8 + number * 1000 + rng.randint(0, 900), 10**6 + number * 997) for number in range(5000)
    ]

    found = select(book, k=25, budget=25 * 3_000_000)

    assert len(skyband(book, 25)) == 5000
    assert found is not None
    assert found.price <= 75_000_000


def test_a_search_that_reaches_its_limit_says_what_no_set_can_beat() -> None:
    rng = random.Random(2)
    book = large_book(rng, 200)
    exact = select(book, k=10, budget=30_000_000)

    cut = select(book, k=10, budget=30_000_000, steps=3)

    assert exact is not None
    assert cut is not None
    assert exact.bound is None
    assert cut.bound is not None
    assert cut.score <= exact.score <= cut.bound


@pytest.mark.parametrize("k", [1, 2, 5])
def test_what_a_skyband_leaves_out_is_dominated_k_times(k: int) -> None:
    rng = random.Random(k)
    for _ in range(200):
        book = small_book(rng)
        kept = {c.offer_id for c in skyband(book, k)}
        for c in book:
            better = [o for o in book if o is not c and o.score >= c.score and o.price <= c.price and o.rank < c.rank]
            assert (c.offer_id in kept) == (len(better) < k)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_what_a_skyband_of_sellers_leaves_out_is_dominated_by_its_own_or_k_others(k: int) -> None:
    rng = random.Random(k)
    for _ in range(200):
        book = small_book(rng)
        kept = {c.offer_id for c in seller_skyband(book, k)}
        for c in book:
            better = [o for o in book if o is not c and o.score >= c.score and o.price <= c.price and o.rank < c.rank]
            own = any(o.seller == c.seller for o in better)
            if c.offer_id not in kept:
                assert own or len({o.seller for o in better} - {c.seller}) >= k


@pytest.mark.parametrize(
    "k, budget, least, expected",
    [
        (3, 0, 1, ("free",)),
        (3, 5, 1, ("a", "free")),
        (1, None, 1, ("a",)),
        (3, None, 4, None),
        (2, None, 3, None),
        (3, 4, 2, None),
    ],
)
def test_edges_of_budget_and_number(k: int, budget: int | None, least: int, expected: tuple[str, ...] | None) -> None:
    book = [Candidate("a", "s", 10, 5), Candidate("b", "s", 9, 5), Candidate("free", "t", 1, 0)]

    found = select(book, k=k, budget=budget, min_providers=least)

    assert (found and found.offer_ids) == expected
