"""The state machines of the escrow as a page, drawn from the tables that the code obeys: `python -m services.escrow.states`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from services.escrow.domain import (
    DISPUTE_TRANSITIONS,
    TRANSITIONS,
    WITHDRAWAL_TRANSITIONS,
    DisputeStatus,
    HoldState,
    WithdrawalStatus,
)


def _drawn(starts: Iterable[StrEnum], transitions: Iterable[tuple[StrEnum, StrEnum]]) -> str:
    moves = sorted(transitions)
    ends = sorted({to for _, to in moves} - {was for was, _ in moves} | (set(starts) - {was for was, _ in moves}))
    lines = [f"    [*] --> {start}" for start in starts] + [f"    {was} --> {to}" for was, to in moves]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, *(f"    {end} --> [*]" for end in ends), "```"])


def page() -> str:
    parts = [
        "# States of money",
        "Drawn from the tables in `services/escrow/domain.py` by `python -m services.escrow.states`; a test keeps them equal.",
        "## A contract's hold",
        _drawn([HoldState.HELD, HoldState.REFUSED], TRANSITIONS),
        "## A dispute",
        _drawn([DisputeStatus.OPEN], DISPUTE_TRANSITIONS),
        "## A withdrawal",
        _drawn([WithdrawalStatus.REQUESTED], WITHDRAWAL_TRANSITIONS),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(page(), end="")
