"""Every panel of every dashboard shows something, once the exchange has been used."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from deploy.compose.containers import Containers, compose
from deploy.grafana.__main__ import FOLDER, documents

WITHIN_S: Final = 60
"""Scrapes, recording rules and the services' own sampling have come round by then."""

SLOW_MACHINE: Final = {"GatewaySlow", "EscrowStuck", "TrainingFailureRate", "OutboxStale", "ConsumerLag"}
"""Alerts that say no more, on a machine that tests, than that it is busy."""


def targets() -> Iterator[tuple[str, str]]:
    """Each query as Grafana would send it, with a name to find it by."""
    for path in sorted(FOLDER.glob("*.json")):
        for panel in json.loads(path.read_text("utf-8"))["panels"]:
            for target in panel["targets"]:
                yield f"{path.stem}: {panel['title']} ({target['refId']})", target["expr"].replace("$__rate_interval", "1m")


def prometheus(path: str, **parameters: object) -> Any:
    """Prometheus publishes no port, so it is asked from within its container."""
    url = f"http://127.0.0.1:9090/api/v1/{path}?{urlencode(parameters)}"
    answer = json.loads(compose("exec", "-T", "prometheus", "wget", "-qO-", url))
    assert answer["status"] == "success", answer
    return answer["data"]


def test_the_files_are_what_the_code_says() -> None:
    assert {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")} == documents()


def test_every_panel_says_what_it_shows() -> None:
    for path in FOLDER.glob("*.json"):
        document = json.loads(path.read_text("utf-8"))
        assert document["description"]
        for panel in document["panels"]:
            assert panel["title"].strip()
            assert panel["description"].endswith("."), panel["title"]
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
            if panel["type"] == "timeseries":
                assert "?" in panel["title"], panel["title"]


@pytest.mark.timeout(400)
def test_every_panel_returns_data_after_a_demo_run(traded: Containers) -> None:
    waiting = dict(targets())
    began = time.time()
    assert len(waiting) > 50
    while waiting and time.time() < began + WITHIN_S:
        now = time.time()
        for name, expr in list(waiting.items()):
            data = prometheus("query_range", query=expr, start=now - 600, end=now, step=5)
            if any(math.isfinite(float(value)) for series in data["result"] for _, value in series["values"]):
                del waiting[name]

    assert waiting == {}


def test_prometheus_scrapes_everything_that_it_names(traded: Containers) -> None:
    health = {target["labels"]["service"]: target["health"] for target in prometheus("targets", state="active")["activeTargets"]}

    assert health == dict.fromkeys(
        ["gateway", "marketplace", "matching", "escrow", "training_coordinator", "exporter", "prometheus"], "up"
    )


def test_prometheus_runs_the_rules_of_this_tree(traded: Containers) -> None:
    groups = prometheus("rules")["groups"]

    assert sum(len(group["rules"]) for group in groups) > 20
    assert [rule["name"] for group in groups for rule in group["rules"] if rule["health"] != "ok"] == []


def test_no_alert_fires_after_a_demo_run_but_those_of_a_slow_machine(traded: Containers) -> None:
    firing = {alert["labels"]["alertname"] for alert in prometheus("alerts")["alerts"] if alert["state"] == "firing"}

    assert firing <= SLOW_MACHINE
