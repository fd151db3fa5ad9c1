"""The rules of a contract's timeline: which event may follow which, and how each entry is sealed by the one before.

Pure: values in, values out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from shared.kit import chain

Known = Sequence[tuple["Step", Mapping[str, Any]]]
"""The entries so far: each event with its data."""


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
    PROVIDER_REPLACED = "provider_replaced"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_RESOLVED = "dispute_resolved"


ENDED: Final = frozenset({Step.TRAINING_COMPLETED, Step.TRAINING_FAILED})

ONCE_PER: Final[Mapping[Step, tuple[str, ...]]] = {
    Step.CREATED: (),
    Step.ESCROW_LOCKED: (),
    Step.ESCROW_REJECTED: (),
    Step.BOUND_TO_ROUND: ("run_id",),
    Step.ROUND_STARTED: ("run_id",),
    Step.ROUND_COMPLETED: ("run_id", "round"),
    Step.TRAINING_COMPLETED: ("run_id",),
    Step.TRAINING_FAILED: ("run_id",),
    Step.ESCROW_RELEASED: (),
    Step.ESCROW_REFUNDED: (),
    Step.PROVIDER_REPLACED: ("version",),
    Step.DISPUTE_OPENED: ("dispute_id",),
    Step.DISPUTE_RESOLVED: ("dispute_id",),
}
"""What tells two entries of one event apart. A fact that is said again (under another id) adds no second entry."""

AFTER: Final[Mapping[Step, frozenset[Step]]] = {
    Step.CREATED: frozenset(),
    Step.ESCROW_LOCKED: frozenset({Step.CREATED}),
    Step.ESCROW_REJECTED: frozenset({Step.CREATED}),
    Step.BOUND_TO_ROUND: frozenset({Step.ESCROW_LOCKED}),
    Step.ROUND_STARTED: frozenset({Step.BOUND_TO_ROUND}),
    Step.ROUND_COMPLETED: frozenset({Step.ROUND_STARTED}),
    Step.TRAINING_COMPLETED: frozenset({Step.ROUND_STARTED}),
    Step.TRAINING_FAILED: frozenset({Step.BOUND_TO_ROUND}),
    Step.ESCROW_RELEASED: frozenset({Step.ESCROW_LOCKED}),
    Step.ESCROW_REFUNDED: frozenset({Step.ESCROW_LOCKED}),
    Step.PROVIDER_REPLACED: frozenset({Step.ESCROW_LOCKED}),
    Step.DISPUTE_OPENED: frozenset({Step.CREATED}),
    Step.DISPUTE_RESOLVED: frozenset({Step.DISPUTE_OPENED}),
}
"""Which events must be there before. Those of training and disputes are meant of the same run and the same dispute."""

_SAME: Final = {
    Step.ROUND_STARTED: "run_id",
    Step.ROUND_COMPLETED: "run_id",
    Step.TRAINING_COMPLETED: "run_id",
    Step.TRAINING_FAILED: "run_id",
    Step.DISPUTE_RESOLVED: "dispute_id",
}


def is_repeated(step: Step, so_far: Known, data: Mapping[str, Any]) -> bool:
    """Whether the timeline already says so."""
    keys = ONCE_PER[step]
    return any(known is step and all(d.get(key) == data.get(key) for key in keys) for known, d in so_far)


def comes_too_early(step: Step, so_far: Known, data: Mapping[str, Any]) -> str | None:
    """What `step` still waits for, or None. Facts of different owners have no common order; a timeline has.

    A run may fail and a later one be bound to the same contract, so events of training are judged by their run.
    """
    same = _SAME.get(step)
    related = {known for known, d in so_far if same is None or d.get(same) == data.get(same)}
    if missing := AFTER[step] - related:
        return ", ".join(sorted(missing))
    match step:
        case Step.BOUND_TO_ROUND if _open_runs(so_far):
            return "the end of the run before"
        case Step.ROUND_COMPLETED:
            before = set(range(1, int(data["round"]))) - _rounds(so_far, data["run_id"])
            return f"round {min(before)}" if before else None
        case Step.TRAINING_COMPLETED | Step.TRAINING_FAILED:
            return "every completed round" if len(_rounds(so_far, data["run_id"])) < int(data["rounds_completed"]) else None
        case Step.ESCROW_RELEASED if not data["early"] and (_open_runs(so_far) or not ENDED & related):
            return "the end of training"
        case _:
            return None


def _open_runs(so_far: Known) -> set[Any]:
    bound = {d.get("run_id") for known, d in so_far if known is Step.BOUND_TO_ROUND}
    return bound - {d.get("run_id") for known, d in so_far if known in ENDED}


def _rounds(so_far: Known, run_id: Any) -> set[int]:
    """The rounds of a run that are there; round 0 is the untrained model and no round of the contract."""
    return {
        int(d["round"]) for known, d in so_far if known is Step.ROUND_COMPLETED and d.get("run_id") == run_id and d["round"] > 0
    }


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


EXACT: Final = 2**53
FIELDS: Final = ("seq", "ts", "at", "event", "actor", "data", "prev_hash")
"""What an entry's hash covers."""


def tidy(value: Any) -> Any:
    """The same data, so that it comes back from jsonb and from a browser as it went in.

    Numbers keep six decimals at most; one that a double cannot count exactly becomes text, and one that is not finite null.
    """
    if isinstance(value, Mapping):
        return {str(k): tidy(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [tidy(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int | float) and abs(value) >= EXACT:
        return str(value)
    if isinstance(value, float):
        rounded = round(value, 6)
        return int(rounded) if rounded.is_integer() else rounded
    return value


def seal(*, seq: int, now: datetime, event: Step, actor: str, data: Mapping[str, Any], prev_hash: str) -> Entry:
    """The entry, sealed: `hash` is the SHA-256, in hex, of `chain.canonical` of an object with all the other fields.

    Those are `seq`, `ts`, `at`, `event`, `actor`, `data` and `prev_hash`; the first entry's `prev_hash` is 64 zeros. In a browser:

        const sort = v => Array.isArray(v) ? v.map(sort) : v && typeof v === "object"
            ? Object.fromEntries(Object.keys(v).sort().map(k => [k, sort(v[k])])) : v
        const {hash, ...rest} = entry
        hash === hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(sort(rest)))))
    """
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
    return Entry(**body, hash=chain.digest(body))


def first_broken(events: Sequence[Mapping[str, Any]]) -> int | None:
    """The `seq` of the first entry that was changed, moved or removed; None for a sound timeline."""
    return chain.first_broken(events, FIELDS)
