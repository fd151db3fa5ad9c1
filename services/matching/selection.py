"""The set of at most k offers with the highest total score that the budget allows: exactly, not greedily.

Only an offer that fewer than k others dominate (score at least as high and price at most as high, ties by id) can be needed in a
best set: whatever it is chosen for, one of its k dominators is free to take its place. The k-skyband that is left is searched by
branch and bound: what is left cannot add more than its best affordable scores. Integers throughout.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer as the search sees it: score in units, price of one round in micro-credits."""

    offer_id: str
    seller: str
    score: int
    price: int


@dataclass(frozen=True)
class Chosen:
    """A set, best first in each of: higher score, lower price, smaller ids."""

    score: int
    price: int
    offer_ids: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int, tuple[str, ...]]:
        return (-self.score, self.price, self.offer_ids)


def skyband(candidates: Sequence[Candidate], k: int) -> list[Candidate]:
    """Those that fewer than k others dominate, in the order of score (high first), price, id."""
    kept: list[Candidate] = []
    cheapest: list[int] = []  # negated: a heap of the k lowest prices seen so far, the highest of them on top
    for candidate in sorted(candidates, key=lambda c: (-c.score, c.price, c.offer_id)):
        if len(cheapest) < k or candidate.price < -cheapest[0]:
            kept.append(candidate)
        # All that came before has a score at least as high: with k of them at most as dear, this one is not needed.
        if len(cheapest) < k:
            heapq.heappush(cheapest, -candidate.price)
        elif candidate.price < -cheapest[0]:
            heapq.heapreplace(cheapest, -candidate.price)
    return kept


def select(
    candidates: Sequence[Candidate], *, k: int, budget: int | None, min_providers: int = 1, one_per_seller: bool = False
) -> Chosen | None:
    """The best affordable set of `min_providers` to `k` offers, or None.

    `budget` is for one round, in micro-credits; None means no limit.
    """
    if one_per_seller:
        # Within a seller the same domination holds with k = 1, so what is left there is a chain of score against price.
        by_seller: dict[str, list[Candidate]] = {}
        for candidate in candidates:
            by_seller.setdefault(candidate.seller, []).append(candidate)
        pool = sorted((c for group in by_seller.values() for c in skyband(group, 1)), key=lambda c: (-c.score, c.price, c.offer_id))
    else:
        pool = skyband(candidates, k)
    limit = budget if budget is not None else sum(c.price for c in pool)
    return _Search(pool, k, limit, min_providers, one_per_seller).run()


class _Search:
    def __init__(self, pool: Sequence[Candidate], k: int, budget: int, min_providers: int, one_per_seller: bool) -> None:
        self._pool = [c for c in pool if c.price <= budget]
        self._k, self._budget, self._min, self._one = k, budget, min_providers, one_per_seller
        self._best: Chosen | None = None

    def run(self) -> Chosen | None:
        self._visit(0, (), 0, 0, frozenset())
        return self._best

    def _visit(self, at: int, taken: tuple[str, ...], score: int, price: int, sellers: frozenset[str]) -> None:
        if len(taken) >= self._min:
            found = Chosen(score, price, tuple(sorted(taken)))
            if self._best is None or found.rank < self._best.rank:
                self._best = found
        if at == len(self._pool) or len(taken) == self._k:
            return
        if self._hopeless(at, len(taken), score, price):
            return
        candidate = self._pool[at]
        if price + candidate.price <= self._budget and not (self._one and candidate.seller in sellers):
            self._visit(
                at + 1, (*taken, candidate.offer_id), score + candidate.score, price + candidate.price, sellers | {candidate.seller}
            )
        self._visit(at + 1, taken, score, price, sellers)

    def _hopeless(self, at: int, count: int, score: int, price: int) -> bool:
        """Whether nothing from here on can beat the best set. The pool is sorted by score, so a prefix bounds what is left."""
        if self._best is None:
            return False
        bound, left = score, self._k - count
        money = self._budget - price
        for candidate in self._pool[at:]:
            if left == 0:
                break
            if candidate.price > money:
                continue
            bound += candidate.score
            left -= 1
        # Equal scores may still win by price or id.
        return bound < self._best.score
