"""Rows as clients see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.training_coordinator import domain
from services.training_coordinator import schemas as s
from shared.contracts.events import ContractTerms

Row = Mapping[str, Any]


def _seconds(value: Any) -> int | None:
    return None if value is None else int(value.timestamp())


def node(row: Row) -> s.NodeOut:
    return s.NodeOut.model_validate(dict(row))


def _round(row: Row) -> s.RoundOut:
    return s.RoundOut.model_validate({**row, "reported_at": _seconds(row["reported_at"])})


def run(row: Row, rounds: Sequence[Row], model_sha256: str | None) -> s.RunOut:
    shown = [_round(r) for r in rounds]
    nodes = {node["offer_id"]: node["node_id"] for node in row["job"]["nodes"]}
    providers = [
        s.ProviderOut(
            seller_node_id=d.seller_node_id,
            offer_id=d.offer_id,
            node_id=nodes[d.offer_id],
            rounds_delivered=d.rounds_delivered,
            contribution=d.contribution,
        )
        for d in domain.deliveries(row["job"], rounds)
    ]
    last = shown[-1] if shown else None
    return s.RunOut.model_validate(
        {
            **row,
            "untrained": next((r for r in shown if r.round == 0), None),
            "rounds_detail": [r for r in shown if r.round > 0],
            "providers": providers,
            "accuracy": last.accuracy if last else None,
            "loss": last.loss if last else None,
            "model_sha256": model_sha256,
            "created_at": _seconds(row["created_at"]),
            "started_at": _seconds(row["started_at"]),
            "finished_at": _seconds(row["finished_at"]),
        }
    )


def pending(terms: ContractTerms) -> s.PendingContract:
    return s.PendingContract(
        contract_id=terms.contract_id,
        round_id=terms.round_id,
        offer_count=len(terms.sellers),
        agreed_price_per_round_total=terms.agreed_price_per_round_total,
    )
