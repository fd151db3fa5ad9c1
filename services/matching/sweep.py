"""What a policy would choose along the values of one field: one pass over the book for all of them. Pure.

The budget decides nothing about which offers can be needed: an offer that k affordable ones dominate is never needed, and whatever
dominates an affordable offer is affordable. So one k-skyband serves every budget. Quality floors are walked from the highest
down, and the skyband of what each step lets in beside the last skyband is that of them all: each offer is looked at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.matching import conditions, truthful
from services.matching.columns import Columns, Rows
from services.matching.engine import LARGEST
from services.matching.preferring import plain, weighted
from services.matching.scoring import UNIT
from services.matching.selection import STEPS, Candidate, Chosen, select, seller_skyband, skyband
from services.matching.thinning import promising
from shared.contracts.explain import SweepPoint, SweptField
from shared.contracts.http import SelectPolicy


def sweep(columns: Columns, policy: SelectPolicy, field: SweptField, values: Sequence[int | float], now: int) -> list[SweepPoint]:
    """A point per value, in their order."""
    if policy.pricing == "truthful":
        exact = int if field == "budget_total" else float
        return [_auction(columns, policy.model_copy(update={field: exact(value)}), value, now) for value in values]
    floors = [policy.min_quality_score] if field == "budget_total" else sorted(set(values), reverse=True)
    columns, weight = weighted(columns, policy)
    open_to_all = policy.model_copy(update={"budget_total": 0, "min_quality_score": float(floors[-1])})
    fit = np.flatnonzero(conditions.judge(columns, open_to_all, now) == 0)
    quality = columns["quality_score"][fit]
    pool: list[Candidate] = []
    found: dict[float, SweepPoint] = {}
    above = np.inf
    steps = STEPS // len(values)  # all of them together search no longer than one question may
    for floor in floors:
        pool = needed(columns, fit[(quality >= floor) & (quality < above)], policy, beside=pool)
        above = float(floor)
        count = int((quality >= floor).sum())
        for value in values if field == "budget_total" else [floor]:
            budget = int(value) if field == "budget_total" else policy.budget_total
            found[value] = _point(value, plain(best(pool, policy, budget, steps=steps), weight), count)
    return [found[value] for value in values]


def _auction(columns: Columns, policy: SelectPolicy, value: int | float, now: int) -> SweepPoint:
    """What the auction gives; nothing without a budget, which decides what it pays."""
    rows = conditions.eligible(conditions.judge(columns, policy, now), policy)
    return _point(value, truthful.choose(columns, rows, policy)[0], len(rows))


def needed(columns: Columns, rows: Rows, policy: SelectPolicy, beside: Sequence[Candidate] = ()) -> list[Candidate]:
    """Those of `rows`, and `beside` them, that a best set can need, whatever the budget."""
    k, one = policy.max_offers, policy.one_offer_per_seller
    candidates = [*beside, *(candidate(columns, row) for row in promising(columns, rows, k, one).tolist())]
    return seller_skyband(candidates, k) if one else skyband(candidates, k)


def candidate(columns: Columns, row: int) -> Candidate:
    """The row as the search sees it."""
    return Candidate(columns.ids[row], columns.seller(row), columns["score"][row].item(), columns["price"][row].item())


def best(pool: Sequence[Candidate], policy: SelectPolicy, budget_total: int, *, steps: int) -> Chosen | None:
    """The best set of `pool` under `policy` with this budget in place of its own, or the best that `steps` of search find."""
    return select(
        pool,
        k=policy.max_offers,
        budget=(budget_total or LARGEST) // policy.rounds,
        min_providers=max(1, policy.min_providers),
        one_per_seller=policy.one_offer_per_seller,
        steps=steps,
    )


def _point(value: int | float, chosen: Chosen | None, compatible: int) -> SweepPoint:
    return SweepPoint(
        value=value,
        has_match=chosen is not None,
        offers=len(chosen.offer_ids) if chosen else 0,
        agreed_price_per_round_total=chosen.price if chosen else 0,
        total_score=chosen.score / UNIT if chosen else 0.0,
        compatible_offers=compatible,
        optimal=chosen is None or (chosen.bound is None and chosen.payments is None),
    )
