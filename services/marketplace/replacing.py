"""Puts other providers in the place of those that dropped out of a contract, for the rounds that are left, within the money that is held.

What was agreed with the others stays. Whoever is replaced trains no more and is paid for what it has delivered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.marketplace import contracts, service, store
from services.marketplace.timeline import ENDED, Known, Step
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import ProviderReplaced
from shared.contracts.http import SelectAnswer, SelectPolicy
from shared.contracts.values import micro_to_credits
from shared.kit.db import Connection
from shared.kit.messaging import enqueue

Row = Mapping[str, Any]

LEAST: Final = 1
"""A budget of nothing would be no limit: what is left of a held amount is a limit even then."""


@dataclass(frozen=True)
class Gap:
    """What is to be filled: which of the contract's offers go, the rounds that are left and the micro-credits for them."""

    version: int
    gone: tuple[str, ...]
    rounds: int
    budget: int
    delivered: Mapping[str, int]
    """Rounds that each offer has delivered so far."""


def gap_of(contract: Row, so_far: Known, wanted: Collection[str]) -> Gap:
    """The gap that `wanted` offers leave, or, without them, those that failed in the round that ended the last run.

    Raises:
        Refusal: `contract_not_ready` where no money is held or a run is active; `nothing_to_replace`.
    """
    contract_id, serving = contract["contract_id"], [s for s in contract["selected_offers"] if not s.get("retired")]
    if contract["escrow_status"] != "locked":
        raise Refusal(ErrorCode.CONTRACT_NOT_READY, contract_id=contract_id, state=contract["escrow_status"])
    if sum(step is Step.BOUND_TO_ROUND for step, _ in so_far) > sum(step in ENDED for step, _ in so_far):
        raise Refusal(ErrorCode.CONTRACT_NOT_READY, contract_id=contract_id, state="bound")
    left = contract["rounds"] - sum(step is Step.ROUND_COMPLETED and data["round"] > 0 for step, data in so_far)
    gone = set(wanted) or _dropped(so_far)
    replaced = tuple(s["offer_id"] for s in serving if s["offer_id"] in gone)
    if left < 1 or not replaced or set(wanted) - set(replaced):
        raise Refusal(
            ErrorCode.NOTHING_TO_REPLACE, contract_id=contract_id, rounds_left=max(0, left), offers=[s["offer_id"] for s in serving]
        )
    delivered: dict[str, int] = {}
    for step, data in so_far:
        for delivery in data["deliveries"] if step in ENDED else ():
            delivered[delivery["offer_id"]] = delivered.get(delivery["offer_id"], 0) + delivery["rounds_delivered"]
    promised = sum(
        s["price_per_round"] * (delivered.get(s["offer_id"], 0) if s["offer_id"] in replaced else _owed(contract, s))
        for s in contract["selected_offers"]
    )
    return Gap(contract["terms_version"], replaced, left, max(LEAST, contract["escrow_total"] - promised), delivered)


def _owed(contract: Row, selected: Row) -> int:
    rounds: int | None = selected.get("rounds")
    return contract["rounds"] if rounds is None else rounds


def _dropped(so_far: Known) -> set[str]:
    """Offers that failed in the round that ended the newest run, where that run failed."""
    last = next(((step, data) for step, data in reversed(so_far) if step in ENDED), None)
    if last is None or last[0] is not Step.TRAINING_FAILED:
        return set()
    return {outcome["offer_id"] for outcome in last[1].get("last_outcomes", ()) if not outcome["ok"]}


def policy_for(gap: Gap, contract: Row, intent: Row) -> SelectPolicy:
    """The intent's own question for as many offers as are gone, of sellers that the contract has not had, at their asked prices."""
    own = service.policy_of(intent, len(gap.gone))
    excluded = tuple(sorted({*own.excluded_sellers, *contract["seller_node_ids"]}))
    return own.model_copy(
        update={
            "rounds": gap.rounds,
            "budget_total": gap.budget,
            "excluded_sellers": excluded,
            "min_providers": 1,
            "pricing": "posted",
        }
    )


async def replace(
    conn: Connection, contract_id: str, gap: Gap, answer: SelectAnswer, *, wanted: Collection[str], actor: str
) -> Row:
    """Agrees the contract anew and says so.

    Raises:
        Refusal: `no_compatible_offers_found`, or the codes of `gap_of` as things stand now.
        BookMoved: a chosen offer, or the contract, is no longer what was asked about.
    """
    if not answer.has_match:
        raise Refusal(ErrorCode.NO_COMPATIBLE_OFFERS_FOUND, **answer.selection_diagnostics)
    row = await store.get_contract(conn, contract_id, lock=True)
    assert row is not None
    if gap_of(row, await contracts.known(conn, contract_id), wanted) != gap:
        raise contracts.BookMoved(contract_id)
    current = await contracts.still_chosen(conn, answer)
    coming = [{**entry, "rounds": gap.rounds} for entry in contracts.agreed(answer, current)]
    staying: list[Row] = [
        {**s, "retired": True, "rounds": gap.delivered.get(s["offer_id"], 0)} if s["offer_id"] in gap.gone else s
        for s in row["selected_offers"]
    ]
    selected: Sequence[Row] = [*staying, *coming]
    changes = {
        "selected_offers": selected,
        "seller_node_ids": sorted({s["seller_node_id"] for s in selected}),
        "terms_version": gap.version + 1,
        "agreed_price_per_round_total": sum(s["price_per_round"] for s in selected if not s.get("retired")),
    }
    by = tuple(entry["offer_id"] for entry in coming)
    data = {
        "version": gap.version + 1,
        "replaced": [{"offer_id": offer_id, "rounds_delivered": gap.delivered.get(offer_id, 0)} for offer_id in gap.gone],
        "by": [
            {
                "offer_id": entry["offer_id"],
                "version": entry["offer_version"],
                "seller_node_id": entry["seller_node_id"],
                "price_per_round": micro_to_credits(entry["price_per_round"]),
                "rounds": gap.rounds,
            }
            for entry in coming
        ],
    }
    await contracts.follow(conn, contract_id, Step.PROVIDER_REPLACED, actor=actor, data=data, changes=changes)
    row = await store.get_contract(conn, contract_id)
    assert row is not None
    await enqueue(conn, ProviderReplaced(contract_id=contract_id, replaced=gap.gone, by=by, terms=contracts.terms_of(row)))
    return row
