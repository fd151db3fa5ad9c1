"""Answers a question over the book: the chosen set, and exact diagnostics. Pure: no clock, no I/O."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.matching import conditions, narrow, relaxations
from services.matching.columns import Columns, Rows
from services.matching.conditions import BIT, BLOCK, BUDGET, CODES
from services.matching.scan import Scan, scan
from services.matching.scoring import UNIT
from services.matching.selection import FEW, Candidate, Chosen, select
from shared.contracts.http import ScoreBreakdown, SelectAnswer, SelectedOffer, SelectPolicy
from shared.contracts.values import micro_to_credits

SAMPLE: Final = 1024
SHOWN: Final = 5
"""How many of the best are told."""
LARGEST: Final = 2**63 - 1


def answer(columns: Columns, policy: SelectPolicy, now: int, *, seq: int) -> SelectAnswer:
    """The chosen set, and why it is what it is."""
    bits = conditions.judge(columns, policy, now)
    chosen, rows = choose(columns, np.flatnonzero(bits == 0), policy)
    return SelectAnswer(
        has_match=chosen is not None,
        selected_offers=tuple(_selected(columns, row) for row in rows),
        agreed_price_per_round_total=chosen.price if chosen else 0,
        index_seq=seq,
        selection_diagnostics=_diagnostics(columns, bits, policy, now, chosen),
    )


def choose(columns: Columns, rows: Rows, policy: SelectPolicy) -> tuple[Chosen | None, list[int]]:
    """The best set among these rows, and its rows, best first."""
    k, least, one = policy.max_offers, max(1, policy.min_providers), policy.one_offer_per_seller
    # Without a budget the only limit is what a contract's total can be: a BIGINT of micro-credits.
    budget = (policy.budget_total or LARGEST) // policy.rounds
    rows = promising(columns, rows, k, one)
    best = dearest(columns, rows, k, one_per_seller=one)
    if len(best) < least or least > k:
        return None, []
    if sum(columns["price"][best].tolist()) <= budget:
        return _as_chosen(columns, best), best
    known: list[int] = []
    if len(rows) > FEW:
        sellers = columns["seller"][rows] if one else None
        needed, good = narrow.needed(columns["price"][rows], columns["score"][rows], sellers, k=k, budget=budget, least=least)
        rows, known = rows[needed], rows[good].tolist()
    ids = [columns.ids[row] for row in rows.tolist()]
    chosen = select(
        _candidates(columns, rows.tolist()),
        k=k,
        budget=budget,
        min_providers=least,
        one_per_seller=one,
        known=_candidates(columns, known),
    )
    if chosen is None:
        return None, []
    by_id = dict(zip(ids, rows.tolist(), strict=True))
    return chosen, columns.best(np.array([by_id[offer_id] for offer_id in chosen.offer_ids]), len(chosen.offer_ids))


def _candidates(columns: Columns, rows: list[int]) -> list[Candidate]:
    ids, sellers = [columns.ids[row] for row in rows], [columns.seller(row) for row in rows]
    return list(map(Candidate, ids, sellers, columns["score"][rows].tolist(), columns["price"][rows].tolist()))


def dearest(columns: Columns, rows: Rows, count: int, *, one_per_seller: bool) -> list[int]:
    """The set that money would choose if it were no matter: the first `count` of `rows` by score, price and id."""
    if not one_per_seller:
        return columns.best(rows, count)
    looked_at = 4 * count
    while True:
        of_seller: dict[int, int] = {}
        for row in columns.best(rows, looked_at):
            of_seller.setdefault(int(columns["seller"][row]), row)
        if len(of_seller) >= count or looked_at >= len(rows):
            return list(of_seller.values())[:count]
        looked_at *= 8


def _as_chosen(columns: Columns, rows: list[int]) -> Chosen:
    return Chosen(
        sum(columns["score"][rows].tolist()),
        sum(columns["price"][rows].tolist()),
        tuple(sorted(columns.ids[row] for row in rows)),
    )


def promising(columns: Columns, rows: Rows, k: int, one_per_seller: bool) -> Rows:
    """`rows` without most of those that k others dominate: dominated by a sample is dominated by all.

    What it keeps decides nothing but the time that the exact search takes.
    """
    price, score = columns["price"], columns["score"]
    while len(rows) > SAMPLE:
        few = rows[:: len(rows) // SAMPLE]
        # Where a seller may be chosen once, one of the dominating sellers may be the offer's own.
        at, floor = _floors(price[few], score[few], columns["seller"][few] if one_per_seller else None, k)
        if not len(at):
            return rows
        parts = [_above(price, score, rows[start : start + BLOCK], at, floor) for start in range(0, len(rows), BLOCK)]
        kept = np.concatenate(parts)
        if len(kept) > 0.9 * len(rows):
            return kept
        rows = kept
    return rows


def _above(price: NDArray[np.int64], score: NDArray[np.int32], rows: Rows, at: NDArray[np.int64], floor: NDArray[np.int32]) -> Rows:
    """The rows that reach the floor at their price."""
    prices, scores = price[rows], score[rows]
    for step in (len(at) // 2, len(at) - 1):  # two cheap cuts before the exact one
        kept = np.flatnonzero((prices < at[step]) | (scores >= floor[step]))
        rows, prices, scores = rows[kept], prices[kept], scores[kept]
    steps = np.searchsorted(at, prices, side="right") - 1
    kept_rows: Rows = rows[(steps < 0) | (scores >= floor[steps])]
    return kept_rows


def _floors(prices: NDArray[Any], scores: NDArray[Any], sellers: NDArray[Any] | None, k: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Steps (price, score): an offer at that price or above needs that score, or k of these dominate it."""
    if sellers is not None:
        _, first = np.unique(sellers, return_index=True)
        prices, scores, k = prices[first], scores[first], k + 1
    order = np.argsort(prices, kind="stable")
    prices, left = prices[order], scores[order]
    for _ in range(k):  # the highest so far; then, of what it pushed down, the second highest so far; and so on
        highest = np.maximum.accumulate(left)
        left = np.minimum(left, np.concatenate([[-1], highest[:-1]]))
    steps = np.flatnonzero(np.diff(highest, prepend=-1) > 0)
    return prices[steps], highest[steps]


def breakdown(columns: Columns, row: int) -> ScoreBreakdown:
    parts = columns.score(row)
    return ScoreBreakdown(
        quality_component=parts.quality / UNIT,
        cost_component=parts.cost / UNIT,
        trust_component=parts.trust / UNIT,
        total=parts.total / UNIT,
    )


def _selected(columns: Columns, row: int) -> SelectedOffer:
    parts = breakdown(columns, row)
    return SelectedOffer(
        offer_id=columns.ids[row],
        offer_version=columns["version"][row].item(),
        seller_node_id=columns.seller(row),
        dataset_fingerprint=columns.fingerprints[row],
        price_per_round=columns["price"][row].item(),
        quality_score=columns["quality_score"][row].item(),
        sample_count=columns["sample_count"][row].item(),
        score=parts.total,
        score_breakdown=parts,
    )


def _diagnostics(columns: Columns, bits: conditions.Bits, policy: SelectPolicy, now: int, chosen: Chosen | None) -> dict[str, Any]:
    seen = scan(columns, bits, max(SHOWN, policy.max_offers))
    by_set = {code: int(seen.counts[code]) for code in np.flatnonzero(seen.counts).tolist() if code}
    failed = {code: conditions.reasons(code) for code in by_set}
    reasons: dict[str, int] = {}
    for code, count in by_set.items():
        for reason in failed[code]:
            reasons[reason] = reasons.get(reason, 0) + count
    reasons.pop(BUDGET, None)
    return {
        "offers_evaluated": len(columns),
        "compatible_offers": int(seen.counts[0] + seen.counts[BIT[BUDGET]]),
        "budget_rejected": by_set.get(BIT[BUDGET], 0),
        "rejection_reasons": dict(sorted(reasons.items())),
        "rejected_by_set": [
            {"reasons": list(failed[code]), "count": by_set[code]} for code in sorted(by_set, key=lambda c: (-by_set[c], failed[c]))
        ],
        "top_ranked_offers": [_ranked(columns, row) for row in seen.fit[:SHOWN]],
        "near_misses": [_near_miss(columns, row, int(bits[row]), policy) for row in seen.near[:SHOWN]],
        "budget": _budget(columns, bits, seen, policy, chosen),
        "optimal": chosen is None or chosen.bound is None,
        "score_bound": None if chosen is None or chosen.bound is None else chosen.bound / UNIT,
        # The provider's policy: no change of the intent gets past these.
        "not_relaxable": [c.reason for c in conditions.CONDITIONS if c.field is None and c.reason in reasons],
        "relaxations": relaxations.find(columns, bits, policy, now, choose) if chosen is None else [],
    }


def _ranked(columns: Columns, row: int) -> dict[str, Any]:
    return {
        "offer_id": columns.ids[row],
        "seller_node_id": columns.seller(row),
        "price_per_round": micro_to_credits(columns["price"][row].item()),
        "quality_score": columns["quality_score"][row].item(),
        "score_breakdown": breakdown(columns, row).model_dump(),
    }


def _near_miss(columns: Columns, row: int, bit: int, policy: SelectPolicy) -> dict[str, Any]:
    (reason,) = conditions.reasons(bit)
    return {**_ranked(columns, row), "reason": reason, "gap": conditions.BY_REASON[reason].gap(columns, row, policy)}


def _budget(columns: Columns, bits: conditions.Bits, seen: Scan, policy: SelectPolicy, chosen: Chosen | None) -> dict[str, Any]:
    """What the intent can spend against what things cost, for the whole contract, in credits; null where there is no such thing."""

    def whole(price: int | None) -> int | float | None:
        return None if price is None else micro_to_credits(price * policy.rounds)

    least, one = max(1, policy.min_providers), policy.one_offer_per_seller
    cheapest, best = seen.cheapest, seen.fit[: policy.max_offers]
    if least > 1 or (one and policy.max_offers > 1):
        fit = np.flatnonzero((bits & np.uint16(CODES - 1 - BIT[BUDGET])) == 0)
        cheapest = relaxations.cheapest_price(columns, fit, least, one_per_seller=one)
        best = dearest(columns, fit, policy.max_offers, one_per_seller=one)
    return {
        "budget_total": micro_to_credits(policy.budget_total) if policy.budget_total else None,
        "cheapest_compatible": whole(seen.cheapest),
        "cheapest_feasible_set": whole(cheapest),
        "best_unconstrained_set": whole(sum(columns["price"][best].tolist()) if len(best) >= least else None),
        "chosen_set": whole(chosen.price if chosen else None),
    }
