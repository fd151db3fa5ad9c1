"""The HTTP shapes of the questions that explain a match: how it would change along one field, and why an offer is not chosen."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.http import Count, Moment, SelectPolicy
from shared.contracts.values import Finite, Micro

MOST_VALUES: Final = 50
"""Values of one sweep."""

SweptField = Literal["budget_total", "min_quality_score"]
Tried = Annotated[Finite, Field(ge=-(2**63), lt=2**63)]
"""No larger than an amount may be."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SweepQuestion(_Shape):
    """What would this policy choose with each of `values` in `field`, as of `now`? Budgets in micro-credits."""

    policy: SelectPolicy
    field: SweptField
    values: tuple[Micro | Tried, ...] = Field(min_length=1, max_length=MOST_VALUES)
    now: Moment
    after_seq: Count = 0


class SweepPoint(_Shape):
    """What one value would give; zeros where it would give nothing."""

    value: Micro | float
    has_match: bool
    offers: int
    agreed_price_per_round_total: Micro
    total_score: float
    compatible_offers: int = Field(description="offers that fail no condition but, perhaps, the budget")
    optimal: bool = Field(description="whether no set is better; a book that is built to be hard is searched for a bounded time")


class SweepAnswer(_Shape):
    """One point per value, in the order of the question."""

    points: tuple[SweepPoint, ...]
    index_seq: int


MOST_POLICIES: Final = 100
"""Policies of one question why an offer is not chosen."""
MOST_PRICES: Final = 64


class WhyNotQuestion(_Shape):
    """How does this offer fare under each policy, and would at each of `prices` (micro-credits for one round, rising)?"""

    offer_id: str
    policies: tuple[SelectPolicy, ...] = Field(max_length=MOST_POLICIES)
    prices: tuple[Micro, ...] = Field(min_length=1, max_length=MOST_PRICES)
    now: Moment
    after_seq: Count = 0


class Fared(_Shape):
    """How the offer fares under one policy."""

    failed: tuple[str, ...] = Field(description="conditions that it fails, whatever its price")
    highest_price: Micro | None = Field(description="the highest of the prices at which it is chosen; null where it is at none")
    rivals: int = Field(description="other sellers with an offer that fails no condition but, perhaps, the budget")


class WhyNotAnswer(_Shape):
    """One per policy, in their order; fewer where the time was up before the last one."""

    fared: tuple[Fared, ...]
