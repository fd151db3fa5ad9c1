"""What clients send and get. The order of the fields is the order in which wrong ones are reported."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, ValidationInfo, field_validator

from services.marketplace.diagnostics import Diagnostics, ScoreOut
from shared.contracts.explain import MOST_VALUES
from shared.contracts.values import Credits, Finite, Fraction, Label, Name, Paid, Text, UnixSeconds, whole


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


Names = Annotated[list[Name], Field(max_length=100)]
# The bounds stand first: behind the check for whole numbers they would be missing in the JSON Schema.
Rounds = Annotated[int, Field(ge=1, le=10_000), BeforeValidator(whole)]
SampleCount = Annotated[int, Field(ge=0, le=10**12), BeforeValidator(whole)]
MaxOffers = Annotated[int, Field(ge=1, le=25, description="at most this many offers in the contract"), BeforeValidator(whole)]
OfferSort = Literal["newest", "price", "-price", "quality", "-quality", "samples", "-samples"]
OfferStatusName = Literal["active", "paused", "withdrawn"]
PayoutStatusName = Literal["pending", "released", "refunded"]
EscrowStatusName = Literal["pending", "locked", "released", "refunded", "rejected"]
Strategy = Literal["fedavg", "fedprox", "fedadam", "trimmed_mean", "krum"]
SettlementName = Literal["manual", "auto"]
SettlementRuleName = Literal["delivery", "contribution"]
PricingName = Literal["posted", "truthful"]
SettledByName = Literal["delivery", "contribution", "decision"]
Window = Annotated[int, Field(ge=0, le=30 * 86_400), BeforeValidator(whole)]
Attestation = Literal["unknown", "pending", "verified", "revoked"]


class Measurements(_In):
    """What the provider's node measured of the data itself."""

    label_histogram: dict[Label, SampleCount] = Field(max_length=1000, description="samples of each label")
    missing_values: SampleCount = Field(description="cells without a value; their samples are not sold")
    duplicates: SampleCount = Field(description="samples that are there more than once")
    holdout_score: Fraction | None = Field(
        None, description="accuracy of a plain model on samples it has not seen; null where that means nothing"
    )


class OfferIn(_In):
    """A dataset on the market."""

    seller_node_id: Name = Field(description="who sells; the name under which the provider's node is known")
    dataset_fingerprint: Name = Field(description="identifies the data, for example its SHA-256 as the node measured it")
    title: Label = Field("", description="a line for people")
    description: Text = Field("", description="what is in the data")
    modality: Name = Field("tabular", description="tabular, image, text, …")
    label_schema: Text = Field("", description="what the labels mean")
    sample_count: SampleCount = Field(0, description="rows in the dataset")
    quality_score: Fraction = Field(0.5, description="0 (useless) to 1 (perfect)")
    privacy_profile: Label = Field("", description="how privacy is protected")
    allowed_tasks: Names = Field(default_factory=list, description="tasks it may be used for; empty means all")
    attestation_status: Attestation = Field("unknown", description="whether somebody verified the data; verified raises trust")
    price_per_round: Credits = Field(0, description="credits for one training round")
    min_rounds: Rounds = Field(1, description="least number of rounds a contract must buy")
    min_payout_share: Fraction = Field(
        0.0, description="least share of the price for a delivered round, 0 to 1, where a contract pays by contribution"
    )
    expires_at: UnixSeconds = Field(0, description="Unix seconds; 0 means never")
    status: OfferStatusName = "active"
    measurements: Measurements | None = Field(
        None, description="what the node measured; with a hold-out score it is the quality, too"
    )


class _Patch(_In):
    @field_validator("*", mode="before")
    @classmethod
    def _given(cls, value: Any) -> Any:
        """A field that is there must have a value: leaving a field out, and not null, keeps what was."""
        if value is None:
            raise ValueError("must not be null")
        return value


class OfferPatch(_Patch):
    """The fields to change; the others stay."""

    title: Label | None = None
    description: Text | None = None
    modality: Name | None = None
    label_schema: Text | None = None
    sample_count: SampleCount | None = None
    quality_score: Fraction | None = None
    privacy_profile: Label | None = None
    allowed_tasks: Names | None = None
    attestation_status: Attestation | None = None
    price_per_round: Credits | None = None
    min_rounds: Rounds | None = None
    min_payout_share: Fraction | None = None
    expires_at: UnixSeconds | None = None
    status: OfferStatusName | None = None
    measurements: Measurements | None = None


class Warning_(BaseModel):
    code: str
    message: str


class OfferOut(BaseModel):
    offer_id: str
    version: int
    seller_node_id: str
    dataset_fingerprint: str
    title: str
    description: str
    modality: str
    label_schema: str
    sample_count: int
    quality_score: float
    privacy_profile: str
    allowed_tasks: list[str]
    attestation_status: str
    price_per_round: Paid
    min_rounds: int
    min_payout_share: float
    expires_at: int
    status: str
    measurements: Measurements | None
    quality_source: Literal["stated", "measured"]
    created_at: int
    updated_at: int
    warnings: list[Warning_]


class OfferList(BaseModel):
    count: int
    offers: list[OfferOut]
    next_cursor: str | None


class DifferentialPrivacy(_In):
    """Central differential privacy: updates are cut, and the mean gets Gaussian noise."""

    noise_multiplier: Annotated[Finite, Field(ge=0.01, le=1000)] = Field(
        description="noise, as a multiple of what one provider can change"
    )
    clipping_norm: Annotated[Finite, Field(ge=1e-6, le=1e6)] = Field(description="greatest length (L2) of an update")
    delta: Annotated[Finite, Field(ge=1e-12, le=0.1)] = Field(1e-5, description="the spent epsilon is told for this delta")


class IntentIn(_In):
    """What a model owner wants to buy."""

    model_owner_id: Name = Field(description="who buys")
    task_type: Name = Field(description="the task to train, for example classification")
    required_modalities: Names = Field(default_factory=list, description="modalities that will do; empty means all")
    min_quality_score: Fraction = Field(0.0, description="offers below this are not considered")
    budget_total: Credits = Field(0, description="credits for the whole contract, all rounds; 0 means no limit")
    rounds: Rounds = Field(1, description="training rounds to buy")
    deadline_ts: UnixSeconds | None = Field(None, description="Unix seconds; default one hour from now")
    round_id: Name | None = Field(None, description="the buyer's own name for the round")
    min_sample_count: SampleCount = Field(0, description="rows that an offer's dataset must have")
    label_schema: Text = Field("", description="label schema that an offer must have; empty means any")
    privacy_profile: Label = Field("", description="privacy profile that an offer must have; empty means any")
    attestation_required: StrictBool = Field(False, description="only offers whose attestation is verified")
    excluded_sellers: Names = Field(default_factory=list, description="sellers that are not wanted")
    one_offer_per_seller: StrictBool = Field(False, description="at most one offer of each seller in the contract")
    min_providers: MaxOffers = Field(1, description="at least this many offers in the contract, and providers in each round")
    preferred_sellers: Names = Field(
        default_factory=list, description="sellers that are chosen where it makes no difference to the score"
    )
    pricing: PricingName = Field(
        "posted",
        description="posted: each offer is paid what it asks; truthful: a budget is auctioned off, one offer of each seller, so that"
        " no seller gains by asking for anything but what it wants",
    )
    settlement: SettlementName | None = Field(
        None,
        description="manual: the escrow waits for a release; auto: a complete delivery is paid for by itself after the dispute window;"
        " left out: as the exchange is set, which is manual unless its operator says otherwise",
    )
    dispute_window_s: Window | None = Field(
        None, description="seconds that an automatic settlement waits for a dispute, may be 0; left out: as the escrow is set"
    )
    settlement_rule: SettlementRuleName = Field(
        "delivery",
        description="delivery: price × rounds delivered; contribution: half of that, and the other half by measured contribution",
    )
    strategy: Strategy = Field("fedavg", description="how updates become the next model")
    differential_privacy: DifferentialPrivacy | None = Field(None, description="with fedavg and fedprox only")

    @field_validator("pricing")
    @classmethod
    def _within_a_budget(cls, value: str, info: ValidationInfo) -> str:
        if value == "truthful" and info.data.get("budget_total") == 0:
            raise ValueError("needs a budget")
        return value

    @field_validator("differential_privacy")
    @classmethod
    def _bounded_by_a_mean(cls, value: DifferentialPrivacy | None, info: ValidationInfo) -> DifferentialPrivacy | None:
        """The noise is measured for a mean of updates: what others do with them, it does not cover."""
        if value is not None and info.data.get("strategy", "fedavg") not in ("fedavg", "fedprox"):
            raise ValueError("goes with fedavg and fedprox only")
        return value


class IntentPatch(_Patch):
    status: Literal["open", "matched", "closed", "cancelled", "expired"] | None = None
    budget_total: Credits | None = None
    min_quality_score: Fraction | None = None
    deadline_ts: UnixSeconds | None = None
    settlement: SettlementName | None = None
    dispute_window_s: Window | None = None
    settlement_rule: SettlementRuleName | None = None


class IntentOut(BaseModel):
    round_intent_id: str
    round_id: str
    model_owner_id: str
    task_type: str
    required_modalities: list[str]
    min_quality_score: float
    budget_total: Paid
    rounds: int
    deadline_ts: int
    min_sample_count: int
    label_schema: str
    privacy_profile: str
    attestation_required: bool
    excluded_sellers: list[str]
    one_offer_per_seller: bool
    min_providers: int
    preferred_sellers: list[str] = []
    pricing: PricingName = "posted"
    strategy: str
    differential_privacy: DifferentialPrivacy | None
    settlement: SettlementName | None
    dispute_window_s: int | None
    settlement_rule: SettlementRuleName
    status: str
    allowed_transitions: list[str]
    created_at: int
    updated_at: int


class IntentList(BaseModel):
    count: int
    round_intents: list[IntentOut]
    next_cursor: str | None


class MatchIn(_In):
    round_intent_id: Name
    max_offers: MaxOffers = 3


class ReplaceIn(_In):
    offer_ids: Names = Field([], description="which of the contract's offers go; left out, those that failed in its last run")


class PolicyOverrides(_Patch):
    """Policy fields to try in place of the intent's own."""

    task_type: Name | None = None
    required_modalities: Names | None = None
    min_quality_score: Fraction | None = None
    budget_total: Credits | None = None
    rounds: Rounds | None = None
    min_sample_count: SampleCount | None = None
    label_schema: Text | None = None
    privacy_profile: Label | None = None
    attestation_required: StrictBool | None = None
    excluded_sellers: Names | None = None
    one_offer_per_seller: StrictBool | None = None
    min_providers: MaxOffers | None = None
    preferred_sellers: Names | None = None
    pricing: PricingName | None = None


class BudgetSweep(_In):
    """Budgets to try in turn, in credits; 0 means no limit."""

    field: Literal["budget_total"]
    values: list[Credits] = Field(min_length=1, max_length=MOST_VALUES)


class QualitySweep(_In):
    """Quality floors to try in turn."""

    field: Literal["min_quality_score"]
    values: list[Fraction] = Field(min_length=1, max_length=MOST_VALUES)


class PreviewIn(_In):
    round_intent_id: Name
    max_offers: MaxOffers = 3
    policy_overrides: PolicyOverrides = Field(default_factory=PolicyOverrides)
    sweep: Annotated[BudgetSweep | QualitySweep, Field(discriminator="field")] | None = Field(
        None, description="values of one field to try beside the overrides"
    )


class DraftIn(_In):
    """The policy of an intent that does not exist yet."""

    task_type: Name
    required_modalities: Names = Field(default_factory=list)
    min_quality_score: Fraction = 0.0
    budget_total: Credits = 0
    rounds: Rounds = 1
    min_sample_count: SampleCount = 0
    label_schema: Text = ""
    privacy_profile: Label = ""
    attestation_required: StrictBool = False
    excluded_sellers: Names = Field(default_factory=list)
    one_offer_per_seller: StrictBool = False
    min_providers: MaxOffers = 1
    preferred_sellers: Names = Field(default_factory=list)
    pricing: PricingName = "posted"
    max_offers: MaxOffers = 3


class SelectedOut(BaseModel):
    offer_id: str
    offer_version: int
    seller_node_id: str
    dataset_fingerprint: str
    price_per_round: Paid
    quality_score: float
    sample_count: int
    score: float
    score_breakdown: ScoreOut
    asked_price_per_round: Paid | None = Field(None, description="what its seller asks, where it is paid by truthful pricing")


class AgreedOfferOut(SelectedOut):
    min_payout_share: float = 0.0
    rounds: int | None = Field(None, description="rounds that it owes, where not all of the contract's")
    retired: bool = Field(False, description="another took its place: it trains no more")


class PreviewPart(BaseModel):
    has_match: bool
    selected_offers: list[SelectedOut]
    agreed_price_per_round_total: Paid
    selection_diagnostics: Diagnostics


class DraftOut(BaseModel):
    preview: PreviewPart


class Difference(BaseModel):
    """What the preview has more than the baseline; negative where it has less. A side that does not match counts as zero."""

    offers_gained: list[str] = Field(description="ids of offers that only the preview chooses")
    offers_lost: list[str] = Field(description="ids of offers that only the baseline chooses")
    agreed_price_per_round_total: Paid
    total_price: Paid
    total_score: float
    compatible_offers: int


class SweepPointOut(BaseModel):
    """What one value of the field would give."""

    value: float = Field(description="as asked: credits for a budget")
    has_match: bool
    offers: int
    total_price: Paid | None = Field(description="for all rounds; null without a match")
    total_score: float | None
    compatible_offers: int
    optimal: bool = Field(description="whether it is proven that no set is better")


class SweepOut(BaseModel):
    field: str
    points: list[SweepPointOut]


class PreviewOut(BaseModel):
    preview: PreviewPart
    baseline: PreviewPart
    difference: Difference
    sweep: SweepOut | None


class TimelineEvent(BaseModel):
    seq: int
    ts: int
    at: str
    event: str
    actor: str
    data: dict[str, Any]
    prev_hash: str
    hash: str


class TimelineOut(BaseModel):
    contract_id: str
    events: list[TimelineEvent]
    head_hash: str


class PayoutOut(BaseModel):
    seller_node_id: str
    offer_id: str
    amount: Paid
    rounds_delivered: int | None
    rounds_agreed: int
    base: Paid | None = Field(None, description="for the delivery, before the fee, where it was settled by contribution")
    bonus: Paid | None = Field(None, description="for the contribution, before the fee")


class DeliveryOut(BaseModel):
    seller_node_id: str
    offer_id: str
    rounds_delivered: int
    contribution: float | None
    leave_one_out: float | None = None


class FinalMetrics(BaseModel):
    """As the last run measured them; what was not measured is null."""

    accuracy: float | None
    loss: float | None
    rounds_completed: int
    model_sha256: str | None


class ContractOut(BaseModel):
    contract_id: str
    round_intent_id: str
    round_id: str
    model_owner_id: str
    task_type: str
    strategy: str
    differential_privacy: DifferentialPrivacy | None
    label_schema: str
    selected_offers: list[AgreedOfferOut]
    offer_count: int
    rounds: int
    agreed_price_per_round_total: Paid
    escrow_total: Paid
    settlement: SettlementName | None
    dispute_window_s: int | None
    settlement_rule: SettlementRuleName
    settled_by: SettledByName | None
    escrow_status: str
    payout_status: str
    payouts: list[PayoutOut]
    returned: Paid | None
    execution_run_id: str | None
    deliveries: list[DeliveryOut]
    final_metrics: FinalMetrics | None
    sandbox: bool | None
    selection_diagnostics: Diagnostics
    timeline: list[TimelineEvent]
    created_at: int
    updated_at: int


class ContractList(BaseModel):
    count: int
    contracts: list[ContractOut]
    next_cursor: str | None


class SummaryOut(BaseModel):
    """The market in numbers, as `/metrics_summary` shows it."""

    offers_total: int
    offers_active: int
    open_intents: int
    contracts_total: int
    contracts_by_status: dict[str, int]
    locked_escrow_total: Paid
    released_payout_total: Paid
    refunded_total: Paid
