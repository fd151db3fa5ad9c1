"""One exchange with a built dashboard, and a real Chromium, for all journeys."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.processes import ROOT
from tests.browser.chromium import MISSING, find
from tests.e2e.stack import RealStack


@pytest.fixture(scope="session")
def chromium() -> str:
    found = find()
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return found


@pytest.fixture(scope="session")
def dashboard() -> None:
    """Built as `make dashboard` builds it; nothing to do when it is built."""
    done = subprocess.run(
        [sys.executable, "-m", "services.dashboard", "build"], cwd=ROOT, capture_output=True, text=True, timeout=400, check=False
    )
    if done.returncode != 0:
        pytest.fail(f"the dashboard cannot be built:\n{done.stdout}{done.stderr}", pytrace=False)


@pytest.fixture(scope="session")
def stack(dashboard: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    state: Path = tmp_path_factory.mktemp("browser")
    # A busy machine is slow, not broken.
    running = RealStack.launch(state, START_GRACE_S="240", ROUND_TIMEOUT_S="240")
    offer_all(running)
    yield running
    running.close()


def offer_all(stack: RealStack) -> None:
    """One offer of each sandbox clinic, so that every journey finds something to buy."""
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
