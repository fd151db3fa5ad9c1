"""Prices that make it pointless for a seller to ask for anything but what it wants: a budget-feasible auction. Pure.

Proportional share (Singer 2010, "Budget feasible mechanisms"), here with at most k winners. An offer's *value* is what its score has
without affordability, so that no bid changes it; its *rate* is its price for a unit of value. A clock raises the rate r that is paid
for value: the offers that ask for no more than r are in, the k of them with the highest value are taken, and the clock stops before
what they get, r × their value, exceeds the budget. Whoever is taken is paid the highest price at which it would still have been.

Why no misreport pays: taken offers and the rate depend on an offer's own bid only through whether it is in, and the lower the bid the
sooner it is; with such monotone choices and threshold payments honesty is a dominant strategy (Myerson 1981). Payments sum to no more
than the rate × the value of all, which is within the budget. Let S be taken and x be the first that the budget stopped: a set of at
most k that the budget could pay is worth at most V(S) for offers that are in and less than V(S) + V(x) for the others, so the best is
worth less than 2 V(S) + V(x). Nothing much better is to be had: no truthful auction guarantees more than half of the best divisible
set, no deterministic one more than a third (Gravin, Jin, Lu, Zhang 2019, "Optimal budget-feasible mechanisms for additive valuations").

It is the price that cannot be gamed. A seller competes with one offer, its most valuable, whatever that asks: two bids of one seller
could help one another.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching import scoring
from services.matching.columns import Columns, Rows
from services.matching.selection import Chosen
from services.matching.thinning import promising
from shared.contracts.http import SelectPolicy


@dataclass(frozen=True, slots=True)
class Bid:
    """An offer as the auction sees it: value in 10⁻⁹, above zero; price of one round in micro-credits."""

    offer_id: str
    value: int
    price: int
    preferred: bool = False
    """Goes before others of the same value, whatever it asks."""

    @property
    def rank(self) -> tuple[int, bool]:
        return (self.value, self.preferred)

    @property
    def rate(self) -> Fraction:
        return Fraction(self.price, self.value)


@dataclass(frozen=True)
class Award:
    """Who is taken and what each is paid for a round, in the order of ids. `stopped_by` is the first that the budget stopped."""

    payments: dict[str, int]
    value: int
    stopped_by: Bid | None


def award(bids: Iterable[Bid], *, k: int, budget: int, least: int = 1) -> Award | None:
    """The outcome of the auction, or None where fewer than `least` are taken. `budget` is for one round, in micro-credits.

    Equal values go by preference, then by the lower rate, then by id. Integers and fractions throughout: a tie is a tie.
    """
    clock = sorted((bid for bid in bids if bid.price <= budget), key=lambda bid: (bid.rate, bid.offer_id))
    taken: list[tuple[tuple[int, bool], int]] = []  # a heap of (rank, -place): on top what goes first
    value, stop = 0, len(clock)
    for place, bid in enumerate(clock):
        full = len(taken) == k
        if full and bid.rank <= taken[0][0]:
            continue  # it would not be taken, so it is no matter
        grown = value + bid.value - (taken[0][0][0] if full else 0)
        if bid.price * grown > budget * bid.value:
            stop = place
            break
        value = grown
        if full:
            heapq.heapreplace(taken, (bid.rank, -place))
        else:
            heapq.heappush(taken, (bid.rank, -place))
    if len(taken) < max(1, least):
        return None
    stopped_by = clock[stop] if stop < len(clock) else None
    limit = Fraction(budget, value)
    if stopped_by is not None:
        limit = min(limit, stopped_by.rate)
    payments = {}
    for rank, negative in taken:
        # Of `alike` others of the same rank it must ask less than the one that would push it out.
        alike = [place for place in range(stop) if clock[place].rank == rank and place != -negative]
        room = k - sum(other > rank for other, _ in taken)
        highest = min(limit, clock[alike[room - 1]].rate) if len(alike) >= room else limit
        payments[clock[-negative].offer_id] = rank[0] * highest.numerator // highest.denominator
    return Award(dict(sorted(payments.items())), value, stopped_by)


def choose(columns: Columns, rows: Rows, policy: SelectPolicy) -> tuple[Chosen | None, list[int]]:
    """The taken set among `rows`, with what each is paid, and its rows, best first; nothing where there is no budget.

    `rows` fail no condition but, perhaps, the budget: which offer a seller competes with must not depend on what it asks.
    """
    found = award(
        bids(columns, rows, policy),
        k=policy.max_offers,
        budget=policy.budget_total // policy.rounds,
        least=policy.min_providers,
    )
    if found is None or not policy.budget_total:
        return None, []
    known = [row for row in map(columns.row, found.payments) if row is not None]
    score = sum(columns["score"][known].tolist())
    chosen = Chosen(score, sum(found.payments.values()), tuple(found.payments), payments=tuple(found.payments.values()))
    return chosen, columns.best(np.array(known, np.intp), len(known))


def bids(columns: Columns, rows: Rows, policy: SelectPolicy) -> list[Bid]:
    """The bids among `rows` that can matter: one of each seller, without most of those that `max_offers` + 1 others outbid."""
    values = worth(columns)
    rows = competing(columns, rows, values)
    # One more than are taken: the first that is not may be what limits a payment.
    kept = promising(columns.scored(values), rows, policy.max_offers + 1, one_per_seller=False).tolist()
    preferred = set(policy.preferred_sellers)
    return [Bid(columns.ids[row], int(values[row]), columns["price"][row].item(), columns.seller(row) in preferred) for row in kept]


def worth(columns: Columns) -> NDArray[Any]:
    """The value of every row in 10⁻⁹."""
    return scoring.values(columns["quality_score"], columns["verified"])


def competing(columns: Columns, rows: Rows, values: NDArray[Any]) -> Rows:
    """Of each seller the offer with the highest value; of equal ones the first by id."""
    sellers = columns["seller"][rows]
    highest = np.zeros(len(columns.names.sellers), np.int64)
    np.maximum.at(highest, sellers, values[rows])
    rows = rows[values[rows] == highest[sellers]]
    order = sorted(rows.tolist(), key=columns.ids.__getitem__) if len(rows) > len(np.unique(columns["seller"][rows])) else rows
    rows = np.array(order, np.intp)
    _, first = np.unique(columns["seller"][rows], return_index=True)
    return np.sort(rows[first])
