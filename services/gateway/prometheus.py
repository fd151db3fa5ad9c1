"""Questions to Prometheus, where there is one: rates, percentiles and histories, which no service can tell of itself.

Prometheus is a convenience: while it is away, everything that does not need it is answered all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from services.gateway.settings import GatewaySettings
from shared.kit.service import Runtime

WINDOW: Final = "1h"
HISTORY_S: Final = 3600
STEP_S: Final = 60

_NOW: Final = {
    "match_p50": f"histogram_quantile(0.5, sum by (le) (rate(match_latency_seconds_bucket[{WINDOW}])))",
    "match_p95": f"histogram_quantile(0.95, sum by (le) (rate(match_latency_seconds_bucket[{WINDOW}])))",
    "round_p50": f"histogram_quantile(0.5, sum by (le) (rate(training_round_seconds_bucket[{WINDOW}])))",
    "round_p95": f"histogram_quantile(0.95, sum by (le) (rate(training_round_seconds_bucket[{WINDOW}])))",
    "match_success": f'sum(increase(match_requests_total{{result="matched"}}[{WINDOW}]))'
    f" / (sum(increase(match_requests_total[{WINDOW}])) > 0)",
    "matches_per_minute": 'sum(rate(match_requests_total{result="matched"}[5m])) * 60',
    "rounds_per_minute": "sum(rate(training_rounds_total[5m])) * 60",
    "requests_per_second": "sum by (service) (rate(http_requests_total[5m]))",
    "error_ratio": 'sum by (service) (rate(http_requests_total{status=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m]))',
    "request_p95": "histogram_quantile(0.95, sum by (service, le) (rate(http_request_duration_seconds_bucket[5m])))",
}
"""Asked for this moment. Those by service answer with a value for each."""

_THEN: Final = {
    "accuracy": "max(training_last_accuracy)",
    "locked_escrow": "sum(escrow_locked_credits)",
    "contracts": "sum(marketplace_contracts)",
    "offers_active": 'sum(marketplace_offers{status="active"})',
    "nodes_online": "sum(training_nodes_online)",
    "matches_per_minute": 'sum(rate(match_requests_total{result="matched"}[5m])) * 60',
}
"""Asked for the last hour."""

_UNMET: Final = "sum by (reason) (increase(match_unmet_demand_total[5m]))"
"""Asked for the last hour, a series per reason: `unmet_demand:<reason>`, matches that found nothing in the five minutes before."""


class Away(Exception):
    """Prometheus does not answer, or not what was asked; the message says why."""


@dataclass(frozen=True)
class Findings:
    """What Prometheus says. A number that it has not measured is null."""

    now: Mapping[str, Mapping[str, float]]
    history: Mapping[str, list[tuple[int, float]]]

    def one(self, name: str) -> float | None:
        return self.now[name].get("")

    def of(self, name: str, service: str) -> float | None:
        return self.now[name].get(service)


async def ask(http: httpx.AsyncClient, now: float) -> Findings:
    """All questions at once. Raises `Away`."""
    asked_now = (_query(http, "query", query=expr, time=now) for expr in _NOW.values())
    span = {"start": now - HISTORY_S, "end": now, "step": STEP_S}
    asked_then = (_query(http, "query_range", query=expr, **span) for expr in (*_THEN.values(), _UNMET))
    *answers, unmet = await asyncio.gather(*asked_now, *asked_then)
    instant = {
        name: {
            series["metric"].get("service", ""): value for series in result if (value := _number(series["value"][1])) is not None
        }
        for name, result in zip(_NOW, answers, strict=False)
    }
    history = {name: _points(result[:1]) for name, result in zip(_THEN, answers[len(_NOW) :], strict=True)}
    history |= {f"unmet_demand:{series['metric']['reason']}": _points([series]) for series in unmet if "reason" in series["metric"]}
    return Findings(instant, history)


async def _query(http: httpx.AsyncClient, what: str, **parameters: Any) -> list[dict[str, Any]]:
    try:
        response = await http.get(f"/api/v1/{what}", params=parameters)
        body = response.json()
        if body["status"] != "success":
            raise Away(f"prometheus refuses: {body.get('error')}")
        found: list[dict[str, Any]] = body["data"]["result"]
    except httpx.TimeoutException as error:
        raise Away("prometheus does not answer in time") from error
    except httpx.HTTPError as error:
        raise Away("prometheus cannot be reached") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Away("prometheus answers nonsense") from error
    return found


def _points(result: list[dict[str, Any]]) -> list[tuple[int, float]]:
    return [(int(at), value) for series in result for at, text in series["values"] if (value := _number(text)) is not None]


def _number(text: str) -> float | None:
    value = float(text)
    return round(value, 6) if math.isfinite(value) else None


@contextlib.asynccontextmanager
async def opened(runtime: Runtime) -> AsyncIterator[None]:
    """A client in `extra["prometheus"]`, where the settings name a Prometheus."""
    settings: GatewaySettings = runtime.settings
    if settings.prometheus_url is None:
        yield
        return
    async with httpx.AsyncClient(base_url=settings.prometheus_url, timeout=settings.summary_timeout_s) as http:
        runtime.extra["prometheus"] = http
        yield
