"""Rows as clients see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.marketplace.diagnostics import Diagnostics
from services.marketplace.domain import allowed_next, status_at
from services.marketplace.schemas import (
    ContractOut,
    Difference,
    IntentOut,
    OfferOut,
    PreviewPart,
    SelectedOut,
    SweepOut,
    SweepPointOut,
    TimelineEvent,
    TimelineOut,
    Warning_,
)
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode
from shared.contracts.events import TrainingTerms
from shared.contracts.explain import SweepAnswer
from shared.contracts.http import SelectAnswer
from shared.contracts.values import micro_to_credits
from shared.kit.chain import GENESIS

Row = Mapping[str, Any]

_TRAINING = TrainingTerms().model_dump()
"""How intents and contracts from before the choice are trained."""


def _times(row: Row) -> dict[str, int]:
    return {"created_at": int(row["created_at"].timestamp()), "updated_at": int(row["updated_at"].timestamp())}


def offer(row: Row, *, now: int) -> OfferOut:
    warnings = []
    if row["expires_at"] and row["expires_at"] <= now:
        message = "expires_at is in the past: the offer is stored, and never matches."
        warnings.append(Warning_(code="offer_expired", message=message))
    if row["fault"]:
        warnings.append(Warning_(code=row["fault"], message=CATALOGUE[ErrorCode(row["fault"])].message))
    return OfferOut.model_validate({**row, **_times(row), "warnings": warnings})


def intent(row: Row, *, now: int) -> IntentOut:
    status = status_at(row["status"], row["deadline_ts"], now)
    following = [str(to) for to in allowed_next(status)]
    return IntentOut.model_validate(
        {**row, **_TRAINING, **row["policy"], **row["training"], **_times(row), "status": status, "allowed_transitions": following}
    )


def _event(row: Row) -> TimelineEvent:
    return TimelineEvent.model_validate({key: row[key] for key in TimelineEvent.model_fields})


def timeline(contract_id: str, rows: Sequence[Row]) -> TimelineOut:
    head = rows[-1]["hash"] if rows else GENESIS
    return TimelineOut(contract_id=contract_id, events=[_event(row) for row in rows], head_hash=head)


def contract(row: Row, entries: Sequence[Row]) -> ContractOut:
    return ContractOut.model_validate(
        {
            **row,
            **_TRAINING,
            **row["training"],
            **_times(row),
            "offer_count": sum(not chosen.get("retired") for chosen in row["selected_offers"]),
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


def difference(baseline: SelectAnswer, baseline_rounds: int, preview: SelectAnswer, preview_rounds: int) -> Difference:
    """What `preview` has more than `baseline`; rounds are those of each policy."""
    before, after = ({chosen.offer_id: chosen for chosen in answer.selected_offers} for answer in (baseline, preview))
    return Difference(
        offers_gained=[offer_id for offer_id in after if offer_id not in before],
        offers_lost=[offer_id for offer_id in before if offer_id not in after],
        agreed_price_per_round_total=preview.agreed_price_per_round_total - baseline.agreed_price_per_round_total,
        total_price=preview.agreed_price_per_round_total * preview_rounds - baseline.agreed_price_per_round_total * baseline_rounds,
        total_score=round(sum(c.score for c in after.values()) - sum(c.score for c in before.values()), 9),
        compatible_offers=preview.selection_diagnostics["compatible_offers"] - baseline.selection_diagnostics["compatible_offers"],
    )


def sweep(field: str, answer: SweepAnswer, rounds: int) -> SweepOut:
    return SweepOut(
        field=field,
        points=[
            SweepPointOut(
                value=micro_to_credits(int(point.value)) if field == "budget_total" else point.value,
                has_match=point.has_match,
                offers=point.offers,
                total_price=point.agreed_price_per_round_total * rounds if point.has_match else None,
                total_score=point.total_score if point.has_match else None,
                compatible_offers=point.compatible_offers,
                optimal=point.optimal,
            )
            for point in answer.points
        ],
    )
