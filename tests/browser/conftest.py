"""One exchange with a built dashboard, and a real Chromium, for all journeys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.dashboard.__main__ import build, install
from tests.e2e.stack import RealStack


@pytest.fixture(scope="session")
def dashboard() -> None:
    """The dashboard, built as `make dashboard` builds it, and the packages that drive a browser; nothing to do where both are there."""
    if build() != 0 or install(Path(__file__).parent) != 0:
        pytest.fail("the dashboard cannot be built, or the packages of its tests not be installed: see above", pytrace=False)


@pytest.fixture(scope="session")
def stack(dashboard: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    state: Path = tmp_path_factory.mktemp("browser")
    # A busy machine is slow, not broken.
    running = RealStack.launch(state, START_GRACE_S="240", ROUND_TIMEOUT_S="240")
    fill(running)
    yield running
    running.close()


def fill(stack: RealStack) -> None:
    """An offer of each sandbox clinic, a contract that is released and one that is locked: no journey needs another one's traces."""
    provider = stack.client("provider")
    for node in provider.get("/training/nodes").raise_for_status().json()["nodes"]:
        offer = {
            "seller_node_id": node["seller_node_id"],
            "dataset_fingerprint": node["dataset_fingerprint"],
            "title": f"Handwritten digits of {node['name']}",
            "modality": node["modality"],
            "sample_count": node["sample_count"],
            "quality_score": 0.8,
            "attestation_status": "verified",
            "price_per_round": 2.5,
        }
        provider.post("/marketplace/offers", json=offer).raise_for_status()
    owner = stack.client("model_owner")
    made = []
    for _ in range(2):
        intent = {"model_owner_id": "research-lab", "task_type": "classification", "rounds": 1}
        opened = owner.post("/marketplace/round_intents", json=intent).raise_for_status().json()
        match = {"round_intent_id": opened["round_intent_id"]}
        made.append(owner.post("/marketplace/match", json=match).raise_for_status().json()["contract_id"])
    owner.post("/marketplace/escrow/release", json={"contract_id": made[0]}).raise_for_status()
