"""Prometheus takes the configuration, every alert fires when it should and is explained in the runbook."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from deploy.compose.containers import engine_answers
from deploy.local.processes import ROOT

HERE: Final = Path(__file__).parent
CONFIG: Final = ROOT / "deploy/prometheus"
RULES: Final = sorted((CONFIG / "rules").glob("*.yml"))


def prometheus_image() -> str:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return str(compose["services"]["prometheus"]["image"])


@pytest.fixture(scope="session")
def promtool() -> list[str]:
    """This machine's own promtool, else that of the image which Compose names."""
    if found := shutil.which("promtool"):
        return [found]
    image = prometheus_image()
    here = engine_answers() and subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False)
    if here and here.returncode == 0:
        return ["docker", "run", "--rm", "-v", f"{ROOT}:{ROOT}:ro", "--entrypoint", "/bin/promtool", image]
    pytest.skip(f"NO PROMTOOL: neither on this machine (Debian's package prometheus) nor an image {image}")


def check(*command: object) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def alerts() -> list[dict[str, Any]]:
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text("utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def test_the_configuration_and_its_rules_are_valid(promtool: list[str]) -> None:
    check(*promtool, "check", "config", CONFIG / "prometheus.yml")
    check(*promtool, "check", "rules", *RULES)


def test_every_alert_fires_when_it_should_and_not_before(promtool: list[str]) -> None:
    check(*promtool, "test", "rules", HERE / "alerts.test.yml")


def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    cases = [
        case for test in yaml.safe_load((HERE / "alerts.test.yml").read_text("utf-8"))["tests"] for case in test["alert_rule_test"]
    ]
    names = {alert["alert"] for alert in alerts()}

    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == names
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == names


def test_every_alert_has_its_section_in_the_runbook() -> None:
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs/runbook.md").read_text("utf-8"), re.MULTILINE)

    assert sorted(headings) == sorted(alert["alert"] for alert in alerts())
    for alert in alerts():
        assert alert["annotations"]["runbook_url"] == f"docs/runbook.md#{alert['alert'].lower()}"
        assert alert["labels"]["severity"] in {"warning", "critical"}
