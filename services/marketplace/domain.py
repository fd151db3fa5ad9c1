"""The rules of the market: which status may follow which, which event may follow which, and how a timeline is sealed.

Pure: values in, values out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final


class OfferStatus(StrEnum):
    ACTIVE = "active"  # can be matched
    PAUSED = "paused"  # cannot be matched for now
    WITHDRAWN = "withdrawn"  # off the market


class IntentStatus(StrEnum):
    OPEN = "open"  # may be matched
    MATCHED = "matched"  # bound into a contract
    CLOSED = "closed"  # its owner is done with it
    CANCELLED = "cancelled"  # its owner gave it up before a match
    EXPIRED = "expired"  # its deadline passed before a match


CLIENT_TRANSITIONS: Final = frozenset(
    {
        (IntentStatus.OPEN, IntentStatus.CANCELLED),
        (IntentStatus.MATCHED, IntentStatus.CLOSED),
    }
)
SYSTEM_TRANSITIONS: Final = frozenset(
    {
        (IntentStatus.OPEN, IntentStatus.MATCHED),
        (IntentStatus.OPEN, IntentStatus.EXPIRED),
        (IntentStatus.MATCHED, IntentStatus.OPEN),  # the escrow could not be locked
    }
)


def allowed_next(current: IntentStatus) -> list[IntentStatus]:
    """The statuses that a client may ask for, in alphabetical order."""
    return sorted(to for (was, to) in CLIENT_TRANSITIONS if was == current)


class Step(StrEnum):
    """The events of a contract's timeline, in the order of its life."""

    CREATED = "created"
    ESCROW_LOCKED = "escrow_locked"
    ESCROW_REJECTED = "escrow_rejected"
    BOUND_TO_ROUND = "bound_to_round"
    ROUND_STARTED = "round_started"
    ROUND_COMPLETED = "round_completed"
    TRAINING_COMPLETED = "training_completed"
    TRAINING_FAILED = "training_failed"
    ESCROW_RELEASED = "escrow_released"
    ESCROW_REFUNDED = "escrow_refunded"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_RESOLVED = "dispute_resolved"


TRAINING_ENDED: Final = frozenset({Step.TRAINING_COMPLETED, Step.TRAINING_FAILED})


def comes_too_early(step: Step, so_far: Sequence[tuple[Step, Mapping[str, Any]]], data: Mapping[str, Any]) -> str | None:
    """Why `step` cannot follow `so_far` yet, or None. Facts of different owners have no common order; a timeline has.

    `so_far` holds the steps with their data. A run may fail and a later one be bound, so training steps are judged by their run.
    """
    steps = [known for known, _ in so_far]
    run = data.get("run_id")
    of_run = [(known, known_data) for known, known_data in so_far if run is not None and known_data.get("run_id") == run]
    run_steps: Collection[Step] = {known for known, _ in of_run}
    match step:
        case Step.ESCROW_LOCKED | Step.ESCROW_REJECTED:
            missing = None if Step.CREATED in steps else "created"
        case Step.BOUND_TO_ROUND:
            missing = None if Step.ESCROW_LOCKED in steps else "escrow_locked"
            open_runs = {d.get("run_id") for s, d in so_far if s is Step.BOUND_TO_ROUND} - {
                d.get("run_id") for s, d in so_far if s in TRAINING_ENDED
            }
            missing = missing or ("the end of the run before" if open_runs else None)
        case Step.ROUND_STARTED:
            missing = None if Step.BOUND_TO_ROUND in run_steps else "bound_to_round"
        case Step.ROUND_COMPLETED:
            earlier = {d.get("round") for s, d in of_run if s is Step.ROUND_COMPLETED}
            wanted = set(range(1, int(data["round"])))
            started = Step.ROUND_STARTED in run_steps
            missing = None if started and wanted <= earlier else "round_started, or a round before"
        case Step.TRAINING_COMPLETED | Step.TRAINING_FAILED:
            done = sum(1 for s, _ in of_run if s is Step.ROUND_COMPLETED)
            there = Step.BOUND_TO_ROUND in run_steps and done >= int(data["rounds_completed"])
            missing = None if there else "every completed round"
        case Step.ESCROW_RELEASED:
            missing = None if Step.ESCROW_LOCKED in steps else "escrow_locked"
            if missing is None and not data["early"] and not TRAINING_ENDED & set(steps):
                missing = "the end of training"
        case Step.ESCROW_REFUNDED:
            missing = None if Step.ESCROW_LOCKED in steps else "escrow_locked"
        case Step.DISPUTE_RESOLVED:
            opened = {d.get("dispute_id") for s, d in so_far if s is Step.DISPUTE_OPENED}
            missing = None if data.get("dispute_id") in opened else "dispute_opened"
        case _:
            missing = None
    return missing


@dataclass(frozen=True)
class Entry:
    """One sealed entry of a timeline."""

    seq: int
    ts: int
    at: str
    event: str
    actor: str
    data: Mapping[str, Any]
    prev_hash: str
    hash: str


GENESIS: Final = "0" * 64


def canonical(value: Any) -> str:
    """JSON that every language writes the same (RFC 8785 for what occurs here): sorted keys, no spaces, UTF-8, numbers as
    ECMAScript prints them. Numbers have at most six decimals (`tidy`), so none needs an exponent.
    """
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{canonical(str(k))}:{canonical(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return json.dumps(value, ensure_ascii=False)


def tidy(value: Any) -> Any:
    """The same data with numbers of at most six decimals, so that it comes back from jsonb and from a browser as it went in."""
    if isinstance(value, Mapping):
        return {str(k): tidy(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [tidy(v) for v in value]
    if isinstance(value, float):
        rounded = round(value, 6)
        return int(rounded) if rounded.is_integer() else rounded
    return value


def seal(*, seq: int, now: datetime, event: Step, actor: str, data: Mapping[str, Any], prev_hash: str) -> Entry:
    """The entry whose hash covers all of it and the hash before: SHA-256 over `canonical` of every field but `hash`."""
    at = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = {
        "seq": seq,
        "ts": int(now.timestamp()),
        "at": at,
        "event": str(event),
        "actor": actor,
        "data": tidy(data),
        "prev_hash": prev_hash,
    }
    return Entry(**body, hash=_digest(body))


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(body).encode()).hexdigest()


def first_broken(events: Sequence[Mapping[str, Any]]) -> int | None:
    """The `seq` of the first entry that was changed, moved or removed; None for a sound timeline."""
    prev = GENESIS
    for number, event in enumerate(events, start=1):
        body = {key: event[key] for key in ("seq", "ts", "at", "event", "actor", "data", "prev_hash")}
        if event["seq"] != number or event["prev_hash"] != prev or _digest(body) != event["hash"]:
            return number
        prev = event["hash"]
    return None
