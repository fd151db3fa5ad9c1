"""The facts that services tell one another, in the past tense, each with everything that a listener needs.

A fact may gain optional fields; anything else is a `.v2` beside the `.v1`. JSON Schemas are generated into `docs/events/` and
frozen by a test. Amounts are integer micro-credits. On the wire a fact is the `data` of a CloudEvents 1.0 envelope
(`shared.kit.messaging`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.values import Micro

STREAMS: Final[dict[str, tuple[str, ...]]] = {
    # The last fact of every offer, so that a rebuild of the index costs as much as there are offers.
    "OFFERS": ("marketplace.offer_published.v1.*", "marketplace.offer_changed.v1.*"),
    "MARKETPLACE": (
        "marketplace.intent_opened.v1",
        "marketplace.intent_changed.v1",
        "marketplace.contract_created.v1",
        "marketplace.contract_cancelled.v1",
        "marketplace.provider_replaced.v1",
    ),
    "ESCROW": ("escrow.>",),
    "TRAINING": ("training.>",),
    "GATEWAY": ("gateway.>",),
    "DEAD_LETTERS": ("dead_letter.>",),
}
"""Every stream and its subjects, one stream per owner; the offers of the marketplace have one of their own."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Event(_Part):
    """A fact. Subclasses name their subject; `key` ends the subject where a stream keeps the last fact per thing."""

    SUBJECT: ClassVar[str]
    EVENTS: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls, subject: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if subject:
            cls.SUBJECT = subject
            Event.EVENTS[subject] = cls

    @property
    def key(self) -> str | None:
        return None

    @property
    def subject(self) -> str:
        return f"{self.SUBJECT}.{self.key}" if self.key else self.SUBJECT

    @property
    def about(self) -> str:
        """The id of the thing that the fact is about (CloudEvents `subject`)."""
        for field in ("contract_id", "offer_id", "round_intent_id", "node_id", "participant", "request_id", "invite_id"):
            value = getattr(self, field, None)
            if value:
                return str(value)
        return ""


# --- marketplace ------------------------------------------------------------------------------------------------------
class OfferState(_Part):
    """An offer as it stands after a change: enough to rank it without asking back."""

    offer_id: str
    version: int
    seller_node_id: str
    dataset_fingerprint: str
    title: str = ""
    modality: str
    label_schema: str = ""
    sample_count: int
    quality_score: float
    privacy_profile: str = ""
    allowed_tasks: tuple[str, ...]
    attestation_status: Literal["unknown", "pending", "verified", "revoked"]
    price_per_round: Micro
    min_rounds: int
    expires_at: int
    status: Literal["active", "paused", "withdrawn"]


class _OfferFact(Event, OfferState):
    @property
    def key(self) -> str:
        return self.offer_id


class OfferPublished(_OfferFact, subject="marketplace.offer_published.v1"):
    """A provider put a dataset on the market."""


class OfferChanged(_OfferFact, subject="marketplace.offer_changed.v1"):
    """An offer has a new version."""


class IntentOpened(Event, subject="marketplace.intent_opened.v1"):
    """A model owner wants to buy training rounds."""

    round_intent_id: str
    model_owner_id: str
    task_type: str
    required_modalities: tuple[str, ...]
    min_quality_score: float
    budget_total: Micro
    rounds: int
    deadline_ts: int


class IntentChanged(Event, subject="marketplace.intent_changed.v1"):
    """An intent was changed, or moved from one status to another."""

    round_intent_id: str
    model_owner_id: str
    status: str
    previous_status: str
    reason: str = ""


class ContractSeller(_Part):
    """One provider's part of a contract, as agreed."""

    offer_id: str
    offer_version: int
    seller_node_id: str
    dataset_fingerprint: str
    price_per_round: Micro
    sample_count: int = 0
    min_payout_share: float = 0.0
    """Least share of the price for a delivered round where a contract pays by contribution."""
    rounds: int | None = None
    """Rounds that it owes; where it is not said, all of the contract's."""
    retired: bool = False
    """Another provider took its place: it trains no more, and owes what it has delivered."""


class PrivacyTerms(_Part):
    """Central differential privacy: the noise and the clipping of each round, and the delta that its epsilon is told for."""

    noise_multiplier: float
    clipping_norm: float
    delta: float


class TrainingTerms(_Part):
    """How the model is trained."""

    strategy: str = "fedavg"
    differential_privacy: PrivacyTerms | None = None
    label_schema: str = ""
    """What the features and labels of every provider's data mean; empty where nobody agreed on it."""
    min_providers: int = 1
    """A round that fewer deliver is lost, and the run with it."""


class ContractTerms(_Part):
    """What was agreed. Travels with the money, so that nobody needs to call back."""

    contract_id: str
    round_intent_id: str
    round_id: str
    model_owner_id: str
    task_type: str
    rounds: int
    sellers: tuple[ContractSeller, ...]
    agreed_price_per_round_total: Micro
    escrow_total: Micro
    created_at: datetime
    training: TrainingTerms | None = None
    settlement: Literal["manual", "auto"] | None = None
    """Whether a complete delivery is paid for by itself; where it is not said, as the escrow is set."""
    dispute_window_s: int | None = None
    """How long an automatic settlement waits for a dispute; where it is not said, as the escrow is set."""
    settlement_rule: Literal["delivery", "contribution"] = "delivery"
    version: int = 1
    """Rises by one each time that a provider is replaced."""

    def owed(self, seller: ContractSeller) -> int:
        """Rounds that the seller owes."""
        return self.rounds if seller.rounds is None else seller.rounds

    @property
    def most(self) -> int:
        """What is paid where all that is owed is delivered, in micro-credits."""
        return sum(seller.price_per_round * self.owed(seller) for seller in self.sellers)


class ContractCreated(Event, subject="marketplace.contract_created.v1"):
    """An intent and its offers were bound into a contract; its escrow is not locked yet."""

    contract_id: str
    terms: ContractTerms


class ContractCancelled(Event, subject="marketplace.contract_cancelled.v1"):
    """A contract came to nothing before training."""

    contract_id: str
    round_intent_id: str
    reason: str


class ProviderReplaced(Event, subject="marketplace.provider_replaced.v1"):
    """Other providers took the place of some that dropped out, for the rounds that are left, within the money that is held."""

    contract_id: str
    replaced: tuple[str, ...]
    """Offers that train no more."""
    by: tuple[str, ...]
    """Offers that take their place."""
    terms: ContractTerms


SettledBy = Literal["delivery", "contribution", "decision"]
"""The rule that shared a contract's money out; a decision is somebody's who named the amounts."""


# --- escrow -----------------------------------------------------------------------------------------------------------
class FundsHeld(Event, subject="escrow.funds_held.v1"):
    """The price is out of the model owner's reach and reserved for this contract."""

    contract_id: str
    hold_id: str
    amount: Micro
    expires_at: datetime | None = None
    terms: ContractTerms


class HoldRefused(Event, subject="escrow.hold_refused.v1"):
    """The model owner's balance did not cover the price."""

    contract_id: str
    code: str
    needed: Micro
    available: Micro


class Payout(_Part):
    """What one provider was paid, and for how many delivered rounds."""

    seller_node_id: str
    offer_id: str
    amount: Micro
    rounds_delivered: int | None = None
    rounds_agreed: int
    base: Micro | None = None
    """Before the fee, for the delivery; with `bonus`, for the contribution, where the contract was settled by contribution."""
    bonus: Micro | None = None


class FundsReleased(Event, subject="escrow.funds_released.v1"):
    """The providers are paid and the rest is back with the model owner."""

    contract_id: str
    payouts: tuple[Payout, ...]
    returned: Micro
    fee: Micro = 0
    early: bool
    actor: str
    reason: str = "requested"
    settled_by: SettledBy = "delivery"
    fallback: str = ""
    """Why it is not the rule that was agreed; empty where it is."""


class FundsRefunded(Event, subject="escrow.funds_refunded.v1"):
    """The whole amount is back with the model owner."""

    contract_id: str
    amount: Micro
    reason: str
    actor: str


class FundsDeposited(Event, subject="escrow.funds_deposited.v1"):
    """A participant's balance grew by money from outside."""

    participant: str
    amount: Micro
    kind: Literal["deposit", "starter_credit"]
    actor: str


class WithdrawalRequested(Event, subject="escrow.withdrawal_requested.v1"):
    """A participant wants money out; it is out of its reach until an operator decides."""

    withdrawal_id: str
    participant: str
    amount: Micro


class WithdrawalEnded(Event, subject="escrow.withdrawal_ended.v1"):
    """A withdrawal was paid out, or its money is back with the participant."""

    withdrawal_id: str
    participant: str
    amount: Micro
    status: Literal["confirmed", "rejected"]
    actor: str


class DisputeOpened(Event, subject="escrow.dispute_opened.v1"):
    """Somebody objects; what is still held is frozen."""

    contract_id: str
    dispute_id: str
    reporter: str
    reason: str


class DisputeChanged(Event, subject="escrow.dispute_changed.v1"):
    """A dispute is under review."""

    contract_id: str
    dispute_id: str
    status: str
    actor: str


class DisputeResolved(Event, subject="escrow.dispute_resolved.v1"):
    """A dispute ended: resolved or rejected."""

    contract_id: str
    dispute_id: str
    status: Literal["resolved", "rejected"]
    actor: str
    resolution_note: str = ""


class DisputeOverdue(Event, subject="escrow.dispute_overdue.v1"):
    """A dispute has been open for longer than it should be."""

    contract_id: str
    dispute_id: str
    status: str
    opened_at: datetime


# --- training ---------------------------------------------------------------------------------------------------------
class BoundToRound(Event, subject="training.bound_to_round.v1"):
    """A funded contract has a training run; nothing has started yet."""

    contract_id: str
    run_id: str
    round_id: str
    rounds: int
    actor: str = ""
    resumed_from: str | None = None
    """The run whose model this one goes on with."""


class GrantIssued(_Part):
    """A grant that a node got for a run, without the token itself."""

    offer_id: str
    node_id: str
    jti: str
    token_sha256: str
    expires_at: int


class RunStarted(Event, subject="training.run_started.v1"):
    """The ServerApp claimed its run: the first message to a provider follows."""

    contract_id: str
    run_id: str
    flower_run_id: str
    nodes: tuple[str, ...]
    sandbox: bool
    accuracy: float | None = None
    loss: float | None = None
    grants: tuple[GrantIssued, ...] = ()


class ProviderRound(_Part):
    """What one provider did in one round. A value that was not measured is null."""

    seller_node_id: str
    offer_id: str
    node_id: str
    ok: bool
    num_examples: int | None = None
    contribution: float | None = None
    leave_one_out: float | None = None
    reply_sha256: str | None = None
    error_code: str | None = None
    error: str | None = None


class RoundCompleted(Event, subject="training.round_completed.v1"):
    """One federated round ended and its model was measured."""

    contract_id: str
    run_id: str
    round: int
    accuracy: float | None
    loss: float | None
    seconds: float | None
    providers: tuple[ProviderRound, ...]


class Delivery(_Part):
    """What one provider delivered over a whole run."""

    seller_node_id: str
    offer_id: str
    rounds_delivered: int
    contribution: float | None = None
    leave_one_out: float | None = None


class PrivacySpent(_Part):
    """What the contract's models, all rounds so far together, give away of any one provider's data. Null where privacy is off."""

    epsilon: float
    delta: float
    rounds: int
    noise_multiplier: float
    clipping_norm: float


class RunFinished(Event, subject="training.run_finished.v1"):
    """A run ended, for better or worse, and this is what each provider delivered."""

    contract_id: str
    run_id: str
    succeeded: bool
    reason: str = ""
    rounds_completed: int
    deliveries: tuple[Delivery, ...]
    accuracy: float | None = None
    loss: float | None = None
    model_sha256: str | None = None
    last_outcomes: tuple[ProviderRound, ...] = ()
    """What the providers did in the round that ended the run before it was complete."""
    privacy: PrivacySpent | None = None


class NodeChanged(Event, subject="training.node_changed.v1"):
    """A provider's node joined, came online or went offline."""

    node_id: str
    seller_node_id: str
    name: str
    change: Literal["registered", "online", "offline"]
    sandbox: bool


# --- joining ----------------------------------------------------------------------------------------------------------
class InviteRequested(Event, subject="gateway.invite_requested.v1"):
    """Somebody would like to take part. Who it is stays with the gateway."""

    request_id: str
    role: Literal["provider", "model_owner"]
    compute_type: str


class InviteApproved(Event, subject="gateway.invite_approved.v1"):
    """An operator invited whoever had asked."""

    request_id: str
    invite_id: str
    max_uses: int
    actor: str


class InviteRejected(Event, subject="gateway.invite_rejected.v1"):
    """An operator said no to a request."""

    request_id: str
    reason: str
    actor: str


class InviteRevoked(Event, subject="gateway.invite_revoked.v1"):
    """An invitation lets nobody in any more."""

    invite_id: str
    actor: str


class ParticipantRegistered(Event, subject="gateway.participant_registered.v1"):
    """A newcomer redeemed an invitation and has a key."""

    registration_id: str
    invite_id: str
    participant: str
    role: Literal["provider", "model_owner"]


class ParticipantRevoked(Event, subject="gateway.participant_revoked.v1"):
    """A participant is locked out with all of its keys."""

    participant: str
    actor: str


# --- trouble ----------------------------------------------------------------------------------------------------------
class DeadLettered(Event, subject="dead_letter.buried.v1"):
    """A consumer gave up on a fact; an operator may replay it."""

    consumer: str
    event_id: str
    event_subject: str
    reason: str
    attempts: int = Field(ge=1)
