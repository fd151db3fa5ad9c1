"""Answers a question over the book: the chosen set, and exact diagnostics. Pure: no clock, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from services.matching import conditions, relaxations, scoring
from services.matching.scoring import UNIT
from services.matching.selection import Candidate, Chosen, select
from shared.contracts.events import OfferState
from shared.contracts.http import ScoreBreakdown, SelectAnswer, SelectedOffer, SelectPolicy
from shared.contracts.values import micro_to_credits

SHOWN: Final = 5

Judged = tuple[OfferState, tuple[str, ...]]


def judge(offers: Iterable[OfferState], policy: SelectPolicy, now: int) -> list[Judged]:
    """Every offer with every reason why it does not do."""
    return [(offer, conditions.failed(offer, policy, now)) for offer in offers]


def choose(judged: Sequence[Judged], policy: SelectPolicy) -> Chosen | None:
    """The best set among the offers that fail nothing."""
    fit = [
        Candidate(offer.offer_id, offer.seller_node_id, scoring.score(offer).total, offer.price_per_round)
        for offer, reasons in judged
        if not reasons
    ]
    budget = policy.budget_total // policy.rounds if policy.budget_total else None
    return select(
        fit,
        k=policy.max_offers,
        budget=budget,
        min_providers=max(1, policy.min_providers),
        one_per_seller=policy.one_offer_per_seller,
    )


def answer(offers: Sequence[OfferState], policy: SelectPolicy, now: int, *, seq: int) -> SelectAnswer:
    """The chosen set, and why it is what it is."""
    judged = judge(offers, policy, now)
    chosen = choose(judged, policy)
    by_id = {offer.offer_id: offer for offer, _ in judged}
    selected = tuple(_selected(by_id[offer_id]) for offer_id in chosen.offer_ids) if chosen else ()
    return SelectAnswer(
        has_match=chosen is not None,
        selected_offers=tuple(sorted(selected, key=lambda s: (-s.score, s.price_per_round, s.offer_id))),
        agreed_price_per_round_total=chosen.price if chosen else 0,
        index_seq=seq,
        selection_diagnostics=_diagnostics(judged, policy, now, chosen),
    )


def breakdown(offer: OfferState) -> ScoreBreakdown:
    parts = scoring.score(offer)
    return ScoreBreakdown(
        quality_component=parts.quality / UNIT,
        cost_component=parts.cost / UNIT,
        trust_component=parts.trust / UNIT,
        total=parts.total / UNIT,
    )


def _selected(offer: OfferState) -> SelectedOffer:
    parts = breakdown(offer)
    return SelectedOffer(
        offer_id=offer.offer_id,
        offer_version=offer.version,
        seller_node_id=offer.seller_node_id,
        dataset_fingerprint=offer.dataset_fingerprint,
        price_per_round=offer.price_per_round,
        quality_score=offer.quality_score,
        sample_count=offer.sample_count,
        score=parts.total,
        score_breakdown=parts,
    )


def _diagnostics(judged: Sequence[Judged], policy: SelectPolicy, now: int, chosen: Chosen | None) -> dict[str, Any]:
    reasons: Counter[str] = Counter(reason for _, failed in judged for reason in failed if reason != conditions.BUDGET)
    sets: Counter[tuple[str, ...]] = Counter(failed for _, failed in judged if failed)
    # What the budget refuses is compatible all the same: the intent wants it, and only cannot pay for it.
    fit = [offer for offer, failed in judged if failed in ((), (conditions.BUDGET,))]
    near = [(offer, failed[0]) for offer, failed in judged if len(failed) == 1]
    return {
        "offers_evaluated": len(judged),
        "compatible_offers": len(fit),
        "budget_rejected": sets[(conditions.BUDGET,)],
        "rejection_reasons": dict(sorted(reasons.items())),
        "rejected_by_set": [
            {"reasons": list(failed), "count": count} for failed, count in sorted(sets.items(), key=lambda x: (-x[1], x[0]))
        ],
        "top_ranked_offers": [_ranked(offer) for offer in _best(fit)],
        "near_misses": [_near_miss(offer, reason, policy) for offer, reason in _nearest(near)],
        "budget": _budget(fit, policy, chosen),
        "relaxations": relaxations.find(judged, policy, now, choose) if chosen is None else [],
    }


def _best(offers: Iterable[OfferState]) -> list[OfferState]:
    return sorted(offers, key=lambda o: (-scoring.score(o).total, o.price_per_round, o.offer_id))[:SHOWN]


def _nearest(near: Sequence[tuple[OfferState, str]]) -> list[tuple[OfferState, str]]:
    return sorted(near, key=lambda n: (-scoring.score(n[0]).total, n[0].price_per_round, n[0].offer_id))[:SHOWN]


def _ranked(offer: OfferState) -> dict[str, Any]:
    return {
        "offer_id": offer.offer_id,
        "seller_node_id": offer.seller_node_id,
        "price_per_round": micro_to_credits(offer.price_per_round),
        "quality_score": offer.quality_score,
        "score_breakdown": breakdown(offer).model_dump(),
    }


def _near_miss(offer: OfferState, reason: str, policy: SelectPolicy) -> dict[str, Any]:
    return {**_ranked(offer), "reason": reason, "gap": conditions.BY_REASON[reason].gap(offer, policy)}


def _budget(fit: Sequence[OfferState], policy: SelectPolicy, chosen: Chosen | None) -> dict[str, Any]:
    """What the intent can spend against what things cost, for the whole contract, in credits; null where there is no such thing."""
    prices = sorted(offer.price_per_round for offer in fit)
    least = sum(prices[: max(1, policy.min_providers)]) if len(prices) >= max(1, policy.min_providers) else None
    return {
        "budget_total": micro_to_credits(policy.budget_total) if policy.budget_total else None,
        "cheapest_compatible": micro_to_credits(prices[0] * policy.rounds) if prices else None,
        "cheapest_feasible_set": micro_to_credits(least * policy.rounds) if least is not None else None,
        "chosen_set": micro_to_credits(chosen.price * policy.rounds) if chosen else None,
    }
