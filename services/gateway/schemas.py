"""What the gateway itself answers. What a service answers is described by the service, and handed on as it comes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.gateway.domain import email, node_key
from shared.contracts.values import Label, Name, SomeText, Text, WholeNumber
from shared.kit.auth import Role

Severity = Literal["info", "warning", "error"]
Credits = int | float
"""An amount as a service wrote it: a number with at most six decimal places."""


class ErrorEntry(BaseModel):
    code: str
    status: int
    message: str
    cause: str
    remedy: str
    retryable: bool


class ErrorList(BaseModel):
    count: int
    errors: list[ErrorEntry]


class Persona(BaseModel):
    role: Role
    participant: str
    key: str


class DemoSession(BaseModel):
    personas: list[Persona]


class Me(BaseModel):
    role: Role
    participant: str | None = Field(description="null for a role's bootstrap key, which nobody in particular holds")
    key_id: str


class Session(BaseModel):
    demo: bool
    oidc: bool = Field(description="whether a browser can sign in with an identity provider, at /session/oidc/start")
    me: Me | None = Field(description="who is signed in, or whose key was sent; null for nobody")


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class SessionIn(_In):
    keep: Annotated[bool, Field(strict=True)] = Field(False, description="whether it outlasts the browser's closing: 30 days")


HolderRole = Literal["provider", "model_owner", "operator", "reviewer"]
Lifetime = Annotated[WholeNumber, Field(ge=60, le=10 * 366 * 86_400)]


class KeyIn(_In):
    participant: Name = Field(description="whose key; the name under which it sells or buys")
    role: HolderRole
    label: Label = Field("", description="a line to know it again by")
    expires_in_s: Lifetime | None = Field(None, description="seconds until it ends by itself; default never")


class KeyOut(BaseModel):
    key_id: str
    participant: str
    role: HolderRole
    label: str
    created_by: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None = Field(description="within a minute")


class NewKeyOut(KeyOut):
    key: str = Field(description="the key itself; it cannot be shown again")


class KeyList(BaseModel):
    count: int
    keys: list[KeyOut]
    next_cursor: str | None


class ParticipantOut(BaseModel):
    participant: str
    created_at: int
    revoked_at: int | None


class ParticipantList(BaseModel):
    count: int
    participants: list[ParticipantOut]
    next_cursor: str | None


class AuditRecord(BaseModel):
    """A change that was made. `hash` covers the rest (see docs/security.md)."""

    seq: int
    at: str
    actor: str
    role: str
    key_id: str
    address: str
    request_id: str
    method: str
    path: str
    status: int
    request_digest: str
    before_digest: str | None
    after_digest: str
    prev_hash: str
    hash: str


class AuditList(BaseModel):
    count: int
    records: list[AuditRecord]
    next_cursor: str | None
    head_hash: str


# --- joining ----------------------------------------------------------------------------------------------------------
JoiningRole = Literal["provider", "model_owner"]
RequestStatus = Literal["pending", "approved", "rejected"]
RequestSort = Literal["newest", "oldest"]


class InviteRequestIn(_In):
    """Who would like to take part, and with what."""

    contact_email: Annotated[str, Field(strict=True, max_length=254), AfterValidator(email)] = Field(
        description="where the answer goes"
    )
    compute_type: Name = Field(description="what there is to train on: cpu, gpu, …")
    role: JoiningRole = Field("provider", description="sells rounds on its data, or buys them")
    name: Label = Field("", description="who is asking")
    note: Text = Field("", description="what an operator should know")


class RequestedOut(BaseModel):
    request_id: str
    status: RequestStatus


class RequestOut(RequestedOut):
    contact_email: str
    compute_type: str
    role: JoiningRole
    name: str
    note: str
    reason: str
    decided_by: str | None
    decided_at: int | None
    created_at: int


class RequestList(BaseModel):
    count: int
    requests: list[RequestOut]
    next_cursor: str | None


class ApproveIn(_In):
    max_uses: Annotated[WholeNumber, Field(ge=1, le=100)] = Field(1, description="how many may register by it")
    valid_for_s: Annotated[WholeNumber, Field(ge=60, le=90 * 86_400)] = Field(7 * 86_400, description="seconds")
    participant: Name | None = Field(None, description="whose place it is; default: whoever registers gets a new id of its own")


class RejectIn(_In):
    reason: SomeText


class InviteOut(BaseModel):
    invite_id: str
    request_id: str
    role: JoiningRole
    participant: str | None
    max_uses: int
    uses: int
    expires_at: int
    revoked_at: int | None
    created_by: str
    created_at: int


class NewInviteOut(InviteOut):
    invite: str = Field(description="the code itself; it cannot be shown again")


class InviteList(BaseModel):
    count: int
    invites: list[InviteOut]
    next_cursor: str | None


class RegisterIn(_In):
    invite: Name = Field(description="the code that an operator has sent")
    name: Name = Field(description="becomes part of the participant's id")
    public_key: Annotated[str, Field(strict=True, max_length=1000), AfterValidator(node_key)] = Field(
        "", description="the node's ECDSA P-384 public key as an OpenSSH line, where there is a node already"
    )


class RegistrationOut(BaseModel):
    registration_id: str
    invite_id: str
    participant: str
    key_id: str
    public_key: str
    created_at: int
    revoked_at: int | None


class RegisteredOut(RegistrationOut):
    role: JoiningRole
    key: str = Field(description="the key itself; it cannot be shown again")


class RegistrationList(BaseModel):
    count: int
    registrations: list[RegistrationOut]
    next_cursor: str | None


class OperationEvent(BaseModel):
    """A fact as operators read it."""

    id: int
    ts: int
    at: str
    kind: str
    severity: Severity
    message: str
    data: dict[str, Any]
    event_id: str


class EventList(BaseModel):
    count: int
    events: list[OperationEvent]


class Check(BaseModel):
    ok: bool
    latency_ms: float
    detail: str = ""


class ServiceHealth(BaseModel):
    name: str
    status: Literal["ok", "down"]
    latency_ms: float
    checks: dict[str, Check] | None
    reason: str | None


class Links(BaseModel):
    grafana: str | None


class Health(BaseModel):
    status: Literal["ok", "down"]
    as_of: int
    services: list[ServiceHealth]
    links: Links
    version: str


class DeadLetter(BaseModel):
    service: str
    consumer: str
    event_id: str
    subject: str
    attempts: int
    reason: str
    dead_at: int
    event: dict[str, Any]


class DeadLetterList(BaseModel):
    count: int
    dead_letters: list[DeadLetter]
    unreachable: list[str]


class Replayed(BaseModel):
    status: Literal["replayed"]
    consumer: str
    event_id: str


class Quantiles(BaseModel):
    """Seconds; null without an observation."""

    p50: float | None
    p95: float | None


class CurrentMetrics(BaseModel):
    accuracy: float | None
    loss: float | None


class LearningNumbers(BaseModel):
    """`…_per_minute` need a Prometheus; null without."""

    status: str
    current_metrics: CurrentMetrics
    nodes_online: int
    nodes_registered: int
    pending_contracts: int
    runs_by_result: dict[str, int]
    rounds_total: float | None
    round_seconds: Quantiles
    rounds_per_minute: float | None = None


class MarketNumbers(BaseModel):
    offers_total: int
    offers_active: int
    open_intents: int
    contracts_total: int
    contracts_by_status: dict[str, int]
    locked_escrow_total: Credits
    released_payout_total: Credits
    refunded_total: Credits
    match_rejections_by_reason: dict[str, int]
    unmet_demand_by_reason: dict[str, int] = Field(
        default={}, description="matches that found nothing, by what alone kept an offer out, since the marketplace's start"
    )
    match_requests_by_result: dict[str, int]
    match_latency_seconds: Quantiles
    matches_per_minute: float | None = None
    match_success_ratio: float | None = None
    """Of the last hour."""


class GovernanceNumbers(BaseModel):
    disputes_total: int
    disputes_open: int
    ledger_imbalance: Credits
    open_holds: int


class OperationNumbers(BaseModel):
    http_requests_total: float | None
    events_published_total: float | None
    events_handled_by_result: dict[str, int]
    outbox_oldest_seconds: float | None
    consumer_lag: float | None
    dead_letters: float | None
    requests_per_second: float | None = None
    error_ratio: float | None = None
    request_p95_seconds: float | None = None


class History(BaseModel):
    """Points of Unix seconds and value, oldest first; null without a Prometheus."""

    window_s: int
    step_s: int
    series: dict[str, list[tuple[int, float]]]


class MetricsSummary(BaseModel):
    """A part whose service is down is null; `unavailable` says why. Current values come fresh from the services.

    `source` says where rates, percentiles and histories come from: Prometheus (the last hour), or the services' own series as they
    are now (percentiles since the services' start, no rates, no history).
    """

    as_of: int
    source: Literal["scrape", "prometheus"]
    federated_learning: LearningNumbers | None
    marketplace: MarketNumbers | None
    governance: GovernanceNumbers | None
    operations: dict[str, OperationNumbers | None]
    history: History | None = None
    unavailable: dict[str, str]
