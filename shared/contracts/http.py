"""The HTTP shapes that a service other than their owner parses: the question to matching, its answer, and the score."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from shared.contracts.values import Finite, Micro

Count = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
AtLeastOne = Annotated[int, Field(strict=True, ge=1, lt=2**31)]
Moment = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
"""Unix seconds."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SelectPolicy(_Shape):
    """What an intent asks of offers. Money in micro-credits; empty lists and zero budgets mean no limit."""

    task_type: str
    required_modalities: tuple[str, ...] = ()
    min_quality_score: Finite = 0.0
    budget_total: Micro = 0
    rounds: AtLeastOne = 1
    max_offers: AtLeastOne = 3
    min_sample_count: Count = 0
    label_schema: str = ""
    privacy_profile: str = ""
    attestation_required: StrictBool = False
    excluded_sellers: tuple[str, ...] = ()
    one_offer_per_seller: StrictBool = False
    min_providers: Count = 1
    preferred_sellers: tuple[str, ...] = ()
    pricing: Literal["posted", "truthful"] = "posted"


class SelectQuestion(_Shape):
    """Which offers should this intent get, as of `now`, in a book that includes the offer fact `after_seq`?"""

    policy: SelectPolicy
    now: Moment = Field(description="Unix seconds; decides which offers have expired")
    after_seq: Count = Field(default=0, description="sequence in the OFFERS stream that the index must have seen")
    record: StrictBool = Field(default=False, description="whether the answer holds the record of the decision")


class ScoreBreakdown(_Shape):
    """The weighted parts of a score; they add up to `total`."""

    quality_component: float
    cost_component: float
    trust_component: float
    total: float


class SelectedOffer(_Shape):
    """One chosen offer, at the version that was ranked."""

    offer_id: str
    offer_version: int
    seller_node_id: str
    dataset_fingerprint: str
    price_per_round: Micro = Field(description="what it is paid")
    quality_score: float
    sample_count: int
    score: float
    score_breakdown: ScoreBreakdown
    asked_price_per_round: Micro | None = Field(None, description="what its seller asks, where it is paid by truthful pricing")


class SelectAnswer(_Shape):
    """The chosen set, or none; `selection_diagnostics` is shown to the client as it stands (amounts in credits)."""

    has_match: bool
    selected_offers: tuple[SelectedOffer, ...]
    agreed_price_per_round_total: Micro
    index_seq: int
    selection_diagnostics: dict[str, Any]
    decision: dict[str, Any] | None = None
    """What decided, where it was asked for and something was chosen; its hash is that of `shared.kit.chain.digest`."""
