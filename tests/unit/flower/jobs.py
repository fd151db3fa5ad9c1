"""What a coordinator would tell a ServerApp, for a run that no exchange knows of: in tests against Flower's processes, and in `bench`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.training_coordinator.grants import Issuer, with_grants
from shared.contracts.events import ContractSeller, ContractTerms


def node_of(node_id: str, name: str, dataset_fingerprint: str, *, max_examples: int) -> dict[str, Any]:
    """A provider of the job; its seller and its offer are called by its name."""
    return {
        "node_id": node_id,
        "seller_node_id": name,
        "offer_id": name,
        "dataset_fingerprint": dataset_fingerprint,
        "max_examples": max_examples,
    }


def job_of(issuer: Issuer, nodes: Sequence[dict[str, Any]], *, rounds: int, **changes: Any) -> dict[str, Any]:
    """The job with every node's grant."""
    job = {
        "run_id": "run-1",
        "task": "digits-softmax",
        "rounds": rounds,
        "min_providers": 1,
        "round_timeout_s": 60,
        "nodes": list(nodes),
        "hyperparameters": {},
        **changes,
    }
    return with_grants(job, {grant.offer_id: grant.token for grant in issuer.issue(job, terms_of(job))})


def terms_of(job: dict[str, Any]) -> ContractTerms:
    """A contract with the job's nodes, a credit a round each."""
    sellers = tuple(
        ContractSeller(
            offer_id=node["offer_id"],
            offer_version=1,
            seller_node_id=node["seller_node_id"],
            dataset_fingerprint=node["dataset_fingerprint"],
            price_per_round=1_000_000,
        )
        for node in job["nodes"]
    )
    return ContractTerms(
        contract_id="contract-1",
        round_intent_id="intent-1",
        round_id="round-1",
        model_owner_id="lab",
        task_type=job["task"],
        rounds=job["rounds"],
        sellers=sellers,
        agreed_price_per_round_total=len(sellers) * 1_000_000,
        escrow_total=len(sellers) * 1_000_000 * job["rounds"],
        created_at=datetime.now(UTC),
    )
