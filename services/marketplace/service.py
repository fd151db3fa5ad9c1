"""What can be done on the market. One function per use case; the caller opened the transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.marketplace import domain, store
from services.marketplace.domain import IntentStatus
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import IntentChanged, IntentOpened, OfferChanged, OfferPublished, OfferState
from shared.contracts.http import SelectPolicy
from shared.contracts.values import new_id
from shared.kit.auth import Principal
from shared.kit.db import Connection
from shared.kit.messaging import enqueue
from shared.kit.ownership import own_only

Row = Mapping[str, Any]

DEFAULT_DEADLINE_S = 3600

FURTHER: Final = (
    "min_sample_count",
    "label_schema",
    "privacy_profile",
    "attestation_required",
    "excluded_sellers",
    "one_offer_per_seller",
    "min_providers",
    "preferred_sellers",
    "pricing",
)
"""Conditions of an intent that only matching looks at: kept together, under matching's own names."""


TRAINING: Final = ("strategy", "differential_privacy")
"""How an intent wants its model trained: nothing to matching, all to the coordinator."""


# --- offers -----------------------------------------------------------------------------------------------------------
def _state(row: Row) -> dict[str, Any]:
    return OfferState.model_validate(dict(row)).model_dump()


def measured(offer: Mapping[str, Any]) -> dict[str, Any]:
    """The offer with where its quality comes from: a hold-out score that was measured is the quality, whatever else was said."""
    measurements = offer.get("measurements")
    score = measurements and measurements["holdout_score"]
    if score is None:
        return {**offer, "quality_source": "stated"}
    return {**offer, "quality_score": score, "quality_source": "measured"}


async def mark_faulty(conn: Connection, offer_ids: Sequence[str], fault: str) -> None:
    """Takes offers out of the book because training found their data at fault, and says so."""
    for row in await store.mark_faulty(conn, offer_ids, fault):
        await enqueue(conn, OfferChanged(**_state(row)))


async def publish_offer(conn: Connection, offer: Mapping[str, Any]) -> Row:
    """Stores an offer and says so. `offer` holds every field of the table but the id."""
    row = await store.insert_offer(conn, {**measured(offer), "offer_id": new_id("offer")})
    await enqueue(conn, OfferPublished(**_state(row)))
    return row


async def change_offer(conn: Connection, offer_id: str, changes: Mapping[str, Any], who: Principal) -> Row:
    """Applies `changes`; the version rises by one unless there are none. Raises `offer_not_found`, also for a stranger's."""
    row: Row | None = await store.get_offer(conn, offer_id, lock=True)
    if row is None:
        raise Refusal(ErrorCode.OFFER_NOT_FOUND, offer_id=offer_id)
    own_only(who, ErrorCode.OFFER_NOT_FOUND, row["seller_node_id"], offer_id=offer_id)
    if not changes:
        return row
    if "measurements" in changes or changes.get("quality_score", row["quality_score"]) != row["quality_score"]:
        told = measured({"measurements": None, "quality_score": row["quality_score"], **changes})
        changes = {**changes, "quality_score": told["quality_score"], "quality_source": told["quality_source"]}
    if changes.get("status") == "active":
        changes = {**changes, "fault": ""}  # the seller vouches for it again
    row = await store.update_offer(conn, offer_id, changes)
    await enqueue(conn, OfferChanged(**_state(row)))
    return row


async def offer(conn: Connection, offer_id: str) -> Row:
    row = await store.get_offer(conn, offer_id)
    if row is None:
        raise Refusal(ErrorCode.OFFER_NOT_FOUND, offer_id=offer_id)
    return row


# --- intents ----------------------------------------------------------------------------------------------------------
async def open_intent(conn: Connection, intent: Mapping[str, Any], *, settlement: str, now: int) -> Row:
    """Stores an open intent and says so. A missing deadline is an hour from `now` (Unix seconds).

    `settlement` holds where the intent chose none.
    """
    intent_id = new_id("intent")
    row = await store.insert_intent(
        conn,
        {
            **intent,
            "policy": {field: intent[field] for field in FURTHER},
            "training": {field: intent[field] for field in TRAINING},
            "round_intent_id": intent_id,
            "round_id": intent["round_id"] or new_id("round"),
            "deadline_ts": now + DEFAULT_DEADLINE_S if intent["deadline_ts"] is None else intent["deadline_ts"],
            "settlement": intent["settlement"] or settlement,
            "status": IntentStatus.OPEN,
        },
    )
    await enqueue(conn, IntentOpened.model_validate(dict(row)))
    return row


async def intent(conn: Connection, round_intent_id: str, who: Principal | None = None, *, lock: bool = False) -> Row:
    """Raises `round_intent_not_found`, also where it is not `who`'s to see."""
    row = await store.get_intent(conn, round_intent_id, lock=lock)
    if row is None:
        raise Refusal(ErrorCode.ROUND_INTENT_NOT_FOUND, round_intent_id=round_intent_id)
    if who is not None:
        own_only(who, ErrorCode.ROUND_INTENT_NOT_FOUND, row["model_owner_id"], round_intent_id=round_intent_id)
    return row


async def change_intent(conn: Connection, round_intent_id: str, changes: Mapping[str, Any], who: Principal, *, now: int) -> Row:
    """Applies a client's changes. Asking for the present status is no error; the policy changes only while the intent is open.

    Raises:
        Refusal: `round_intent_not_found`, `invalid_status_transition`, `round_intent_not_open`, `invalid_pricing`.
    """
    row = await intent(conn, round_intent_id, who, lock=True)
    current = domain.status_at(row["status"], row["deadline_ts"], now)
    status = IntentStatus(changes.get("status", current))
    real = {field: value for field, value in changes.items() if row[field] != value}
    if status is not current and (current, status) not in domain.CLIENT_TRANSITIONS:
        raise Refusal(
            ErrorCode.INVALID_STATUS_TRANSITION,
            current_status=str(current),
            next_status=str(status),
            allowed=[str(to) for to in domain.allowed_next(current)],
        )
    if real.keys() - {"status"} and current is not IntentStatus.OPEN:
        raise Refusal(ErrorCode.ROUND_INTENT_NOT_OPEN, current_status=str(current))
    if real.get("budget_total") == 0 and row["policy"].get("pricing") == "truthful":
        raise Refusal(ErrorCode.INVALID_PRICING, budget_total=0)
    if not real:
        return row
    row = await store.update_intent(conn, round_intent_id, real)
    await _say_intent(conn, row, was=current, reason="changed by its owner")
    return row


async def move_intent(conn: Connection, round_intent_id: str, to: IntentStatus, *, reason: str) -> None:
    """A transition that the system makes; nothing happens where the table does not know it (its owner was faster)."""
    row = await intent(conn, round_intent_id, lock=True)
    was = IntentStatus(row["status"])
    if (was, to) in domain.SYSTEM_TRANSITIONS:
        row = await store.update_intent(conn, round_intent_id, {"status": to})
        await _say_intent(conn, row, was=was, reason=reason)


async def _say_intent(conn: Connection, row: Row, *, was: IntentStatus, reason: str) -> None:
    await enqueue(
        conn,
        IntentChanged(
            round_intent_id=row["round_intent_id"],
            model_owner_id=row["model_owner_id"],
            status=row["status"],
            previous_status=was,
            reason=reason,
        ),
    )


async def expire_intents(conn: Connection, *, now: int) -> int:
    """Ends open intents whose deadline has passed. Returns how many."""
    rows = await store.expire_intents(conn, now)
    for row in rows:
        await enqueue(
            conn,
            IntentChanged(
                round_intent_id=row["round_intent_id"],
                model_owner_id=row["model_owner_id"],
                status=IntentStatus.EXPIRED,
                previous_status=IntentStatus.OPEN,
                reason="the deadline passed",
            ),
        )
    return len(rows)


def policy_of(row: Row, max_offers: int, overrides: Mapping[str, Any] | None = None) -> SelectPolicy:
    """What an intent asks of offers, with `overrides` in place of its own fields."""
    own = {
        "task_type": row["task_type"],
        "required_modalities": row["required_modalities"],
        "min_quality_score": row["min_quality_score"],
        "budget_total": row["budget_total"],
        "rounds": row["rounds"],
        **row["policy"],
    }
    return SelectPolicy.model_validate({**own, **(overrides or {}), "max_offers": max_offers})


def consistent(policy: SelectPolicy) -> SelectPolicy:
    """The policy, unless no set could ever satisfy it.

    Raises `invalid_max_offers` where it asks for more offers than it takes, `invalid_pricing` where there is no budget to auction off.
    """
    if policy.pricing == "truthful" and not policy.budget_total:
        raise Refusal(ErrorCode.INVALID_PRICING, budget_total=0)
    if policy.min_providers > policy.max_offers:
        raise Refusal(ErrorCode.INVALID_MAX_OFFERS, max_offers=policy.max_offers, min_providers=policy.min_providers)
    return policy
