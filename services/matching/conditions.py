"""What an intent asks of an offer: one table, every condition judged for every offer, so that counts are exact.

A new condition is one entry: its name, when an offer fails it, and, where the buyer can do something about it, the change that
would admit the offer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from shared.contracts.events import OfferState
from shared.contracts.http import SelectPolicy
from shared.contracts.values import micro_to_credits

Change = dict[str, Any]


@dataclass(frozen=True)
class Condition:
    """`fails(offer, policy, now)`; `relax` gives the policy change that the offer needs, None where the buyer cannot."""

    reason: str
    fails: Callable[[OfferState, SelectPolicy, int], bool]
    relax: Callable[[OfferState, SelectPolicy], Change | None] = lambda _offer, _policy: None
    gap: Callable[[OfferState, SelectPolicy], float | int | None] = lambda _offer, _policy: None


CONDITIONS: Final = (
    Condition("offer_not_active", lambda o, _p, _now: o.status != "active"),
    Condition("offer_expired", lambda o, _p, now: 0 < o.expires_at <= now),
    Condition("task_not_supported", lambda o, p, _now: bool(o.allowed_tasks) and p.task_type not in o.allowed_tasks),
    Condition(
        "modality_mismatch",
        lambda o, p, _now: bool(p.required_modalities) and o.modality not in p.required_modalities,
        relax=lambda o, p: {"required_modalities": sorted({*p.required_modalities, o.modality})},
    ),
    Condition(
        "quality_below_threshold",
        lambda o, p, _now: o.quality_score < p.min_quality_score,
        relax=lambda o, _p: {"min_quality_score": o.quality_score},
        gap=lambda o, p: round(p.min_quality_score - o.quality_score, 9),
    ),
    Condition(
        "min_rounds_not_met",
        lambda o, p, _now: o.min_rounds > p.rounds,
        relax=lambda o, _p: {"rounds": o.min_rounds},
        gap=lambda o, p: o.min_rounds - p.rounds,
    ),
    Condition("sample_count_too_small", lambda o, p, _now: o.sample_count < p.min_sample_count),
    Condition("label_schema_mismatch", lambda o, p, _now: bool(p.label_schema) and o.label_schema != p.label_schema),
    Condition("privacy_profile_mismatch", lambda o, p, _now: bool(p.privacy_profile) and o.privacy_profile != p.privacy_profile),
    Condition("attestation_missing", lambda o, p, _now: p.attestation_required and o.attestation_status != "verified"),
    Condition("seller_excluded", lambda o, p, _now: o.seller_node_id in p.excluded_sellers),
    Condition(
        "price_over_budget",
        lambda o, p, _now: p.budget_total > 0 and o.price_per_round * p.rounds > p.budget_total,
        relax=lambda o, p: {"budget_total": o.price_per_round * p.rounds},
        gap=lambda o, p: micro_to_credits(o.price_per_round * p.rounds - p.budget_total),
    ),
)
BUDGET: Final = "price_over_budget"


def failed(offer: OfferState, policy: SelectPolicy, now: int) -> tuple[str, ...]:
    """Every reason why the offer does not do, in the order of the table; empty when it does."""
    return tuple(condition.reason for condition in CONDITIONS if condition.fails(offer, policy, now))


BY_REASON: Final = {condition.reason: condition for condition in CONDITIONS}
