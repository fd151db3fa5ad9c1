"""The dashboard's own tests, and what they rely on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from deploy.local.processes import ROOT
from services.marketplace import timeline

DASHBOARD = ROOT / "services/dashboard"


def test_the_timeline_that_the_browser_checks_is_sealed_as_the_marketplace_seals() -> None:
    events = json.loads((DASHBOARD / "src/domain/sealed.json").read_text("utf-8"))

    assert len(events) > 2
    assert timeline.first_broken(events) is None


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=390, check=False)


def test_the_public_document_is_what_the_code_says() -> None:
    done = run("deploy.openapi", "--check")

    assert done.returncode == 0, done.stderr


def test_the_lock_holds_no_registry_address() -> None:
    packages = json.loads((DASHBOARD / "package-lock.json").read_text("utf-8"))["packages"]

    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.mark.timeout(400)  # the first run installs the packages
def test_the_dashboard_decides_as_its_own_tests_say() -> None:
    done = run("services.dashboard", "unit")

    assert done.returncode == 0, done.stdout + done.stderr
