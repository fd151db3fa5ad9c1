"""Facts about contracts, one timeline entry each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.marketplace import contracts, refused, service
from services.marketplace.timeline import Step
from shared.contracts.errors import ErrorCode
from shared.contracts.events import (
    BoundToRound,
    DisputeOpened,
    DisputeResolved,
    FundsHeld,
    FundsRefunded,
    FundsReleased,
    HoldRefused,
    Payout,
    ProviderRound,
    RoundCompleted,
    RunFinished,
    RunStarted,
)
from shared.contracts.values import micro_to_credits
from shared.kit.db import Connection
from shared.kit.messaging import follow


async def on_funds_held(conn: Connection, event: FundsHeld) -> None:
    data = {"hold_id": event.hold_id, "amount": micro_to_credits(event.amount)}
    changes = {"escrow_status": "locked"}
    await contracts.follow(conn, event.contract_id, Step.ESCROW_LOCKED, actor="escrow", data=data, changes=changes)


async def on_hold_refused(conn: Connection, event: HoldRefused) -> None:
    data = {"code": event.code, "needed": micro_to_credits(event.needed), "available": micro_to_credits(event.available)}
    await contracts.reject(conn, event.contract_id, data=data)


def _shown(payout: Payout) -> dict[str, Any]:
    """A payout as the timeline has it: amounts in credits, and without what there is not."""
    amounts = {name: getattr(payout, name) for name in ("amount", "base", "bonus")}
    shown = {name: micro_to_credits(amount) for name, amount in amounts.items() if amount is not None}
    return {**payout.model_dump(mode="json", exclude=set(amounts)), **shown}


async def on_funds_released(conn: Connection, event: FundsReleased) -> None:
    data = {
        "payouts": [_shown(payout) for payout in event.payouts],
        "returned": micro_to_credits(event.returned),
        "fee": micro_to_credits(event.fee),
        "early": event.early,
        "settled_by": event.settled_by,
    } | ({"fallback": event.fallback} if event.fallback else {})
    changes = {
        "escrow_status": "released",
        "payout_status": "released",
        "payouts": [payout.model_dump(mode="json") for payout in event.payouts],
        "settled_by": event.settled_by,
        "returned": event.returned,
        "paid_out": sum(payout.amount for payout in event.payouts),
    }
    await contracts.follow(conn, event.contract_id, Step.ESCROW_RELEASED, actor=event.actor, data=data, changes=changes)


async def on_funds_refunded(conn: Connection, event: FundsRefunded) -> None:
    data = {"amount": micro_to_credits(event.amount), "reason": event.reason}
    changes = {"escrow_status": "refunded", "payout_status": "refunded", "returned": event.amount}
    await contracts.follow(conn, event.contract_id, Step.ESCROW_REFUNDED, actor=event.actor, data=data, changes=changes)


async def on_dispute_opened(conn: Connection, event: DisputeOpened) -> None:
    data = {"dispute_id": event.dispute_id, "reason": event.reason}
    await contracts.follow(conn, event.contract_id, Step.DISPUTE_OPENED, actor=event.reporter, data=data)


async def on_dispute_resolved(conn: Connection, event: DisputeResolved) -> None:
    data = {"dispute_id": event.dispute_id, "status": event.status, "resolution_note": event.resolution_note}
    await contracts.follow(conn, event.contract_id, Step.DISPUTE_RESOLVED, actor=event.actor, data=data)


async def on_bound_to_round(conn: Connection, event: BoundToRound) -> None:
    data = {"run_id": event.run_id, "round_id": event.round_id, "rounds": event.rounds}
    if event.resumed_from is not None:
        data["resumed_from"] = event.resumed_from
    changes = {"execution_run_id": event.run_id}
    actor = event.actor or "training_coordinator"
    await contracts.follow(conn, event.contract_id, Step.BOUND_TO_ROUND, actor=actor, data=data, changes=changes)


async def on_run_started(conn: Connection, event: RunStarted) -> None:
    data = {"run_id": event.run_id, "flower_run_id": event.flower_run_id, "nodes": list(event.nodes), "sandbox": event.sandbox}
    data["grants"] = [grant.model_dump(mode="json") for grant in event.grants]
    changes = {"sandbox": event.sandbox}
    await contracts.follow(conn, event.contract_id, Step.ROUND_STARTED, actor="flower", data=data, changes=changes)


async def on_round_completed(conn: Connection, event: RoundCompleted) -> None:
    data = event.model_dump(mode="json", include={"run_id", "round", "accuracy", "loss", "seconds", "providers"})
    contract = await contracts.follow(conn, event.contract_id, Step.ROUND_COMPLETED, actor="flower", data=data)
    await _note_refusals(conn, contract, event.providers)


async def on_run_finished(conn: Connection, event: RunFinished) -> None:
    step = Step.TRAINING_COMPLETED if event.succeeded else Step.TRAINING_FAILED
    data = event.model_dump(mode="json", exclude={"contract_id", "succeeded"})
    changes = {
        "deliveries": data["deliveries"],
        "final_metrics": event.model_dump(mode="json", include={"accuracy", "loss", "rounds_completed", "model_sha256"}),
    }
    contract = await contracts.follow(conn, event.contract_id, step, actor="training_coordinator", data=data, changes=changes)
    await _note_refusals(conn, contract, event.last_outcomes)


async def _note_refusals(conn: Connection, contract: Mapping[str, Any] | None, providers: Sequence[ProviderRound]) -> None:
    """What nodes refused is told by the next match (once: a repeated fact has no `contract`). An offer whose data is no longer what
    it names sells nothing more until its seller has seen to it.
    """
    if contract is not None:
        await refused.note(conn, contract["contract_id"], [s["offer_id"] for s in contract["selected_offers"]], providers)
    changed = [p.offer_id for p in providers if p.error_code == ErrorCode.DATASET_FINGERPRINT_MISMATCH]
    if changed:
        await service.mark_faulty(conn, changed, ErrorCode.DATASET_FINGERPRINT_MISMATCH)


SUBSCRIPTIONS = [
    follow(
        {
            FundsHeld: on_funds_held,
            HoldRefused: on_hold_refused,
            FundsReleased: on_funds_released,
            FundsRefunded: on_funds_refunded,
            DisputeOpened: on_dispute_opened,
            DisputeResolved: on_dispute_resolved,
        },
        as_="marketplace-escrow",
    ),
    follow(
        {
            BoundToRound: on_bound_to_round,
            RunStarted: on_run_started,
            RoundCompleted: on_round_completed,
            RunFinished: on_run_finished,
        },
        as_="marketplace-training",
    ),
]
