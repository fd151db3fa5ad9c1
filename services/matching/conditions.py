"""What an intent asks of an offer: one table, every condition judged for every offer, so that counts are exact.

A new condition is one entry: its name, the mask of the offers that fail it, the sentence that people read, and, where the buyer can do
something about it, the field of the intent that decides. What offers share is judged once per kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.matching.columns import Columns, Fields, Mask, Rows
from shared.contracts.http import SelectPolicy
from shared.contracts.values import micro_to_credits

Gap = Callable[[Columns, int, SelectPolicy], float | int | None]
Bits = NDArray[np.uint16]

BLOCK: Final = 32_768
"""Rows that are judged at a time: what lies between stays in the processor's cache."""


@dataclass(frozen=True)
class Condition:
    """`fails(columns, policy, now)` marks rows, or is None where the policy does not ask.

    `field` is what the buyer could change, None where it is the provider's policy. `of_kind`: it looks at nothing but what
    offers of a kind share.
    """

    reason: str
    fails: Callable[[Fields, SelectPolicy, int], Mask | None]
    sentence: str
    """What is wrong with an offer that fails, for people."""
    field: str | None = None
    gap: Gap = lambda _c, _row, _p: None
    """By how much a row misses."""
    of_kind: bool = False


def _task(c: Fields, p: SelectPolicy) -> Mask:
    refused = [bool(tasks) and p.task_type not in tasks for tasks in c.names.tasks.values]
    marked: Mask = np.array(refused, np.bool_)[c["tasks"]]
    return marked


def _text(c: Fields, column: str, wanted: str) -> Mask | None:
    return c[column] != c.names.texts.find(wanted)[0] if wanted else None


def _modality(c: Fields, p: SelectPolicy) -> Mask | None:
    return ~np.isin(c["modality"], c.names.texts.find(*p.required_modalities)) if p.required_modalities else None


def _seller(c: Fields, p: SelectPolicy) -> Mask | None:
    known = [code for code in c.names.sellers.find(*p.excluded_sellers) if code >= 0]
    return np.isin(c["seller"], known) if known else None


CONDITIONS: Final = (
    Condition("offer_not_active", lambda c, _p, _now: ~c["active"], "The offer is paused.", of_kind=True),
    Condition("offer_expired", lambda c, _p, now: c["expires_at"] <= now, "The offer has expired."),
    Condition(
        "task_not_supported",
        lambda c, p, _now: _task(c, p),
        "The provider does not allow its data to be used for this task.",
        of_kind=True,
    ),
    Condition(
        "modality_mismatch",
        lambda c, p, _now: _modality(c, p),
        "The data is of another modality than the intent asks for.",
        field="required_modalities",
        of_kind=True,
    ),
    Condition(
        "quality_below_threshold",
        lambda c, p, _now: c["quality_score"] < p.min_quality_score if p.min_quality_score > 0 else None,
        "The quality is below the intent's floor.",
        field="min_quality_score",
        gap=lambda c, row, p: round(p.min_quality_score - c["quality_score"][row].item(), 9),
    ),
    Condition(
        "min_rounds_not_met",
        lambda c, p, _now: c["min_rounds"] > p.rounds,
        "The provider sells more rounds at a time than the intent buys.",
        field="rounds",
        gap=lambda c, row, p: int(c["min_rounds"][row]) - p.rounds,
        of_kind=True,
    ),
    Condition(
        "sample_count_too_small",
        lambda c, p, _now: c["sample_count"] < p.min_sample_count if p.min_sample_count > 0 else None,
        "The dataset has fewer samples than the intent asks for.",
        field="min_sample_count",
        gap=lambda c, row, p: p.min_sample_count - int(c["sample_count"][row]),
    ),
    Condition(
        "label_schema_mismatch",
        lambda c, p, _now: _text(c, "label_schema", p.label_schema),
        "The labels follow another schema than the intent asks for.",
        field="label_schema",
        of_kind=True,
    ),
    Condition(
        "privacy_profile_mismatch",
        lambda c, p, _now: _text(c, "privacy_profile", p.privacy_profile),
        "Privacy is protected in another way than the intent asks for.",
        field="privacy_profile",
        of_kind=True,
    ),
    Condition(
        "attestation_missing",
        lambda c, p, _now: ~c["verified"] if p.attestation_required else None,
        "Nobody has verified the data, and the intent asks for that.",
        field="attestation_required",
        of_kind=True,
    ),
    Condition("seller_excluded", lambda c, p, _now: _seller(c, p), "The intent excludes this seller.", field="excluded_sellers"),
    Condition(
        "price_over_budget",
        lambda c, p, _now: c["price"] > p.budget_total // p.rounds if p.budget_total else None,
        "The price alone is over the intent's budget.",
        field="budget_total",
        gap=lambda c, row, p: micro_to_credits(int(c["price"][row]) * p.rounds - p.budget_total),
    ),
)
BUDGET: Final = "price_over_budget"
BY_REASON: Final = {condition.reason: condition for condition in CONDITIONS}
BIT: Final = {
    condition.reason: 1 << number for number, condition in enumerate(sorted(CONDITIONS, key=lambda condition: condition.of_kind))
}
"""The bit of each condition; those that are judged row by row have the low ones."""
CODES: Final = 1 << len(CONDITIONS)
"""One more than the highest sum of bits."""


def judge(columns: Columns, policy: SelectPolicy, now: int) -> Bits:
    """For each row the sum of the bits of the conditions that it fails; 0 where it fails nothing."""
    by_kind = np.zeros(len(columns.kinds), np.uint16)
    for condition in CONDITIONS:
        if condition.of_kind and (fails := condition.fails(columns.kinds, policy, now)) is not None:
            by_kind |= fails * np.uint16(BIT[condition.reason])
    failed = np.empty(len(columns), np.uint16)
    by_row = [(condition.fails, np.uint8(BIT[condition.reason])) for condition in CONDITIONS if not condition.of_kind]
    for start in range(0, len(columns), BLOCK):
        block = columns.block(start, start + BLOCK)
        out = failed[start : start + BLOCK]
        np.take(by_kind, block["kind"], out=out, mode="clip")  # any mode but `raise` does without a copy
        bits = np.zeros(len(block), np.uint8)
        for fails_at, bit in by_row:
            if (row_fails := fails_at(block, policy, now)) is not None:
                marked = row_fails.view(np.uint8)
                bits |= np.multiply(marked, bit, out=marked)
        out |= bits
    return failed


def eligible(bits: Bits, policy: SelectPolicy) -> Rows:
    """The rows to choose from: those that fail nothing. What a truthful auction takes must not hang on a price, so that there the
    budget is no condition: the auction minds it itself."""
    return np.flatnonzero((bits & np.uint16(CODES - 1 - BIT[BUDGET]) if policy.pricing == "truthful" else bits) == 0)


def reasons(bits: int) -> tuple[str, ...]:
    """The conditions in a sum of bits, in the order of the table."""
    return tuple(condition.reason for condition in CONDITIONS if bits & BIT[condition.reason])
