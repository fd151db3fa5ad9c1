"""Facts as sentences for people, and how serious each is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.contracts.values import micro_to_credits

SEVERITY: Final[Mapping[str, str]] = {
    "marketplace.contract_cancelled": "warning",
    "escrow.hold_refused": "warning",
    "escrow.funds_refunded": "warning",
    "escrow.dispute_opened": "warning",
    "escrow.dispute_overdue": "warning",
    "gateway.invite_rejected": "warning",
    "gateway.invite_revoked": "warning",
    "gateway.participant_revoked": "warning",
    "dead_letter.buried": "error",
}

_TEXT: Final[Mapping[str, str]] = {
    "marketplace.offer_published": "{seller_node_id} offers {offer_id} for {price_per_round} credits a round",
    "marketplace.offer_changed": "offer {offer_id} of {seller_node_id} is now at version {version} ({status})",
    "marketplace.intent_opened": "{model_owner_id} wants {rounds} rounds of {task_type}",
    "marketplace.intent_changed": "intent {round_intent_id}: {previous_status} -> {status}",
    "marketplace.contract_created": "contract {contract_id} was made",
    "marketplace.contract_cancelled": "contract {contract_id} came to nothing: {reason}",
    "escrow.funds_held": "{amount} credits are locked for {contract_id}",
    "escrow.hold_refused": "{contract_id} needs {needed} credits, {available} are there",
    "escrow.funds_released": "{contract_id} is paid out; {returned} credits went back",
    "escrow.funds_refunded": "{amount} credits of {contract_id} went back: {reason}",
    "escrow.funds_deposited": "{participant} was credited {amount} ({kind})",
    "escrow.withdrawal_requested": "{participant} wants {amount} credits out",
    "escrow.withdrawal_ended": "the withdrawal of {amount} credits by {participant} was {status}",
    "escrow.dispute_opened": "{reporter} disputes {contract_id}",
    "escrow.dispute_changed": "dispute {dispute_id} is {status}",
    "escrow.dispute_overdue": "dispute {dispute_id} about {contract_id} is overdue",
    "escrow.dispute_resolved": "dispute {dispute_id} was {status}",
    "training.bound_to_round": "{contract_id} is bound to {run_id}",
    "training.run_started": "{run_id} trains {contract_id}",
    "training.round_completed": "round {round} of {run_id}: accuracy {accuracy}, loss {loss}",
    "training.run_finished": "{run_id} {succeeded} after {rounds_completed} rounds",
    "training.node_changed": "node {name} of {seller_node_id}: {change}",
    "gateway.invite_requested": "somebody with {compute_type} asks to join as {role} ({request_id})",
    "gateway.invite_approved": "{actor} approved {request_id}: an invitation for {max_uses}",
    "gateway.invite_rejected": "{actor} rejected {request_id}: {reason}",
    "gateway.invite_revoked": "{actor} revoked invitation {invite_id}",
    "gateway.participant_registered": "{participant} joined as {role}",
    "gateway.participant_revoked": "{actor} locked {participant} out",
    "dead_letter.buried": "{consumer} gave up on {event_subject}: {reason}",
}
_MONEY: Final = frozenset({"price_per_round", "amount", "needed", "available", "returned", "fee", "budget_total"})


class _Values(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def sentence(kind: str, data: Mapping[str, Any]) -> str:
    """What happened, in one line; amounts in credits."""
    shown = {name: micro_to_credits(value) if name in _MONEY and isinstance(value, int) else value for name, value in data.items()}
    if isinstance(shown.get("succeeded"), bool):
        shown["succeeded"] = "succeeded" if shown["succeeded"] else "failed"
    for name in ("accuracy", "loss"):
        if isinstance(shown.get(name), float):
            shown[name] = round(shown[name], 4)
    return _TEXT.get(kind, kind).format_map(_Values(shown))
