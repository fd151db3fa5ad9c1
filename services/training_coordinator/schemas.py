"""What clients, nodes and ServerApps send and get. The order of the fields is the order in which wrong ones are reported."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.contracts.values import Finite, Fraction, Label, Name, Paid, Text, WholeNumber


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _without_comment(public_key: str) -> str:
    """The same key, whatever its line says after it: a key is known by its text."""
    return " ".join(public_key.split()[:2])


Count = Annotated[WholeNumber, Field(ge=0, le=10**12)]
ContributionMethod = Literal["shapley", "gtg_shapley"]
RunStateName = Literal["queued", "starting", "running", "succeeded", "failed", "stopped"]


class TriggerIn(_In):
    contract_id: Name | None = Field(None, description="default: the funded contract that was locked first")
    rounds: Annotated[WholeNumber, Field(ge=1, le=10_000)] | None = Field(None, description="default: all rounds of the contract")


class PendingContract(BaseModel):
    contract_id: str
    round_id: str
    offer_count: int
    agreed_price_per_round_total: Paid


class BoundContract(PendingContract):
    rounds: int
    sandbox: bool


class TriggerOut(BaseModel):
    status: Literal["accepted"] = "accepted"
    run_id: str
    marketplace_contract: BoundContract


class NodeIn(_In):
    """What a provider's node says of itself: measured facts about its data."""

    name: Name
    seller_node_id: Name
    public_key: Annotated[str, Field(strict=True, min_length=1, max_length=1000), AfterValidator(_without_comment)]
    dataset_fingerprint: Name
    sample_count: Count
    label_histogram: dict[Label, Count] = Field(default_factory=dict, max_length=1000)
    modality: Name = "tabular"
    tasks: Annotated[list[Name], Field(max_length=100)] = Field(default_factory=list)
    sandbox: Annotated[bool, Field(strict=True)] = False
    label_schema: Text = Field("", description="what its columns and classes are called")
    missing_values: Count | None = Field(None, description="cells without a value")
    duplicates: Count | None = Field(None, description="samples that are there more than once")
    holdout_score: Fraction | None = Field(None, description="accuracy of a plain model on samples it has not seen")


class NodeOut(BaseModel):
    node_id: str
    name: str
    seller_node_id: str
    dataset_fingerprint: str
    sample_count: int
    label_histogram: dict[str, int]
    modality: str
    tasks: list[str]
    sandbox: bool
    online: bool
    label_schema: str = ""
    missing_values: int | None = None
    duplicates: int | None = None
    holdout_score: float | None = None


class NodeList(BaseModel):
    count: int
    nodes: list[NodeOut]


class RegisteredOut(BaseModel):
    node_id: str
    grant_keys: dict[str, Any] | None = Field(None, description="JWK set: what the node verifies grants with")


class SuperLinkOut(BaseModel):
    address: str = Field(description="host:port")
    ca_certificate: str = Field(description="PEM; public")


class ClaimIn(_In):
    flower_run_id: Annotated[str, Field(strict=True, min_length=1, max_length=40)]


class ProviderReport(_In):
    node_id: Name
    seller_node_id: Name
    offer_id: Name
    ok: Annotated[bool, Field(strict=True)]
    num_examples: Count | None = None
    error_code: Label | None = None
    error: Text | None = None
    contribution: Finite | None = None
    leave_one_out: Finite | None = None
    reply_sha256: Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")] | None = None


class RoundIn(_In):
    """One round as the ServerApp measured it; what it did not measure is null."""

    round: Annotated[WholeNumber, Field(ge=0, le=10_000)]
    accuracy: Finite | None = None
    loss: Finite | None = None
    seconds: Finite | None = None
    providers: Annotated[list[ProviderReport], Field(max_length=100)] = Field(default_factory=list)
    contribution_method: ContributionMethod | None = None


class FinishIn(_In):
    succeeded: Annotated[bool, Field(strict=True)]
    reason: Text = ""
    rounds_completed: Count
    providers: Annotated[list[ProviderReport], Field(max_length=100)] = Field(default_factory=list)


class Accepted(BaseModel):
    status: str
    run_id: str


class ModelStored(BaseModel):
    run_id: str
    sha256: str
    size: int


class RoundOut(BaseModel):
    round: int
    accuracy: float | None
    loss: float | None
    seconds: float | None
    providers: list[dict[str, Any]]
    contribution_method: ContributionMethod | None = Field(
        None, description="over all groups of providers, or over sampled orders of them; null where nothing was measured"
    )
    reported_at: int


class RefusalOut(BaseModel):
    """A round that a provider did not deliver, and why: `error_code` is one of the catalogue, or Flower's own."""

    round: int
    error_code: str
    error: str


class ProviderOut(BaseModel):
    """What one provider delivered over the run so far."""

    seller_node_id: str
    offer_id: str
    node_id: str
    rounds_delivered: int
    contribution: float | None = Field(description="Shapley value, summed over rounds: what of the model's gain is this provider's")
    leave_one_out: float | None = Field(None, description="what the model lost each round without this provider's update, summed")
    refusals: list[RefusalOut]


class RunOut(BaseModel):
    run_id: str
    contract_id: str
    round_id: str
    state: str
    rounds: int
    rounds_completed: int
    sandbox: bool
    flower_run_id: str | None
    resumed_from: str | None
    strategy: str
    reason: str
    untrained: RoundOut | None
    rounds_detail: list[RoundOut]
    providers: list[ProviderOut]
    accuracy: float | None
    loss: float | None
    model_sha256: str | None
    created_at: int
    started_at: int | None
    finished_at: int | None


class CardProvider(ProviderOut):
    """A provider of the model, and the data that it was held to."""

    dataset_fingerprint: str


class CardRound(BaseModel):
    """A round of the contract, whichever run it was trained in. What was not measured is null."""

    run_id: str
    round: int
    accuracy: float | None
    loss: float | None
    seconds: float | None
    providers_delivered: int


class CardPrivacy(BaseModel):
    """Spent by all rounds of the contract together: each model since the first gives something away."""

    epsilon: float
    delta: float
    rounds: int
    noise_multiplier: float
    clipping_norm: float


class ModelCard(BaseModel):
    """What is known of a trained model: where it comes from, how good it is, and what it may give away."""

    run_id: str
    contract_id: str
    model_owner_id: str
    task_type: str
    label_schema: str
    strategy: str
    measured_by: Literal["exchange", "providers"] = Field(description="whose samples the metrics come from: nobody trained on them")
    accuracy: float | None
    loss: float | None
    rounds: list[CardRound]
    providers: list[CardProvider]
    differential_privacy: CardPrivacy | None
    model_sha256: str
    model_bytes: int
    bundle_sha256: str | None = Field(description="the code that trained it")
    resumed_from: str | None
    sandbox: bool
    trained_at: int | None


class GrantOut(BaseModel):
    """What a node was granted: `token` is the signed word itself."""

    jti: str
    offer_id: str
    node_id: str
    token: str
    issued_at: int
    expires_at: int


class RunEvidence(RunOut):
    grants: list[GrantOut]


class ContractEvidence(BaseModel):
    """All runs of a contract, oldest first, with their grants."""

    contract_id: str
    grant_keys: dict[str, Any] | None
    runs: list[RunEvidence]


class RunList(BaseModel):
    count: int
    runs: list[RunOut]
    next_cursor: str | None


class Metrics(BaseModel):
    accuracy: float | None
    loss: float | None


class PendingSum(BaseModel):
    count: int
    escrow_total: Paid
    oldest_created_at: int | None


class StatusOut(BaseModel):
    status: Literal["idle", "training", "degraded"]
    active: bool
    round: int | None
    target_rounds: int | None
    remaining_rounds: int | None
    last_started_at: int | None
    current_metrics: Metrics
    current_run: RunOut | None
    marketplace_pending_contract: PendingContract | None
    marketplace_pending_contracts: PendingSum
    nodes: list[NodeOut]
    reasons: list[str]
