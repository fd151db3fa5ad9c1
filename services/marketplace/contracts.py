"""How a contract comes about, and how every later fact about it becomes an entry of its timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.marketplace import domain, service, store, timeline
from services.marketplace.domain import IntentStatus
from services.marketplace.timeline import Step
from services.marketplace.waiting import WAITERS
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import ContractCancelled, ContractCreated, ContractSeller, ContractTerms, IntentChanged, TrainingTerms
from shared.contracts.http import SelectAnswer
from shared.contracts.values import micro_to_credits, new_id
from shared.kit.auth import Principal
from shared.kit.chain import GENESIS, digest
from shared.kit.commit import after_commit
from shared.kit.db import Connection
from shared.kit.messaging import NotYet, Unprocessable, enqueue
from shared.kit.ownership import own_only

Row = Mapping[str, Any]


class BookMoved(Exception):
    """A chosen offer changed between the question and the contract: ask again."""


def check_matchable(row: Row, *, now: int) -> None:
    """Raises `round_intent_not_open` or `round_intent_expired` where the intent cannot be matched at `now`."""
    status = domain.status_at(row["status"], row["deadline_ts"], now)
    if status is IntentStatus.EXPIRED:
        raise Refusal(ErrorCode.ROUND_INTENT_EXPIRED, round_intent_id=row["round_intent_id"], deadline_ts=row["deadline_ts"])
    if status is not IntentStatus.OPEN:
        raise Refusal(ErrorCode.ROUND_INTENT_NOT_OPEN, round_intent_id=row["round_intent_id"], current_status=str(status))


async def open_contract(
    conn: Connection, round_intent_id: str, answer: SelectAnswer, *, actor: str, now: int, asked_at: str
) -> Row:
    """Binds an open intent to the chosen offers, and keeps what decided. `asked_at` is the snapshot in which matching was asked.

    Raises:
        Refusal: the intent is gone, taken or expired by now, or nothing was chosen (`no_compatible_offers_found`).
        BookMoved: a chosen offer is no longer what was ranked.
    """
    if not answer.has_match:
        raise Refusal(ErrorCode.NO_COMPATIBLE_OFFERS_FOUND, **answer.selection_diagnostics)
    intent = await service.intent(conn, round_intent_id, lock=True)
    check_matchable(intent, now=now)
    current = await still_chosen(conn, answer)
    training = TrainingTerms(
        **intent["training"],
        label_schema=_label_schema(intent, [row["label_schema"] for row in current.values()]),
        min_providers=max(1, intent["policy"].get("min_providers", 1)),
    )
    contract_id = new_id("contract")
    escrow_total = answer.agreed_price_per_round_total * intent["rounds"]
    selected = agreed(answer, current)
    row = await store.insert_contract(
        conn,
        {
            "contract_id": contract_id,
            "round_intent_id": round_intent_id,
            "round_id": intent["round_id"],
            "model_owner_id": intent["model_owner_id"],
            "task_type": intent["task_type"],
            "rounds": intent["rounds"],
            "selected_offers": selected,
            "seller_node_ids": sorted({chosen.seller_node_id for chosen in answer.selected_offers}),
            "agreed_price_per_round_total": answer.agreed_price_per_round_total,
            "escrow_total": escrow_total,
            "settlement": intent["settlement"],
            "dispute_window_s": intent["dispute_window_s"],
            "settlement_rule": intent["settlement_rule"],
            "selection_diagnostics": answer.selection_diagnostics,
            "training": training.model_dump(mode="json"),
        },
    )
    if answer.decision is not None:
        await store.insert_decision(conn, contract_id, answer.decision, digest(answer.decision), asked_at)
    was = IntentStatus(intent["status"])
    await store.update_intent(conn, round_intent_id, {"status": IntentStatus.MATCHED})
    await enqueue(
        conn,
        IntentChanged(
            round_intent_id=round_intent_id,
            model_owner_id=intent["model_owner_id"],
            status=IntentStatus.MATCHED,
            previous_status=was,
            reason=f"matched in {contract_id}",
        ),
    )
    data = {
        "round_intent_id": round_intent_id,
        "offers": [
            {"offer_id": s["offer_id"], "version": s["offer_version"], "seller_node_id": s["seller_node_id"]} for s in selected
        ],
        "escrow_total": micro_to_credits(escrow_total),
        "settlement": intent["settlement"],
        "settlement_rule": intent["settlement_rule"],
    }
    await _append(conn, contract_id, [], Step.CREATED, actor, data)
    await enqueue(conn, ContractCreated(contract_id=contract_id, terms=terms_of(row)))
    return row


async def still_chosen(conn: Connection, answer: SelectAnswer) -> dict[str, Row]:
    """The chosen offers as they are, by id, locked against change. Raises `BookMoved` where one is no longer what was ranked."""
    current = {
        row["offer_id"]: row for row in await store.share_offers(conn, [chosen.offer_id for chosen in answer.selected_offers])
    }
    for chosen in answer.selected_offers:
        offer = current.get(chosen.offer_id)
        if offer is None or offer["version"] != chosen.offer_version or offer["status"] != "active":
            raise BookMoved(chosen.offer_id)
    return current


def agreed(answer: SelectAnswer, current: Mapping[str, Row]) -> list[dict[str, Any]]:
    """The chosen offers as a contract keeps them."""
    return [
        {**chosen.model_dump(mode="json"), "min_payout_share": current[chosen.offer_id]["min_payout_share"]}
        for chosen in answer.selected_offers
    ]


def terms_of(row: Row) -> ContractTerms:
    """What a contract says, as others are told it."""
    return ContractTerms(
        contract_id=row["contract_id"],
        round_intent_id=row["round_intent_id"],
        round_id=row["round_id"],
        model_owner_id=row["model_owner_id"],
        task_type=row["task_type"],
        rounds=row["rounds"],
        sellers=tuple(ContractSeller.model_validate(s) for s in row["selected_offers"]),
        agreed_price_per_round_total=row["agreed_price_per_round_total"],
        escrow_total=row["escrow_total"],
        created_at=row["created_at"],
        training=TrainingTerms.model_validate(row["training"]),
        settlement=row["settlement"],
        dispute_window_s=row["dispute_window_s"],
        settlement_rule=row["settlement_rule"],
        version=row["terms_version"],
    )


async def contract(conn: Connection, contract_id: str, who: Principal) -> tuple[Row, Sequence[Row]]:
    """The contract with its timeline. Raises `contract_not_found`, also where `who` is none of its parties."""
    row = await store.get_contract(conn, contract_id)
    if row is None:
        raise Refusal(ErrorCode.CONTRACT_NOT_FOUND, contract_id=contract_id)
    own_only(who, ErrorCode.CONTRACT_NOT_FOUND, row["model_owner_id"], *row["seller_node_ids"], contract_id=contract_id)
    return row, await store.get_timeline(conn, contract_id)


def _label_schema(intent: Row, offered: Sequence[str]) -> str:
    """The one that the intent asks for, else the one that all chosen offers have; empty where they differ."""
    asked: str = intent["policy"].get("label_schema", "")
    return asked or (offered[0] if len(set(offered)) == 1 else "")


async def decision(conn: Connection, contract_id: str, who: Principal) -> Row:
    """What decided the contract's match. Raises `contract_not_found`, also where `who` is not its buyer, `decision_not_found`."""
    row = await store.get_contract(conn, contract_id)
    if row is None:
        raise Refusal(ErrorCode.CONTRACT_NOT_FOUND, contract_id=contract_id)
    own_only(who, ErrorCode.CONTRACT_NOT_FOUND, row["model_owner_id"], contract_id=contract_id)
    found = await store.get_decision(conn, contract_id)
    if found is None:
        raise Refusal(ErrorCode.DECISION_NOT_FOUND, contract_id=contract_id)
    return found


async def follow(
    conn: Connection, contract_id: str, step: Step, *, actor: str, data: Mapping[str, Any], changes: Mapping[str, Any] | None = None
) -> Row | None:
    """Turns a fact into the next entry of the contract's timeline and applies `changes` to the contract.

    Returns the contract as it was before, or None where the timeline said so already.

    Raises:
        NotYet: an entry that must come before is missing.
        Unprocessable: there is no such contract.
    """
    row = await store.get_contract(conn, contract_id, lock=True)
    if row is None:
        raise Unprocessable(f"no contract {contract_id}")
    entries = await store.get_timeline(conn, contract_id)
    so_far = known_of(entries)
    if timeline.is_repeated(step, so_far, data):
        return None
    if missing := timeline.comes_too_early(step, so_far, data):
        raise NotYet(f"{step} of {contract_id} waits for {missing}")
    await _append(conn, contract_id, entries, step, actor, data)
    await store.update_contract(conn, contract_id, changes or {})
    return row


async def known(conn: Connection, contract_id: str) -> timeline.Known:
    """The events of the contract's timeline with their data."""
    return known_of(await store.get_timeline(conn, contract_id))


def known_of(entries: Sequence[Row]) -> list[tuple[Step, Mapping[str, Any]]]:
    """The entries as the rules of a timeline look at them."""
    return [(Step(entry["event"]), entry["data"]) for entry in entries]


async def reject(conn: Connection, contract_id: str, *, data: Mapping[str, Any]) -> None:
    """The escrow was refused: the contract comes to nothing and its intent is open again."""
    row = await follow(conn, contract_id, Step.ESCROW_REJECTED, actor="escrow", data=data, changes={"escrow_status": "rejected"})
    if row is None:
        return
    await enqueue(
        conn, ContractCancelled(contract_id=contract_id, round_intent_id=row["round_intent_id"], reason=str(data.get("code", "")))
    )
    await service.move_intent(conn, row["round_intent_id"], IntentStatus.OPEN, reason="the escrow could not be locked")


async def _append(
    conn: Connection, contract_id: str, entries: Sequence[Row], step: Step, actor: str, data: Mapping[str, Any]
) -> None:
    prev = entries[-1]["hash"] if entries else GENESIS
    entry = timeline.seal(seq=len(entries) + 1, now=datetime.now(UTC), event=step, actor=actor, data=data, prev_hash=prev)
    await store.insert_entry(conn, contract_id, entry)
    after_commit(lambda: WAITERS.wake(contract_id))
