"""Which change of the intent would make it match: each one is run through the real selection before it is told.

A change is minimal: it goes as far as the offers at hand ask for and no further, and no change of fewer fields, or of the same
fields and less far, would do. So single fields come first, and joint changes only where no single one suffices. What is the
provider's policy (its status, expiry, allowed tasks) cannot be relaxed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from services.matching import conditions
from services.matching.columns import Columns, Fields, Rows, lowest
from services.matching.conditions import BIT, BUDGET, BY_REASON, CODES, CONDITIONS, Bits
from services.matching.scoring import UNIT
from services.matching.selection import Chosen
from shared.contracts.http import SelectPolicy
from shared.contracts.values import micro_to_credits

SHOWN: Final = 6
JOINT: Final = 3
"""The most fields that a joint change has."""
TRIED: Final = 64
"""The values of one field, nearest first, that are tried together with others."""

Change = dict[str, Any]
Choose = Callable[[Columns, Rows, SelectPolicy], tuple[Chosen | None, list[int]]]


@dataclass(frozen=True)
class Field:
    """A field of the intent that the buyer can relax: `ladder` tells the values that the offers ask for, nearest first.

    `falls`: whether each step admits at least what the one before did, so that the first that suffices can be searched for.
    """

    name: str
    ladder: Callable[[Fields, SelectPolicy], Sequence[Any]]
    falls: bool = False


def _below(column: str, field: str) -> Callable[[Fields, SelectPolicy], Sequence[Any]]:
    def ladder(c: Fields, p: SelectPolicy) -> Sequence[Any]:
        values = np.unique(c[column])
        return list(reversed(values[values < getattr(p, field)].tolist()))

    return ladder


def _rounds(c: Fields, p: SelectPolicy) -> Sequence[int]:
    values = np.unique(c["min_rounds"])
    found: list[int] = values[values > p.rounds].tolist()
    return found


def _sets(values: Iterable[str], most: int) -> Iterator[tuple[str, ...]]:
    ordered = sorted(values)
    for size in range(1, min(most, JOINT, len(ordered)) + 1):
        yield from itertools.combinations(ordered, size)


def _modalities(c: Fields, p: SelectPolicy) -> Sequence[tuple[str, ...]]:
    if not p.required_modalities:
        return []
    codes, counts = np.unique(c["modality"], return_counts=True)
    common = [c.names.texts.values[code] for code in codes[np.argsort(-counts, kind="stable")].tolist()]
    missing = [name for name in common if name not in p.required_modalities][:8]
    return [tuple(sorted({*p.required_modalities, *added})) for added in _sets(missing, p.min_providers)]


def _sellers(c: Fields, p: SelectPolicy) -> Sequence[tuple[str, ...]]:
    present = set(c["seller"].tolist())
    known = [name for name in p.excluded_sellers if c.names.sellers.find(name)[0] in present][:8]
    return [tuple(name for name in p.excluded_sellers if name not in let_in) for let_in in _sets(known, p.min_providers)]


FIELDS: Final = (
    Field("min_quality_score", _below("quality_score", "min_quality_score"), falls=True),
    Field("min_sample_count", _below("sample_count", "min_sample_count"), falls=True),
    Field("required_modalities", _modalities),
    Field("rounds", _rounds),
    Field("label_schema", lambda _c, p: [""] if p.label_schema else []),
    Field("privacy_profile", lambda _c, p: [""] if p.privacy_profile else []),
    Field("attestation_required", lambda _c, p: [False] if p.attestation_required else []),
    Field("excluded_sellers", _sellers),
    Field("one_offer_per_seller", lambda _c, p: [False] if p.one_offer_per_seller else []),
    Field("min_providers", lambda _c, p: range(p.min_providers - 1, 0, -1), falls=True),
    # Last: what a change of the others costs is worked out and not searched for.
    Field("budget_total", lambda _c, _p: []),
)
_BUDGET: Final = FIELDS[-1]
_REASON: Final = {condition.field: condition.reason for condition in CONDITIONS if condition.field}
_RELAXABLE: Final = sum(BIT[reason] for reason in _REASON.values())


def find(columns: Columns, bits: Bits, policy: SelectPolicy, now: int, choose: Choose) -> list[dict[str, Any]]:
    """Verified changes, those of fewer fields first, then the smallest step."""
    for size in range(1, JOINT + 1):
        shelves = _Shelves(bits, size)
        changes: list[Change] = []
        for fields in itertools.combinations(FIELDS, size):
            reasons = [_REASON[field.name] for field in fields if field.name in _REASON]
            rows = shelves.failing(reasons)
            if rows is not None:
                changes += _minimal(_Desk(columns.part(rows), policy, now), fields)
        changes.sort(key=lambda c: ([_step(f, v, policy) for f, v in c.items()], str(sorted(c.items()))))
        told = []
        for change in changes:
            changed = _with(policy, change)
            chosen, _ = choose(columns, conditions.eligible(conditions.judge(columns, changed, now), changed), changed)
            if chosen is not None:
                told.append(_told(change, policy, changed, chosen))
            if len(told) == SHOWN:
                break
        if told:
            return told
    return []


class _Shelves:
    """The rows that fail at most `size` conditions, all of which the buyer can relax, by what they fail."""

    def __init__(self, bits: Bits, size: int) -> None:
        codes = np.arange(CODES, dtype=np.uint16)
        rows = np.flatnonzero(((codes & np.uint16(CODES - 1 - _RELAXABLE) == 0) & (np.bitwise_count(codes) <= size))[bits])
        order = np.argsort(bits[rows], kind="stable")
        self._rows = rows[order]
        self._codes, self._starts = np.unique(bits[self._rows], return_index=True)
        self._stops = np.append(self._starts[1:], len(rows))

    def failing(self, reasons: Sequence[str]) -> Rows | None:
        """The rows that fail none but these; None where there is none that fails a certain one of them, which then is no matter.

        Without the budget: it is met or missed by a set.
        """
        mask = sum(BIT[reason] for reason in reasons)
        inside = np.flatnonzero(self._codes & np.uint16(CODES - 1 - mask) == 0)
        needed = mask & ~BIT[BUDGET]
        if int(np.bitwise_or.reduce(self._codes[inside])) & needed != needed:
            return None
        return np.concatenate([self._rows[self._starts[i] : self._stops[i]] for i in inside]) if len(inside) else self._rows[:0]


@dataclass(frozen=True)
class _Desk:
    """The offers that a change of some fields may admit: they fail nothing else."""

    offers: Fields
    policy: SelectPolicy
    now: int

    def price(self, policy: SelectPolicy, changed: Iterable[str]) -> int | None:
        """What the cheapest set costs for a round under a policy that differs in `changed`, the budget aside."""
        if policy.min_providers > policy.max_offers:
            return None
        failed = np.zeros(len(self.offers), np.bool_)
        for field in changed:
            reason = _REASON.get(field, BUDGET)
            fails = None if reason == BUDGET else BY_REASON[reason].fails(self.offers, policy, self.now)
            if fails is not None:
                failed |= fails
        return cheapest_price(
            self.offers, np.flatnonzero(~failed), max(1, policy.min_providers), one_per_seller=policy.one_offer_per_seller
        )

    def suffices(self, policy: SelectPolicy, changed: Iterable[str]) -> bool:
        price = self.price(policy, changed)
        return price is not None and (not policy.budget_total or price * policy.rounds <= policy.budget_total)


def cheapest_price(columns: Fields, rows: Rows, count: int, *, one_per_seller: bool) -> int | None:
    """What the `count` cheapest of `rows` cost together, of different sellers where that is asked; None where there are fewer."""
    prices = columns["price"][rows]
    if one_per_seller and count > 1:
        order = np.argsort(prices, kind="stable")
        _, first = np.unique(columns["seller"][rows][order], return_index=True)
        prices = prices[order][first]
    if len(prices) < count:
        return None
    return int(prices.min()) if count == 1 else int(lowest(prices, count).sum())


def _minimal(desk: _Desk, fields: Sequence[Field]) -> list[Change]:
    """The changes of all of these fields that suffice, each without one that goes less far."""
    *others, last = fields
    found: list[Change] = []
    limit = TRIED if len(others) < 2 else 12
    for values in itertools.product(*(list(field.ladder(desk.offers, desk.policy))[:limit] for field in others)):
        change = dict(zip((field.name for field in others), values, strict=True))
        found += [{**change, last.name: value} for value in _solved(desk, change, last)]
    return [c for c in found if not any(other != c and _within(other, c) for other in found)]


def _solved(desk: _Desk, change: Change, last: Field) -> Sequence[Any]:
    """The values of `last`, as near as can be, that suffice together with `change`."""
    base, names = _with(desk.policy, change), [*change, last.name]
    if last is _BUDGET:
        price = desk.price(base, names) if base.budget_total else None
        needed = None if price is None else price * base.rounds
        return [] if needed is None or needed <= base.budget_total else [needed]
    ladder = list(last.ladder(desk.offers, desk.policy))

    def suffices(value: Any) -> bool:
        return desk.suffices(_with(base, {last.name: value}), names)

    if last.falls:
        low, high = 0, len(ladder)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if suffices(ladder[middle]) else (middle + 1, high)
        return ladder[low : low + 1]
    return [value for value in ladder if suffices(value)]


def _with(policy: SelectPolicy, change: Change) -> SelectPolicy:
    return SelectPolicy.model_validate({**policy.model_dump(), **change})


def _within(change: Change, other: Change) -> bool:
    """Whether no field of `change` goes further than in `other`, which has the same fields."""
    return all(_nearer(field, value, other[field]) for field, value in change.items())


def _nearer(field: str, value: Any, limit: Any) -> bool:
    match field:
        case "required_modalities":
            return set(value) <= set(limit)
        case "excluded_sellers":
            return set(value) >= set(limit)
        case "rounds" | "budget_total":
            return bool(value <= limit)
        case "min_quality_score" | "min_sample_count" | "min_providers":
            return bool(value >= limit)
        case _:
            return True


def _step(field: str, value: Any, policy: SelectPolicy) -> float:
    """How far a change goes, as a share of what is asked now."""
    now = getattr(policy, field)
    if isinstance(value, tuple):
        return float(len(set(value) ^ set(now)))
    if isinstance(value, str | bool):
        return 1.0
    return float(abs(value - now) / (abs(now) or 1.0))


def _shown(field: str, value: Any) -> Any:
    return micro_to_credits(value) if field == "budget_total" else list(value) if isinstance(value, tuple) else value


def _told(change: Change, policy: SelectPolicy, changed: SelectPolicy, chosen: Chosen) -> dict[str, Any]:
    fields = sorted(change)
    single = {"field": fields[0], "from": _shown(fields[0], getattr(policy, fields[0])), "to": _shown(fields[0], change[fields[0]])}
    return {
        **(single if len(fields) == 1 else {"field": "+".join(fields), "from": None, "to": None}),
        "changes": {field: _shown(field, change[field]) for field in fields},
        "offers": len(chosen.offer_ids),
        "total_price": micro_to_credits(chosen.price * changed.rounds),
        "total_score": chosen.score / UNIT,
    }
