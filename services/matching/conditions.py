"""What an intent asks of an offer: one table, every condition judged for every offer, so that counts are exact.

A new condition is one entry: its name, the mask of the offers that fail it, and, where the buyer can do something about it, the
field of the intent that decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from services.matching.columns import Columns, Mask
from shared.contracts.http import SelectPolicy
from shared.contracts.values import micro_to_credits

Gap = Callable[[Columns, int, SelectPolicy], float | int | None]


@dataclass(frozen=True)
class Condition:
    """`fails(columns, policy, now)` marks rows; `field` is what the buyer could change, None where it is the provider's policy."""

    reason: str
    fails: Callable[[Columns, SelectPolicy, int], Mask]
    field: str | None = None
    gap: Gap = lambda _c, _row, _p: None
    """By how much a row misses."""


def none(c: Columns) -> Mask:
    return np.zeros(len(c), np.bool_)


def _task(c: Columns, p: SelectPolicy) -> Mask:
    refused = np.array([bool(tasks) and p.task_type not in tasks for tasks in c.tasks.values], np.bool_)
    return refused[c["tasks"]] if len(refused) else none(c)


def _text(c: Columns, column: str, wanted: str) -> Mask:
    return c[column] != c.texts.find(wanted)[0] if wanted else none(c)


CONDITIONS: Final = (
    Condition("offer_not_active", lambda c, _p, _now: ~c["active"]),
    Condition("offer_expired", lambda c, _p, now: (c["expires_at"] > 0) & (c["expires_at"] <= now)),
    Condition("task_not_supported", lambda c, p, _now: _task(c, p)),
    Condition(
        "modality_mismatch",
        lambda c, p, _now: ~np.isin(c["modality"], c.texts.find(*p.required_modalities)) if p.required_modalities else none(c),
        field="required_modalities",
    ),
    Condition(
        "quality_below_threshold",
        lambda c, p, _now: c["quality_score"] < p.min_quality_score,
        field="min_quality_score",
        gap=lambda c, row, p: round(p.min_quality_score - c["quality_score"][row].item(), 9),
    ),
    Condition(
        "min_rounds_not_met",
        lambda c, p, _now: c["min_rounds"] > p.rounds,
        field="rounds",
        gap=lambda c, row, p: int(c["min_rounds"][row]) - p.rounds,
    ),
    Condition(
        "sample_count_too_small",
        lambda c, p, _now: c["sample_count"] < p.min_sample_count,
        field="min_sample_count",
        gap=lambda c, row, p: p.min_sample_count - int(c["sample_count"][row]),
    ),
    Condition("label_schema_mismatch", lambda c, p, _now: _text(c, "label_schema", p.label_schema), field="label_schema"),
    Condition(
        "privacy_profile_mismatch", lambda c, p, _now: _text(c, "privacy_profile", p.privacy_profile), field="privacy_profile"
    ),
    Condition(
        "attestation_missing",
        lambda c, p, _now: ~c["verified"] if p.attestation_required else none(c),
        field="attestation_required",
    ),
    Condition(
        "seller_excluded",
        lambda c, p, _now: np.isin(c["seller"], c.sellers.find(*p.excluded_sellers)) if p.excluded_sellers else none(c),
        field="excluded_sellers",
    ),
    Condition(
        "price_over_budget",
        lambda c, p, _now: c["price"] > p.budget_total // p.rounds if p.budget_total else none(c),
        field="budget_total",
        gap=lambda c, row, p: micro_to_credits(int(c["price"][row]) * p.rounds - p.budget_total),
    ),
)
BUDGET: Final = "price_over_budget"
BY_REASON: Final = {condition.reason: condition for condition in CONDITIONS}
BIT: Final = {condition.reason: 1 << number for number, condition in enumerate(CONDITIONS)}


def judge(columns: Columns, policy: SelectPolicy, now: int) -> Any:
    """For each row the sum of the bits of the conditions that it fails; 0 where it fails nothing."""
    failed = np.zeros(len(columns), np.int16)
    for condition in CONDITIONS:
        failed |= condition.fails(columns, policy, now).astype(np.int16) * np.int16(BIT[condition.reason])
    return failed


def reasons(bits: int) -> tuple[str, ...]:
    """The conditions in a sum of bits, in the order of the table."""
    return tuple(condition.reason for condition in CONDITIONS if bits & BIT[condition.reason])
