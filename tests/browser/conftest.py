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
    running = RealStack.launch(state, START_GRACE_S="240", ROUND_TIMEOUT_S="240")  # a busy machine is slow, not broken
    yield running
    running.close()
