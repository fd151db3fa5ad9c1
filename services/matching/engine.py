"""Answers a question over the book: the chosen set, and exact diagnostics. Pure: no clock, no I/O."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.matching import conditions, relaxations
from services.matching.columns import Columns, Rows
from services.matching.conditions import BIT, BUDGET
from services.matching.scoring import UNIT
from services.matching.selection import Candidate, Chosen, select
from shared.contracts.http import ScoreBreakdown, SelectAnswer, SelectedOffer, SelectPolicy
from shared.contracts.values import micro_to_credits

SHOWN: Final = 5
SAMPLE: Final = 1024
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
    by_id = {columns.ids[row]: row for row in promising(columns, rows, policy.max_offers, policy.one_offer_per_seller).tolist()}
    chosen = select(
        [_candidate(columns, row) for row in by_id.values()],
        k=policy.max_offers,
        # Without a budget the only limit is what a contract's total can be: a BIGINT of micro-credits.
        budget=(policy.budget_total or LARGEST) // policy.rounds,
        min_providers=max(1, policy.min_providers),
        one_per_seller=policy.one_offer_per_seller,
    )
    if chosen is None:
        return None, []
    return chosen, columns.best(np.array([by_id[offer_id] for offer_id in chosen.offer_ids]), len(chosen.offer_ids))


def _candidate(columns: Columns, row: int) -> Candidate:
    return Candidate(columns.ids[row], columns.seller(row), columns["score"][row].item(), columns["price"][row].item())


def promising(columns: Columns, rows: Rows, k: int, one_per_seller: bool) -> Rows:
    """`rows` without most of those that k others dominate: dominated by a sample is dominated by all.

    What it keeps decides nothing but the time that the exact search takes.
    """
    while len(rows) > SAMPLE:
        sample = rows[:: len(rows) // SAMPLE]
        # Where a seller may be chosen once, one of the dominating sellers may be the offer's own.
        floors = _floors(columns, sample, k + one_per_seller, one_per_seller)
        if floors is None:
            return rows
        prices, scores = floors
        kept: Rows = rows
        for at in (len(prices) // 2, len(prices) - 1):  # two cheap cuts before the exact one
            kept = kept[(columns["price"][kept] < prices[at]) | (columns["score"][kept] >= scores[at])]
        step = np.searchsorted(prices, columns["price"][kept], side="right") - 1
        kept = kept[(step < 0) | (columns["score"][kept] >= scores[step])]
        if len(kept) > 0.9 * len(rows):
            return kept
        rows = kept
    return rows


def _floors(columns: Columns, sample: Rows, k: int, one_per_seller: bool) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Steps (price, score): an offer at that price or above needs that score, or k of the sample dominate it."""
    best: dict[int, int] = {}  # the k best scores so far, by seller where it may be chosen once
    steps: list[tuple[int, int]] = []
    order = sample[np.argsort(columns["price"][sample], kind="stable")]
    sellers = columns["seller"][order] if one_per_seller else np.arange(len(order))
    for seller, price, score in zip(
        sellers.tolist(), columns["price"][order].tolist(), columns["score"][order].tolist(), strict=True
    ):
        if score <= best.get(seller, -1) or (len(best) == k and score <= min(best.values())):
            continue
        best[seller] = score
        if len(best) > k:
            del best[min(best, key=best.__getitem__)]
        if len(best) == k:
            floor = min(best.values())
            if not steps or floor > steps[-1][1]:
                steps.append((price, floor))
    if not steps:
        return None
    return np.array([price for price, _ in steps]), np.array([score for _, score in steps])


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


def _diagnostics(columns: Columns, bits: Any, policy: SelectPolicy, now: int, chosen: Chosen | None) -> dict[str, Any]:
    by_set = {code: count for code, count in enumerate(np.bincount(bits, minlength=1).tolist()) if code and count}
    failed = {code: conditions.reasons(code) for code in by_set}
    reasons: dict[str, int] = {}
    for code, count in by_set.items():
        for reason in failed[code]:
            reasons[reason] = reasons.get(reason, 0) + count
    reasons.pop(BUDGET, None)
    # What the budget refuses is compatible all the same: the intent wants it, and only cannot pay for it.
    fit = np.flatnonzero((bits == 0) | (bits == BIT[BUDGET]))
    near = np.flatnonzero(np.isin(bits, list(BIT.values())))
    return {
        "offers_evaluated": len(columns),
        "compatible_offers": len(fit),
        "budget_rejected": by_set.get(BIT[BUDGET], 0),
        "rejection_reasons": dict(sorted(reasons.items())),
        "rejected_by_set": [
            {"reasons": list(failed[code]), "count": by_set[code]} for code in sorted(by_set, key=lambda c: (-by_set[c], failed[c]))
        ],
        "top_ranked_offers": [_ranked(columns, row) for row in columns.best(fit, SHOWN)],
        "near_misses": [_near_miss(columns, row, int(bits[row]), policy) for row in columns.best(near, SHOWN)],
        "budget": _budget(columns, fit, policy, chosen),
        "optimal": chosen is None or chosen.bound is None,
        "score_bound": None if chosen is None or chosen.bound is None else chosen.bound / UNIT,
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


def _budget(columns: Columns, fit: Rows, policy: SelectPolicy, chosen: Chosen | None) -> dict[str, Any]:
    """What the intent can spend against what things cost, for the whole contract, in credits; null where there is no such thing."""

    def whole(price: int | None) -> int | float | None:
        return None if price is None else micro_to_credits(price * policy.rounds)

    return {
        "budget_total": micro_to_credits(policy.budget_total) if policy.budget_total else None,
        "cheapest_compatible": whole(relaxations.cheapest_price(columns, fit, 1, one_per_seller=False)),
        "cheapest_feasible_set": whole(
            relaxations.cheapest_price(columns, fit, max(1, policy.min_providers), one_per_seller=policy.one_offer_per_seller)
        ),
        "chosen_set": whole(chosen.price if chosen else None),
    }
