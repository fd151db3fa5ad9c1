"""The set of at most k offers with the highest total score that the budget allows: exactly, not greedily.

Only an offer that fewer than k others dominate (score at least as high and price at most as high, ties by id) can be needed in a
best set: whatever it is chosen for, one of its k dominators is free to take its place. The k-skyband that is left is searched by
branch and bound. Integers throughout, so a tie is a tie.

The bound prices the budget: with a multiplier m, no set can beat m × budget + the k highest of (value − m × price). The offers are
searched in the order of that reduced value, so a bound is one look into prefix sums, and the first one that is too low ends the
level.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

import numpy as np

from services.matching import narrow

FEW: Final = 64
"""So few offers are searched as they are."""
STEPS: Final = 1_000_000
"""Steps of a search (about a second). Where ten or more are wanted of hundreds of offers whose score is within a hundredth of a
convex function of their price, this is not enough: the best sets take the two ends and one offer between, which no price of the
budget tells apart. Such a book is answered by the best set found, with the bound that no set can beat (within 1-2 %)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer as the search sees it: score in units, price of one round in micro-credits."""

    offer_id: str
    seller: str
    score: int
    price: int

    @property
    def rank(self) -> tuple[int, int, str]:
        return (-self.score, self.price, self.offer_id)


@dataclass(frozen=True)
class Chosen:
    """A set, best first in each of: higher score, lower price, smaller ids."""

    score: int
    price: int
    offer_ids: tuple[str, ...]
    bound: int | None = None
    """Where the search ended at its limit: the score that no set can beat. None where this set is proven to be the best."""
    payments: tuple[int, ...] | None = None
    """What each of `offer_ids` is paid for a round where that is not its own price."""

    @property
    def rank(self) -> tuple[int, int, tuple[str, ...]]:
        return (-self.score, self.price, self.offer_ids)


def skyband(candidates: Iterable[Candidate], k: int) -> list[Candidate]:
    """Those that fewer than k others dominate, in the order of score (high first), price, id."""
    kept: list[Candidate] = []
    cheapest: list[int] = []  # negated: a heap of the k lowest prices seen so far, the highest of them on top
    for candidate in sorted(candidates, key=lambda c: c.rank):
        # All that came before has a score at least as high: with k of them at most as dear, this one is not needed.
        if len(cheapest) < k:
            kept.append(candidate)
            heapq.heappush(cheapest, -candidate.price)
        elif candidate.price < -cheapest[0]:
            kept.append(candidate)
            heapq.heapreplace(cheapest, -candidate.price)
    return kept


def seller_skyband(candidates: Iterable[Candidate], k: int) -> list[Candidate]:
    """The same where a seller may be chosen once: fewer than k other sellers dominate, and no other offer of its own."""
    kept: list[Candidate] = []
    cheapest: dict[str, int] = {}  # the k + 1 sellers with the lowest prices seen so far
    for candidate in sorted(candidates, key=lambda c: c.rank):
        own = cheapest.get(candidate.seller)
        if own is not None and own <= candidate.price:
            continue
        if sum(price <= candidate.price for seller, price in cheapest.items() if seller != candidate.seller) >= k:
            continue
        kept.append(candidate)
        cheapest[candidate.seller] = candidate.price
        if len(cheapest) > k + 1:
            del cheapest[max(cheapest, key=lambda seller: (cheapest[seller], seller))]
    return kept


def select(
    candidates: Iterable[Candidate],
    *,
    k: int,
    budget: int | None,
    min_providers: int = 1,
    one_per_seller: bool = False,
    known: Sequence[Candidate] = (),
    steps: int = STEPS,
) -> Chosen | None:
    """The best affordable set of `min_providers` to `k` offers, or None.

    `budget` is for one round, in micro-credits; None means no limit. `known` may be a good set that satisfies all of that: it
    saves steps.
    """
    affordable = [c for c in candidates if budget is None or c.price <= budget]
    pool = seller_skyband(affordable, k) if one_per_seller else skyband(affordable, k)
    best = _first(pool, k, one_per_seller)
    if min_providers > k or len(best) < min_providers:
        return None
    if budget is None or sum(c.price for c in best) <= budget:
        return _chosen(best)
    least = cheapest(pool, min_providers, one_per_seller)
    if sum(c.price for c in least) > budget:
        return None
    if len(pool) > FEW:
        pool, found = _narrowed(pool, k, budget, min_providers, one_per_seller)
        known = max(known, found, key=lambda taken: sum(c.score for c in taken))
    return _Search(pool, k, budget, min_providers, one_per_seller, steps).run(known or least)


def _narrowed(
    pool: Sequence[Candidate], k: int, budget: int, min_providers: int, one_per_seller: bool
) -> tuple[list[Candidate], list[Candidate]]:
    """Those of the pool that a best set can have, and a good set."""
    codes: dict[str, int] = {}
    sellers = np.array([codes.setdefault(c.seller, len(codes)) for c in pool]) if one_per_seller else None
    prices, scores = np.array([c.price for c in pool], np.int64), np.array([c.score for c in pool], np.int64)
    kept, known = narrow.needed(prices, scores, sellers, k=k, budget=budget, least=min_providers)
    return [pool[i] for i in kept.tolist()], [pool[i] for i in known.tolist()]


def cheapest(candidates: Iterable[Candidate], count: int, one_per_seller: bool) -> list[Candidate]:
    """The `count` cheapest, or as many as there are, of different sellers where that is asked."""
    ordered = sorted(candidates, key=lambda c: (c.price, -c.score, c.offer_id))
    return _first(ordered, count, one_per_seller)


def _first(ordered: Sequence[Candidate], count: int, one_per_seller: bool) -> list[Candidate]:
    """The first `count`, at most one per seller where that is asked."""
    if not one_per_seller:
        return list(ordered[:count])
    of_seller: dict[str, Candidate] = {}
    for candidate in ordered:
        if len(of_seller) == count:
            break
        of_seller.setdefault(candidate.seller, candidate)
    return list(of_seller.values())


def _chosen(taken: Sequence[Candidate]) -> Chosen:
    return Chosen(sum(c.score for c in taken), sum(c.price for c in taken), tuple(sorted(c.offer_id for c in taken)))


class _Search:
    """Branch and bound over a pool whose best set is over the budget.

    A candidate's value is its score times a weight above any total price, less its price: so the higher value is the higher
    score, and the lower price among equal scores.
    """

    def __init__(
        self, pool: Sequence[Candidate], k: int, budget: int, min_providers: int, one_per_seller: bool, steps: int
    ) -> None:
        self._k, self._min, self._one, self._steps = k, min_providers, one_per_seller, steps
        weight = 1 + sum(heapq.nlargest(k, (c.price for c in pool)))
        multiplier = int(_multiplier(pool, k, budget) * weight)

        def reduced(c: Candidate) -> int:
            return c.score * weight - c.price - multiplier * c.price

        self._pool = sorted(pool, key=lambda c: (-reduced(c), *c.rank))
        self._reduced = [reduced(c) for c in self._pool]
        self._prefix = list(accumulate((max(0, r) for r in self._reduced), initial=0))
        self._least = _suffix_sums([c.price for c in self._pool], min_providers)
        self._budget, self._weight, self._multiplier = budget, weight, multiplier
        # Of offers alike in score and price the first by id goes first; with one per seller only where its seller has no other.
        offers = Counter(c.seller for c in self._pool)
        self._twin = [False] + [
            (c.score, c.price) == (before.score, before.price) and (not one_per_seller or offers[before.seller] == 1)
            for before, c in zip(self._pool, self._pool[1:], strict=False)
        ]

    def run(self, known: Sequence[Candidate]) -> Chosen:
        """The best set, `known` being one that can be afforded."""
        self._best = _chosen(known)
        self._best_value = self._best.score * self._weight - self._best.price
        start = self._multiplier * self._budget
        self._visit(0, [], start, self._budget, frozenset())
        if self._steps > 0:
            return self._best
        return replace(self._best, bound=(start + self._prefix[min(self._k, len(self._pool))]) // self._weight + 1)

    def _visit(self, at: int, taken: list[int], base: int, money: int, sellers: frozenset[str]) -> None:
        """Tries every candidate from `at` on as the next one. `base` is the value of `taken` plus the multiplier × `money`."""
        left, need = self._k - len(taken), self._min - len(taken)
        if need <= 0:
            self._note(taken, base - self._multiplier * money)
        if left == 0:
            return
        for i in range(at, len(self._pool)):
            self._steps -= 1
            if self._steps <= 0:
                return
            reduced = self._reduced[i]
            rest = max(0, self._prefix[min(i + left, len(self._pool))] - self._prefix[i + 1])
            if base + reduced + rest < self._best_value or (need > 0 and self._least[need][i] > money):
                return
            candidate = self._pool[i]
            if candidate.price > money or candidate.seller in sellers or (i > at and self._twin[i]):
                continue
            inner = sellers | {candidate.seller} if self._one else sellers
            self._visit(i + 1, [*taken, i], base + reduced, money - candidate.price, inner)

    def _note(self, taken: Sequence[int], value: int) -> None:
        if value >= self._best_value:
            self._best = min(self._best, _chosen([self._pool[i] for i in taken]), key=lambda found: found.rank)
            self._best_value = value


def _suffix_sums(prices: Sequence[int], most: int) -> list[list[int]]:
    """`sums[c][i]`: the price of the c cheapest from i on; more than can be paid where there are not as many."""
    never = 1 + sum(prices)
    sums = [[never] * (len(prices) + 1) for _ in range(most + 1)]
    cheapest: list[int] = []
    for i in range(len(prices) - 1, -1, -1):
        cheapest = heapq.nsmallest(most, [*cheapest, prices[i]])
        for count, total in enumerate(accumulate(cheapest), start=1):
            sums[count][i] = total
    return sums


def _multiplier(pool: Sequence[Candidate], k: int, budget: int) -> float:
    """Score per micro-credit of budget that makes the bound lowest: where the k best by reduced value just use it up.

    Only the strength of the bound depends on it, not its truth, so that floats do.
    """
    score = np.array([c.score for c in pool], float)
    price = np.array([c.price for c in pool], float)
    low, high = 0.0, float(np.max(score / np.maximum(price, 1)))
    for _ in range(50):
        middle = (low + high) / 2
        value = score - middle * price
        best = np.argpartition(-value, k - 1)[:k] if k < len(pool) else np.arange(len(pool))
        if price[best[value[best] > 0]].sum() > budget:
            low = middle
        else:
            high = middle
    return high
