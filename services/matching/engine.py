"""Answers a question over the book: the chosen set, and exact diagnostics. Pure: no clock, no I/O."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from services.matching import conditions, narrow, relaxations, truthful
from services.matching.columns import Columns, Rows
from services.matching.conditions import BIT, BUDGET, CODES
from services.matching.preferring import plain, weighted
from services.matching.scan import Scan, scan
from services.matching.scoring import UNIT
from services.matching.selection import FEW, Candidate, Chosen, select
from services.matching.thinning import promising
from shared.contracts.http import ScoreBreakdown, SelectAnswer, SelectedOffer, SelectPolicy
from shared.contracts.values import micro_to_credits

SHOWN: Final = 5
"""How many of the best are told."""
LARGEST: Final = 2**63 - 1


def answer(columns: Columns, policy: SelectPolicy, now: int, *, seq: int) -> SelectAnswer:
    """The chosen set, and why it is what it is."""
    bits = conditions.judge(columns, policy, now)
    chosen, rows = choose(columns, conditions.eligible(bits, policy), policy)
    payments = dict(zip(chosen.offer_ids, chosen.payments, strict=True)) if chosen and chosen.payments else {}
    return SelectAnswer(
        has_match=chosen is not None,
        selected_offers=tuple(_selected(columns, row, payments.get(columns.ids[row])) for row in rows),
        agreed_price_per_round_total=chosen.price if chosen else 0,
        index_seq=seq,
        selection_diagnostics=_diagnostics(columns, bits, policy, now, chosen),
    )


def choose(columns: Columns, rows: Rows, policy: SelectPolicy) -> tuple[Chosen | None, list[int]]:
    """The best set among these rows, and its rows, best first; with truthful pricing, what the auction takes."""
    if policy.pricing == "truthful":
        return truthful.choose(columns, rows, policy)
    scored, weight = weighted(columns, policy)
    chosen, best = _exact(scored, rows, policy)
    return plain(chosen, weight), best


def _exact(columns: Columns, rows: Rows, policy: SelectPolicy) -> tuple[Chosen | None, list[int]]:
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


def breakdown(columns: Columns, row: int) -> ScoreBreakdown:
    parts = columns.score(row)
    return ScoreBreakdown(
        quality_component=parts.quality / UNIT,
        cost_component=parts.cost / UNIT,
        trust_component=parts.trust / UNIT,
        total=parts.total / UNIT,
    )


def _selected(columns: Columns, row: int, payment: int | None) -> SelectedOffer:
    parts, asked = breakdown(columns, row), columns["price"][row].item()
    return SelectedOffer(
        offer_id=columns.ids[row],
        offer_version=columns["version"][row].item(),
        seller_node_id=columns.seller(row),
        dataset_fingerprint=columns.fingerprints[row],
        price_per_round=asked if payment is None else payment,
        quality_score=columns["quality_score"][row].item(),
        sample_count=columns["sample_count"][row].item(),
        score=parts.total,
        score_breakdown=parts,
        asked_price_per_round=None if payment is None else asked,
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
    posted = chosen
    if chosen is not None and chosen.payments is not None:
        posted, _ = choose(columns, np.flatnonzero(bits == 0), policy.model_copy(update={"pricing": "posted"}))
    # What no set can beat: None where the search proved that this one is the best.
    bound = None if posted is None else posted.bound
    if posted is not None and bound is None and chosen is not None and posted.score > chosen.score:
        bound = posted.score
    return {
        "offers_evaluated": len(columns),
        "compatible_offers": int(seen.counts[0] + seen.counts[BIT[BUDGET]]),
        "budget_rejected": by_set.get(BIT[BUDGET], 0),
        "rejection_reasons": dict(sorted(reasons.items())),
        "sentences": {c.reason: c.sentence for c in conditions.CONDITIONS if any(c.reason in names for names in failed.values())},
        "rejected_by_set": [
            {"reasons": list(failed[code]), "count": by_set[code]} for code in sorted(by_set, key=lambda c: (-by_set[c], failed[c]))
        ],
        "top_ranked_offers": [_ranked(columns, row) for row in seen.fit[:SHOWN]],
        "near_misses": [_near_miss(columns, row, int(bits[row]), policy) for row in seen.near[:SHOWN]],
        "budget": _budget(columns, bits, seen, policy, chosen),
        "optimal": bound is None,
        "score_bound": None if bound is None else bound / UNIT,
        "pricing": _pricing(columns, chosen, posted, policy.rounds) if chosen and posted and chosen.payments is not None else None,
        # The provider's policy: no change of the intent gets past these.
        "not_relaxable": [c.reason for c in conditions.CONDITIONS if c.field is None and c.reason in reasons],
        "relaxations": relaxations.find(columns, bits, policy, now, choose) if chosen is None else [],
    }


def _pricing(columns: Columns, chosen: Chosen, posted: Chosen, rounds: int) -> dict[str, Any]:
    """What truthful pricing costs: score that the exact choice at posted prices would have more, and payments above what is asked."""
    rows = [row for row in map(columns.row, chosen.offer_ids) if row is not None]
    asked = sum(columns["price"][rows].tolist())
    return {
        "mode": "truthful",
        "total_asked": micro_to_credits(asked * rounds),
        "paid_above_asked": micro_to_credits((chosen.price - asked) * rounds),
        "posted_offers": list(posted.offer_ids),
        "posted_total_price": micro_to_credits(posted.price * rounds),
        "posted_score": posted.score / UNIT,
        "score_lost": (posted.score - chosen.score) / UNIT,
        "posted_proven": posted.bound is None,
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
    if policy.preferred_sellers:
        fit = np.flatnonzero((bits & np.uint16(CODES - 1 - BIT[BUDGET])) == 0)
        best = dearest(weighted(columns, policy)[0], fit, policy.max_offers, one_per_seller=one)
    return {
        "budget_total": micro_to_credits(policy.budget_total) if policy.budget_total else None,
        "cheapest_compatible": whole(seen.cheapest),
        "cheapest_feasible_set": whole(cheapest),
        "best_unconstrained_set": whole(sum(columns["price"][best].tolist()) if len(best) >= least else None),
        "chosen_set": whole(chosen.price if chosen else None),
    }
