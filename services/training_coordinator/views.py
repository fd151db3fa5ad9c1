"""Rows as clients see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.training_coordinator import domain, privacy
from services.training_coordinator import schemas as s
from shared.contracts.events import ContractTerms, TrainingTerms

Row = Mapping[str, Any]

PROVIDERS_MEASURE = "table-logistic"
"""The task type for which the exchange holds no validation set (`oe_app.tables`)."""


def _seconds(value: Any) -> int | None:
    return None if value is None else int(value.timestamp())


def node(row: Row) -> s.NodeOut:
    return s.NodeOut.model_validate({**row, **row["measurements"]})


def _round(row: Row) -> s.RoundOut:
    return s.RoundOut.model_validate({**row, "reported_at": _seconds(row["reported_at"])})


def refusals(row: Row, rounds: Sequence[Row], offer_id: str) -> list[s.RefusalOut]:
    """The rounds that a provider did not deliver, those of the round that ended the run included."""
    said = [(r["round"], p) for r in rounds for p in r["providers"]]
    said += [(row["rounds_completed"] + 1, p) for p in row["last_outcomes"]]
    return [
        s.RefusalOut(round=number, error_code=p.get("error_code") or "unknown", error=p.get("error") or "")
        for number, p in said
        if p["offer_id"] == offer_id and not p["ok"]
    ]


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
            leave_one_out=d.leave_one_out,
            refusals=refusals(row, rounds, d.offer_id),
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
            "strategy": row["job"].get("strategy", "fedavg"),
            "created_at": _seconds(row["created_at"]),
            "started_at": _seconds(row["started_at"]),
            "finished_at": _seconds(row["finished_at"]),
        }
    )


def card(row: Row, chain: Sequence[Row], rounds: Mapping[str, Sequence[Row]], model: Row, terms: ContractTerms) -> s.ModelCard:
    """`chain` is the runs that the model went through, oldest first; its own is the last."""
    trained = [(earlier["run_id"], r) for earlier in chain for r in rounds[earlier["run_id"]] if r["round"] > 0]
    shown = run(row, rounds[row["run_id"]], model["sha256"])
    training = terms.training or TrainingTerms()
    fingerprints = {node["offer_id"]: node["dataset_fingerprint"] for node in row["job"]["nodes"]}
    spent = privacy.spent(training.differential_privacy, len(trained))
    return s.ModelCard(
        **{
            name: getattr(shown, name)
            for name in ("run_id", "contract_id", "strategy", "accuracy", "loss", "resumed_from", "sandbox")
        },
        model_owner_id=terms.model_owner_id,
        task_type=terms.task_type,
        label_schema=training.label_schema,
        measured_by="providers" if terms.task_type == PROVIDERS_MEASURE else "exchange",
        rounds=[
            s.CardRound(
                run_id=run_id,
                round=number,
                accuracy=r["accuracy"],
                loss=r["loss"],
                seconds=r["seconds"],
                providers_delivered=sum(1 for p in r["providers"] if p["ok"]),
            )
            for number, (run_id, r) in enumerate(trained, start=1)
        ],
        providers=[s.CardProvider(**p.model_dump(), dataset_fingerprint=fingerprints[p.offer_id]) for p in shown.providers],
        differential_privacy=s.CardPrivacy(**spent.model_dump()) if spent else None,
        model_sha256=model["sha256"],
        model_bytes=model["size"],
        bundle_sha256=row["bundle_sha256"],
        trained_at=shown.finished_at,
    )


def evidence(row: Row, rounds: Sequence[Row], model_sha256: str | None, grants: Sequence[Row]) -> s.RunEvidence:
    granted = [{**g, "issued_at": _seconds(g["issued_at"]), "expires_at": _seconds(g["expires_at"])} for g in grants]
    return s.RunEvidence.model_validate({**run(row, rounds, model_sha256).model_dump(), "grants": granted})


def grant_keys(grants: Mapping[str, Sequence[Row]], present: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A JWK set: the present public key, and each that one of the grants was signed with before a rotation. None where there is none."""
    keys = list(present["keys"]) if present else []
    keys += [grant["signed_by"] for of_run in grants.values() for grant in of_run if grant["signed_by"]]
    return {"keys": list({key["kid"]: key for key in keys}.values())} if keys else None


def pending(terms: ContractTerms) -> s.PendingContract:
    return s.PendingContract(
        contract_id=terms.contract_id,
        round_id=terms.round_id,
        offer_count=sum(not seller.retired for seller in terms.sellers),
        agreed_price_per_round_total=terms.agreed_price_per_round_total,
    )
