"""Leaves out offers that no best set can have, by what they cost at the price of the budget: NumPy before the exact search.

With a multiplier m (score per micro-credit) no set of at most k can score more than m × budget + its k highest reduced values
(score − m × price): Lagrange. An offer whose own reduced value with the k − 1 highest stays below a set that is known to be
affordable is in no better one. Floats decide no more than how much is left: the bounds are wide by more than their error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.matching.columns import Rows

CORE: Final = 256
"""Offers that are tried in place of others."""
ROUNDS: Final = 60

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """Offers as arrays; `sellers` where each may be chosen once."""

    prices: Floats
    scores: Floats
    sellers: NDArray[Any] | None
    k: int
    budget: float
    least: int

    def top(self, values: Floats, count: int) -> Rows:
        """The `count` highest by value, best first, one per seller where that is asked."""
        if self.sellers is not None:
            order = np.argsort(-values, kind="stable")
            _, first = np.unique(self.sellers[order], return_index=True)
            return order[np.sort(first)[:count]]
        if count < len(values):
            found = np.argpartition(values, -count)[-count:]
            return found[np.argsort(-values[found], kind="stable")]
        return np.argsort(-values, kind="stable")

    def at(self, multiplier: float) -> Rows:
        """The set with the highest reduced value; at least as many as are asked for."""
        values = self.scores - multiplier * self.prices
        found = self.top(values, self.k)
        return found[: max(self.least, int((values[found] > 0).sum()))]

    def sums(self, rows: Rows) -> tuple[float, float]:
        """(score, price)"""
        return float(self.scores[rows].sum()), float(self.prices[rows].sum())


def needed(
    prices: NDArray[np.int64], scores: NDArray[Any], sellers: NDArray[Any] | None, *, k: int, budget: int, least: int
) -> tuple[Rows, Rows]:
    """The offers of which the best sets are made, and a good set that can be afforded.

    All of them, and none, where the budget is no limit or nothing can be afforded.
    """
    q = Question(prices.astype(np.float64), scores.astype(np.float64), sellers, k, float(budget), least)
    dear, cheap = q.at(0.0), q.top(-q.prices, least)
    if q.sums(dear)[1] <= budget or len(cheap) < least or q.sums(cheap)[1] > budget:
        return np.arange(len(prices)), np.empty(0, np.intp)
    multiplier, known = _multiplier(q, dear, cheap)
    reduced = q.scores - multiplier * q.prices
    known = _improved(q, known, reduced)
    others = np.maximum(reduced[q.top(reduced, k)], 0)[: k - 1].sum()
    limit = q.sums(known)[0] - multiplier * q.budget - others
    return np.flatnonzero(reduced >= limit - 2 - 1e-9 * abs(limit)), known


def _multiplier(q: Question, dear: Rows, cheap: Rows) -> tuple[float, Rows]:
    """Where the bound is lowest, and the best affordable set on the way: from both sides, by the line between the two sets."""
    best = cheap
    multiplier = 0.0
    for _ in range(ROUNDS):
        (dear_score, dear_price), (cheap_score, cheap_price) = q.sums(dear), q.sums(cheap)
        if dear_price <= cheap_price or dear_score <= cheap_score:
            break
        multiplier = (dear_score - cheap_score) / (dear_price - cheap_price)
        between = q.at(multiplier)
        score, price = q.sums(between)
        if score - multiplier * price <= cheap_score - multiplier * cheap_price + 1e-6:
            break
        if price > q.budget:
            dear = between
        else:
            cheap = between
            best = max(best, between, key=lambda rows: q.sums(rows)[0])
    return multiplier, best


def _improved(q: Question, rows: Rows, reduced: Floats) -> Rows:
    """An affordable set made better by adding and exchanging single offers, for as long as that is possible."""
    core = np.union1d(q.top(reduced, CORE), rows)
    prices, scores = q.prices[core], q.scores[core]
    sellers = core if q.sellers is None else q.sellers[core]
    chosen = np.searchsorted(core, rows)
    for _ in range(ROUNDS):
        slack = q.budget - prices[chosen].sum()
        out = np.append(prices[chosen], 0) if len(chosen) < q.k else prices[chosen]
        lost = np.append(scores[chosen], 0) if len(chosen) < q.k else scores[chosen]
        gains = scores[None, :] - lost[:, None]
        gains[prices[None, :] > out[:, None] + slack] = -1
        taken = np.isin(sellers, sellers[chosen])
        gains[:, taken] = -1
        at, new = divmod(int(gains.argmax()), len(core))
        if gains[at, new] <= 0:
            break
        chosen = np.append(np.delete(chosen, at) if at < len(chosen) else chosen, new)
    return core[chosen]
