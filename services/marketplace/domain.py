"""The rules of the market: which status may follow which. Pure: values in, values out. Timelines have a room of their own."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


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


def status_at(status: str, deadline_ts: int, now: int) -> IntentStatus:
    """The status as it is at `now`: an open intent has expired with its deadline, whether or not the row says so yet."""
    stored = IntentStatus(status)
    return IntentStatus.EXPIRED if stored is IntentStatus.OPEN and deadline_ts < now else stored


def allowed_next(current: IntentStatus) -> list[IntentStatus]:
    """The statuses that a client may ask for, in alphabetical order."""
    return sorted(to for (was, to) in CLIENT_TRANSITIONS if was == current)
