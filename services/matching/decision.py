"""What decided a match, small enough to keep and exact enough to be worked out again from the same offers to the same bytes. Pure.

Beside the chosen set: the best other set, the score that no set can beat, and what taking offers by score alone would have lost.
Scores are integers of 10⁻⁹ and amounts micro-credits for one round, so that nothing is rounded before it is hashed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence, Set
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.matching import conditions, engine, narrow, preferring, scoring, selection, thinning, truthful
from services.matching.columns import Columns
from services.matching.preferring import plain, weighted
from services.matching.selection import Candidate, Chosen, select, seller_skyband, skyband
from services.matching.sweep import candidate
from shared.contracts.http import SelectAnswer, SelectPolicy
from shared.kit.chain import digest

FORMAT: Final = 1
RUNNER_UP_STEPS: Final = 40_000
"""Steps of each search for the runner-up: there is one for each chosen offer, and a match waits for them."""
_FINE: Final = 1 << 20
"""Multipliers of the bound are whole numbers of this fraction, so that every machine finds the same bound."""


def answer(columns: Columns, policy: SelectPolicy, now: int, *, seq: int) -> SelectAnswer:
    """What the engine answers, with the record of the decision where there is one."""
    told = engine.answer(columns, policy, now, seq=seq)
    return told.model_copy(update={"decision": record(columns, policy, now, told)}) if told.has_match else told


def record(columns: Columns, policy: SelectPolicy, now: int, told: SelectAnswer) -> dict[str, Any]:
    """The record of a match that was `told`, as plain JSON; its hash is `shared.kit.chain.digest`."""
    k, one = policy.max_offers, policy.one_offer_per_seller
    by_score_alone, (columns, weight) = columns, weighted(columns, policy)
    rows = np.flatnonzero(conditions.judge(columns, policy, now) == 0)
    # One more than is chosen: with any one offer away, the best of the others is still among them. Where a seller may be chosen
    # once, its second best offer counts only when its best is away, so that the runner-up is sought among more.
    promising = [candidate(columns, row) for row in thinning.promising(columns, rows, k + 1, one).tolist()]
    pool = sorted(seller_skyband(promising, k) if one else skyband(promising, k + 1), key=lambda c: c.offer_id)
    budget = (policy.budget_total or engine.LARGEST) // policy.rounds
    taken = {chosen.offer_id for chosen in told.selected_offers}
    score = sum(by_score_alone["score"][[row for row in map(columns.row, taken) if row is not None]].tolist())
    sought = promising if one else pool
    second, proven = runner_up(sought, taken, policy, budget)
    other = plain(second, weight)
    greedy = plain(by_score(pool, policy, budget), weight)
    diagnostics = told.selection_diagnostics
    # A field that says nothing is left out, so that questions from before there was one keep their digest.
    silent = {name for name, value in (("pricing", "posted"), ("preferred_sellers", ())) if getattr(policy, name) == value}
    question = {"policy": policy.model_dump(mode="json", exclude=silent), "now": now}
    return {
        "format": FORMAT,
        "code": code_version(),
        "question": question,
        "question_digest": digest(question),
        "book": {
            "offers_evaluated": len(columns),
            "compatible_offers": diagnostics["compatible_offers"],
            "rejected_by_set": diagnostics["rejected_by_set"],
            "considered_offers": len(pool),
            "digest": digest({"considered": [[c.offer_id, c.seller, c.score, c.price] for c in pool]}),
        },
        "chosen": {
            "offers": [[chosen.offer_id, chosen.offer_version] for chosen in told.selected_offers],
            "score": score,
            "price": told.agreed_price_per_round_total,
            "proven": diagnostics["optimal"],
        },
        **(
            {"pricing": _pricing(told, plain(_exact(sought, policy, budget), weight), score)}
            if policy.pricing == "truthful"
            else {}
        ),
        "runner_up": None if other is None else {**_set(other), "proven": proven},
        "upper_bound": upper_bound(pool, k, budget) // weight,
        "greedy": None if greedy is None else _set(greedy),
        "greedy_regret": score - (greedy.score if greedy else 0),
    }


@cache
def code_version() -> str:
    """SHA-256 of the code that decides: another version may choose otherwise from the same offers."""
    whole = hashlib.sha256()
    for module in (conditions, engine, narrow, preferring, scoring, selection, thinning, truthful):
        whole.update(Path(str(module.__file__)).read_bytes())
    return whole.hexdigest()


def runner_up(pool: Sequence[Candidate], taken: Set[str], policy: SelectPolicy, budget: int) -> tuple[Chosen | None, bool]:
    """The best set that lacks at least one of the chosen offers, and whether that is proven.

    Where the chosen set is the best, it is the best other one: with all of them and more it would have a higher score.
    """
    found = [_exact([c for c in pool if c.offer_id != left_out], policy, budget, RUNNER_UP_STEPS) for left_out in sorted(taken)]
    sets = [chosen for chosen in found if chosen is not None]
    return min(sets, key=lambda chosen: chosen.rank, default=None), all(chosen.bound is None for chosen in sets)


def _pricing(told: SelectAnswer, posted: Chosen | None, score: int) -> dict[str, Any]:
    """What truthful pricing pays and costs: payments and bids for a round, and the exact choice at posted prices beside it."""
    return {
        "mode": "truthful",
        "payments": {chosen.offer_id: [chosen.price_per_round, chosen.asked_price_per_round] for chosen in told.selected_offers},
        "posted": None if posted is None else {**_set(posted), "proven": posted.bound is None},
        "score_lost": None if posted is None else posted.score - score,
    }


def _exact(pool: Sequence[Candidate], policy: SelectPolicy, budget: int, steps: int = selection.STEPS) -> Chosen | None:
    return select(
        pool,
        k=policy.max_offers,
        budget=budget,
        min_providers=max(1, policy.min_providers),
        one_per_seller=policy.one_offer_per_seller,
        steps=steps,
    )


def by_score(pool: Sequence[Candidate], policy: SelectPolicy, budget: int) -> Chosen | None:
    """What the usual way would choose: the best scores first, each where the money that is left allows it."""
    taken: list[Candidate] = []
    left = budget
    for c in sorted(pool, key=lambda c: c.rank):
        if len(taken) == policy.max_offers:
            break
        if c.price <= left and not (policy.one_offer_per_seller and any(c.seller == other.seller for other in taken)):
            taken.append(c)
            left -= c.price
    if len(taken) < max(1, policy.min_providers):
        return None
    return Chosen(sum(c.score for c in taken), sum(c.price for c in taken), tuple(sorted(c.offer_id for c in taken)))


def upper_bound(pool: Sequence[Candidate], k: int, budget: int) -> int:
    """The score that no set can beat, however offers were divided: the Lagrangian bound over the budget, rounded up.

    For a multiplier m, no k offers within the budget score more than m × budget + the k highest of (score − m × price). That is
    convex in m, and lowest where the k offers just use the budget up.
    """

    def at(multiplier: int) -> tuple[int, int]:
        reduced = sorted(((c.score * _FINE - multiplier * c.price, c.price) for c in pool), reverse=True)[:k]
        used = [(value, price) for value, price in reduced if value > 0]
        return multiplier * budget + sum(value for value, _ in used), sum(price for _, price in used)

    low, high = 0, max((c.score * _FINE // max(1, c.price) + 1 for c in pool), default=0)
    best, spent = at(0)
    while spent > budget and high - low > 1:
        middle = (low + high) // 2
        bound, used = at(middle)
        best = min(best, bound)
        low, high = (middle, high) if used > budget else (low, middle)
    return -(-best // _FINE)


def _set(chosen: Chosen) -> dict[str, Any]:
    return {"offers": list(chosen.offer_ids), "score": chosen.score, "price": chosen.price}
