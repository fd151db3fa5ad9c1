"""Which change of the intent would make it match: each one is run through the real selection before it is told.

A change is minimal: it admits exactly what the nearest offers need. Changes that another one makes unnecessary (it changes no more
fields, and none of them further) are left out. What is the provider's policy (its status, expiry, allowed tasks) cannot be relaxed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from services.matching import conditions
from services.matching.selection import Chosen
from shared.contracts.events import OfferState
from shared.contracts.http import SelectPolicy
from shared.contracts.values import micro_to_credits

SHOWN: Final = 6
TRIED: Final = 200

Judged = tuple[OfferState, tuple[str, ...]]
Choose = Callable[[Sequence[Judged], SelectPolicy], Chosen | None]


def find(judged: Sequence[Judged], policy: SelectPolicy, now: int, choose: Choose) -> list[dict[str, Any]]:
    """Verified changes, those of fewer fields first, then the smallest step."""
    proposals: dict[tuple[tuple[str, Any], ...], dict[str, Any]] = {}
    for offer, failed in judged:
        change: dict[str, Any] = {}
        for reason in failed:
            step = conditions.BY_REASON[reason].relax(offer, policy)
            if step is None:
                change = {}
                break
            change |= step
        if change:
            # More rounds cost more: the budget must follow, or the change would not match.
            rounds = change.get("rounds", policy.rounds)
            if policy.budget_total and offer.price_per_round * rounds > policy.budget_total:
                change["budget_total"] = offer.price_per_round * rounds
            proposals[tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in sorted(change.items()))] = change
    minimal = [c for c in proposals.values() if not any(_makes_needless(other, c, policy) for other in proposals.values())]
    minimal.sort(key=lambda c: (len(c), [_step(f, v, policy) for f, v in sorted(c.items())], str(sorted(c.items()))))
    told = []
    offers = [offer for offer, _ in judged]
    for change in minimal[:TRIED]:
        changed = SelectPolicy.model_validate({**policy.model_dump(), **change})
        chosen = choose([(offer, conditions.failed(offer, changed, now)) for offer in offers], changed)
        if chosen is not None:
            told.append(_told(change, policy, changed, chosen))
        if len(told) == SHOWN:
            break
    return told


def _step(field: str, value: Any, policy: SelectPolicy) -> float:
    """How far a change goes, as a share of what is asked now."""
    if field == "required_modalities":
        return float(len(set(value) - set(policy.required_modalities)))
    now = float(getattr(policy, field))
    return abs(float(value) - now) / (abs(now) or 1.0)


def _makes_needless(other: dict[str, Any], change: dict[str, Any], policy: SelectPolicy) -> bool:
    """Whether `other` changes a subset of the fields, none further, and is not the same."""
    if other == change or not other.keys() <= change.keys():
        return False
    return all(_within(field, value, change[field]) for field, value in other.items())


def _within(field: str, value: Any, limit: Any) -> bool:
    if field == "required_modalities":
        return set(value) <= set(limit)
    return bool(value >= limit) if field == "min_quality_score" else bool(value <= limit)


def _shown(field: str, value: Any) -> Any:
    return micro_to_credits(value) if field == "budget_total" else list(value) if isinstance(value, tuple) else value


def _told(change: dict[str, Any], policy: SelectPolicy, changed: SelectPolicy, chosen: Chosen) -> dict[str, Any]:
    fields = sorted(change)
    single = {"field": fields[0], "from": _shown(fields[0], getattr(policy, fields[0])), "to": _shown(fields[0], change[fields[0]])}
    return {
        **(single if len(fields) == 1 else {"field": "+".join(fields), "from": None, "to": None}),
        "changes": {field: _shown(field, change[field]) for field in fields},
        "offers": len(chosen.offer_ids),
        "total_price": micro_to_credits(chosen.price * changed.rounds),
        "total_score": chosen.score / 1_000_000_000,
    }
