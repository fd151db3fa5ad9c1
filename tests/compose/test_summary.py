"""The exchange in numbers, with Prometheus and while it is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from deploy.compose.containers import Containers, compose

WITHIN_S: Final = 60


def summary(exchange: Containers) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {exchange.key('reviewer')}"}
    found: dict[str, Any] = httpx.get(
        f"{exchange.gateway_url}/metrics_summary", headers=headers, trust_env=False, timeout=20
    ).json()
    return found


def until(exchange: Containers, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    end = time.monotonic() + WITHIN_S
    while not condition(found := summary(exchange)):
        assert time.monotonic() < end, found
        time.sleep(0.5)
    return found


def test_rates_percentiles_and_histories_come_from_prometheus(traded: Containers) -> None:
    found = until(traded, lambda s: s["source"] == "prometheus" and s["marketplace"]["match_latency_seconds"]["p50"])

    assert found["unavailable"] == {}
    assert abs(found["as_of"] - time.time()) < 30
    latency = found["marketplace"]["match_latency_seconds"]
    assert 0 < latency["p50"] <= latency["p95"] < 60
    assert 0 < found["marketplace"]["match_success_ratio"] < 1
    assert 0 < found["federated_learning"]["round_seconds"]["p50"] < 300
    assert found["operations"]["marketplace"]["requests_per_second"] > 0
    history = found["history"]["series"]
    assert {"accuracy", "locked_escrow", "contracts", "nodes_online"} <= history.keys()
    assert "unmet_demand:price_over_budget" in history
    times = [at for at, _ in history["contracts"]]
    assert times == sorted(times)
    assert found["as_of"] - 3660 < times[0] <= times[-1] <= found["as_of"]


def test_current_values_are_fresher_than_any_scrape(traded: Containers) -> None:
    headers = {"authorization": f"Bearer {traded.key('provider')}"}
    before = summary(traded)["marketplace"]["offers_total"]
    offer = {"seller_node_id": "fresh", "dataset_fingerprint": "f", "price_per_round": 1}
    made = httpx.post(f"{traded.gateway_url}/marketplace/offers", json=offer, headers=headers, trust_env=False)

    assert made.status_code == 201
    assert summary(traded)["marketplace"]["offers_total"] == before + 1


@pytest.mark.timeout(200)
def test_while_prometheus_is_away_the_summary_says_so_and_is_given_all_the_same(traded: Containers) -> None:
    compose("stop", "-t", "2", "prometheus")
    try:
        found = until(traded, lambda s: s["source"] == "scrape")
    finally:
        compose("up", "-d", "--wait", "--no-deps", "prometheus")

    assert "prometheus" in found["unavailable"]
    assert found["history"] is None
    assert found["marketplace"]["matches_per_minute"] is None
    assert found["marketplace"]["contracts_total"] >= 1
    until(traded, lambda s: s["source"] == "prometheus")
