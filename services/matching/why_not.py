"""How one offer fares under a policy, and what its price has to do with it. Pure.

A lower price makes the offer's score higher and every set with it cheaper, and changes no set without it. So an offer that is chosen
at a price is chosen at every lower one, and the highest of some prices is found by halving.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from services.matching import conditions, scoring, truthful
from services.matching.columns import Columns, Rows
from services.matching.conditions import BUDGET
from services.matching.preferring import weighted
from services.matching.sweep import best, candidate, needed
from shared.contracts.explain import Fared
from shared.contracts.http import SelectPolicy

STEPS: Final = 50_000
"""Steps of the search for one price: some hundredths of a second, where a book is built to be hard."""


def fare(columns: Columns, offer_id: str, policy: SelectPolicy, prices: Sequence[int], now: int) -> Fared:
    """How the offer fares at each of `prices`, which rise. An offer that the book does not know is not active."""
    bits = conditions.judge(columns, policy.model_copy(update={"budget_total": 0}), now)
    row = columns.row(offer_id)
    if row is None:
        return Fared(failed=("offer_not_active",), highest_price=None, rivals=0)
    failed = tuple(reason for reason in conditions.reasons(int(bits[row])) if reason != BUDGET)
    rows = np.flatnonzero(bits == 0)
    rows = rows[rows != row]
    seller = columns["seller"]
    rivals = len(np.unique(seller[rows][seller[rows] != seller[row]]))
    if failed:
        return Fared(failed=failed, highest_price=None, rivals=rivals)
    if policy.pricing == "truthful":
        first_lost = bisect_left(prices, True, key=_auctioned(columns, rows, row, policy))
        return Fared(failed=(), highest_price=prices[first_lost - 1] if first_lost else None, rivals=rivals)
    scored, weight = weighted(columns, policy)
    pool, own, parts = needed(scored, rows, policy), candidate(scored, row), columns.score(row)
    preferred = own.score - parts.total * weight

    def lost(price: int) -> bool:
        total = parts.quality + parts.trust + scoring.score(0.0, price, verified=False).cost
        chosen = best(
            [*pool, replace(own, price=price, score=total * weight + preferred)], policy, policy.budget_total, steps=STEPS
        )
        return chosen is None or offer_id not in chosen.offer_ids

    first_lost = bisect_left(prices, True, key=lost)
    return Fared(failed=(), highest_price=prices[first_lost - 1] if first_lost else None, rivals=rivals)


def _auctioned(columns: Columns, rows: Rows, row: int, policy: SelectPolicy) -> Callable[[int], bool]:
    """Whether the offer loses the auction against `rows` at a price. Another offer of its seller may compete in its place."""
    values = truthful.worth(columns)
    rows = np.append(rows, row)
    competes = row in truthful.competing(columns, rows, values)
    pool = [bid for bid in truthful.bids(columns, rows, policy) if bid.offer_id != columns.ids[row]]

    def lost(price: int) -> bool:
        own = truthful.Bid(columns.ids[row], int(values[row]), price, columns.seller(row) in policy.preferred_sellers)
        won = truthful.award(
            [*pool, own], k=policy.max_offers, budget=policy.budget_total // policy.rounds, least=policy.min_providers
        )
        return not competes or won is None or own.offer_id not in won.payments

    return lost
