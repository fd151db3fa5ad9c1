"""Rows as clients see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.marketplace.diagnostics import Diagnostics
from services.marketplace.domain import allowed_next, status_at
from services.marketplace.schemas import (
    ContractOut,
    IntentOut,
    OfferOut,
    PreviewPart,
    SelectedOut,
    TimelineEvent,
    TimelineOut,
    Warning_,
)
from shared.contracts.http import SelectAnswer
from shared.kit.chain import GENESIS

Row = Mapping[str, Any]


def _times(row: Row) -> dict[str, int]:
    return {"created_at": int(row["created_at"].timestamp()), "updated_at": int(row["updated_at"].timestamp())}


def offer(row: Row, *, now: int) -> OfferOut:
    warnings = []
    if row["expires_at"] and row["expires_at"] <= now:
        message = "expires_at is in the past: the offer is stored, and never matches."
        warnings.append(Warning_(code="offer_expired", message=message))
    return OfferOut.model_validate({**row, **_times(row), "warnings": warnings})


def intent(row: Row, *, now: int) -> IntentOut:
    status = status_at(row["status"], row["deadline_ts"], now)
    following = [str(to) for to in allowed_next(status)]
    return IntentOut.model_validate({**row, **row["policy"], **_times(row), "status": status, "allowed_transitions": following})


def _event(row: Row) -> TimelineEvent:
    return TimelineEvent.model_validate({key: row[key] for key in TimelineEvent.model_fields})


def timeline(contract_id: str, rows: Sequence[Row]) -> TimelineOut:
    head = rows[-1]["hash"] if rows else GENESIS
    return TimelineOut(contract_id=contract_id, events=[_event(row) for row in rows], head_hash=head)


def contract(row: Row, entries: Sequence[Row]) -> ContractOut:
    return ContractOut.model_validate(
        {
            **row,
            **_times(row),
            "offer_count": len(row["selected_offers"]),
            "timeline": [_event(entry) for entry in entries],
        }
    )


def preview(answer: SelectAnswer) -> PreviewPart:
    return PreviewPart(
        has_match=answer.has_match,
        selected_offers=[SelectedOut.model_validate(chosen.model_dump()) for chosen in answer.selected_offers],
        agreed_price_per_round_total=answer.agreed_price_per_round_total,
        selection_diagnostics=Diagnostics.model_validate(answer.selection_diagnostics),
    )
