"""How a selection came about, as clients see it: matching's own words, with the shape that clients may rely on."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Number = int | float
"""A number as matching wrote it; amounts are in credits."""


class ScoreOut(BaseModel):
    quality_component: float
    cost_component: float
    trust_component: float
    total: float


class RankedOut(BaseModel):
    """An offer with its score, as matching ranked it."""

    offer_id: str
    seller_node_id: str
    price_per_round: Number
    quality_score: float
    score_breakdown: ScoreOut


class NearMissOut(RankedOut):
    """An offer that fails one condition only, and by how much where that can be counted."""

    reason: str
    gap: Number | None


class RelaxationOut(BaseModel):
    """A change of the policy that was tried and matches."""

    model_config = ConfigDict(populate_by_name=True)

    field: str
    from_: Any = Field(None, alias="from")
    to: Any
    changes: dict[str, Any]
    offers: int
    total_price: Number
    total_score: float


class RejectedSet(BaseModel):
    """Offers that fail exactly these conditions."""

    reasons: list[str]
    count: int


class BudgetOut(BaseModel):
    """For the whole contract, in credits; null where there is no such thing."""

    budget_total: Number | None
    cheapest_compatible: Number | None
    cheapest_feasible_set: Number | None
    best_unconstrained_set: Number | None = Field(None, description="price of the set that would be chosen without a budget")
    chosen_set: Number | None


class NodeRefusalOut(BaseModel):
    """What an offer's node refused to train lately, whoever had asked."""

    offer_id: str
    error_code: str
    message: str
    rounds: int = Field(description="how many rounds it refused")
    last_at: int


class PricingOut(BaseModel):
    """What truthful pricing costs against the exact choice at posted prices; amounts for the whole contract, in credits."""

    mode: str
    total_asked: Number
    paid_above_asked: Number
    posted_offers: list[str]
    posted_total_price: Number
    posted_score: float
    score_lost: float = Field(description="score that the choice at posted prices would have more")
    posted_proven: bool


class Diagnostics(BaseModel):
    """How a selection came about; matching may say more than is named here."""

    model_config = ConfigDict(extra="allow")

    offers_evaluated: int
    compatible_offers: int
    budget_rejected: int
    rejection_reasons: dict[str, int]
    sentences: dict[str, str] = Field(default={}, description="what each reason here means, for people")
    rejected_by_set: list[RejectedSet] = []
    top_ranked_offers: list[RankedOut] = []
    near_misses: list[NearMissOut] = []
    budget: BudgetOut | None = None
    pricing: PricingOut | None = None
    relaxations: list[RelaxationOut] = []
    node_refusals: list[NodeRefusalOut] = Field(
        default=[], description="refusals that nodes of the offers named here, and of this intent's own contracts, gave in training"
    )
    not_relaxable: list[str] = Field(
        default=[], description="reasons here that are the providers' policy: no change of the intent gets past them"
    )
