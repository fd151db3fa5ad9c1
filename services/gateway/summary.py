"""Numbers from all services at once: `/metrics_summary` and `/training/status`. A part whose service is down is null, with a reason.

Current values come fresh from the services' APIs, counters from their own series. Rates, percentiles and histories come from
Prometheus where there is one; else percentiles are taken from the services' histograms, and there is no rate and no history.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
from fastapi import APIRouter, Request
from prometheus_client.parser import text_string_to_metric_families

from services.gateway import prometheus
from services.gateway.domain import Upstream
from services.gateway.prometheus import Findings
from services.gateway.schemas import MetricsSummary
from services.gateway.upstreams import Upstreams, upstreams_of
from shared.contracts.errors import Refusal
from shared.kit.auth import Anyone

router = APIRouter(tags=["operations"])

Series = dict[str, list[tuple[Mapping[str, str], float]]]

NO_STATUS: Final = {
    "status": "degraded",
    "active": None,
    "round": None,
    "target_rounds": None,
    "remaining_rounds": None,
    "last_started_at": None,
    "current_metrics": {"accuracy": None, "loss": None},
    "current_run": None,
    "marketplace_pending_contract": None,
    "marketplace_pending_contracts": None,
    "nodes": None,
}


@router.get("/training/status")
async def training_status(request: Request, who: Anyone) -> dict[str, Any]:
    """What is being trained, what waits for it, and who is connected; `degraded` with reasons while the coordinator is away."""
    upstreams = upstreams_of(request.app.state.runtime)
    try:
        return await upstreams.get_object(Upstream.TRAINING, "/training/status", who=who)
    except Refusal as refusal:
        return {**NO_STATUS, "reasons": [_reason(refusal)]}


@router.get("/metrics_summary", response_model=MetricsSummary)
async def metrics_summary(request: Request, _: Anyone) -> dict[str, Any]:
    """The exchange in numbers. What was not measured is null; `unavailable` says what could not be asked."""
    upstreams = upstreams_of(request.app.state.runtime)
    objects = {
        "marketplace": (Upstream.MARKETPLACE, "/marketplace/summary"),
        "escrow": (Upstream.ESCROW, "/escrow/summary"),
        "training": (Upstream.TRAINING, "/training/status"),
    }
    unavailable: dict[str, str] = {}
    asked_at = time.time()
    findings, *answers = await asyncio.gather(
        _findings(request.app.state.runtime.extra.get("prometheus"), asked_at),
        *(upstreams.get_object(service, path) for service, path in objects.values()),
        *(_series(upstreams, service) for service in Upstream),
        return_exceptions=True,
    )
    if isinstance(findings, prometheus.Away):
        unavailable["prometheus"], findings = str(findings), None
    elif isinstance(findings, BaseException):
        raise findings
    known: dict[str, dict[str, Any] | None] = {}
    for name, answer in zip(objects, answers, strict=False):
        known[name] = _or_none(answer, name, unavailable)
    scraped: dict[Upstream, Series] = {}
    for service, series in zip(Upstream, answers[len(objects) :], strict=True):
        scraped[service] = _or_none(series, f"{service} metrics", unavailable) or {}
    summary = {
        "as_of": int(asked_at),
        "source": "scrape",
        "federated_learning": _learning(known["training"], scraped[Upstream.TRAINING]),
        "marketplace": _marketplace(known["marketplace"], scraped[Upstream.MARKETPLACE]),
        "governance": _governance(known["escrow"]),
        "operations": _operations(scraped),
        "unavailable": unavailable,
    }
    return summary if findings is None else _with_findings(summary, findings)


async def _findings(http: httpx.AsyncClient | None, now: float) -> Findings | None:
    return None if http is None else await prometheus.ask(http, now)


def _with_findings(summary: dict[str, Any], findings: Findings) -> dict[str, Any]:
    """The summary with what Prometheus knows in place of, and beside, what could be read off the services."""
    if learning := summary["federated_learning"]:
        learning["round_seconds"] = {"p50": findings.one("round_p50"), "p95": findings.one("round_p95")}
        learning["rounds_per_minute"] = findings.one("rounds_per_minute")
    if market := summary["marketplace"]:
        market["match_latency_seconds"] = {"p50": findings.one("match_p50"), "p95": findings.one("match_p95")}
        market["matches_per_minute"] = findings.one("matches_per_minute")
        market["match_success_ratio"] = findings.one("match_success")
    for service, numbers in summary["operations"].items():
        if numbers:
            numbers["requests_per_second"] = findings.of("requests_per_second", service)
            numbers["error_ratio"] = findings.of("error_ratio", service)
            numbers["request_p95_seconds"] = findings.of("request_p95", service)
    history = {"window_s": prometheus.HISTORY_S, "step_s": prometheus.STEP_S, "series": findings.history}
    return {**summary, "source": "prometheus", "history": history}


def _or_none(answer: Any, name: str, unavailable: dict[str, str]) -> Any:
    if isinstance(answer, Refusal):
        unavailable[name] = _reason(answer)
        return None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _reason(refusal: Refusal) -> str:
    service, why = refusal.details.get("service"), refusal.details.get("reason")
    return f"{service} {why}" if service and why else str(refusal.code)


async def _series(upstreams: Upstreams, service: Upstream) -> Series:
    """A service's samples by name."""
    text = (await upstreams.get(service, "/metrics")).text
    found: Series = defaultdict(list)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name].append((sample.labels, sample.value))
    return found


def _by_label(series: Series, name: str, label: str) -> dict[str, int]:
    return {labels[label]: int(value) for labels, value in series.get(name, []) if value}


def _sum(series: Series, name: str) -> float | None:
    samples = series.get(name)
    return sum(value for _, value in samples) if samples else None


def quantile(samples: Sequence[tuple[Mapping[str, str], float]], q: float) -> float | None:
    """Seconds below which the share `q` of the observations lies, by linear interpolation in a histogram's cumulative buckets (as
    PromQL's histogram_quantile does). None without an observation.
    """
    buckets: dict[float, float] = defaultdict(float)
    for labels, value in samples:
        buckets[float(labels["le"])] += value
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0
    if not total:
        return None
    rank, lower, below = q * total, 0.0, 0.0
    for bound in bounds:
        count = buckets[bound]
        if count >= rank:
            if bound == float("inf"):
                return lower
            share = (rank - below) / (count - below) if count > below else 0.0
            return round(lower + (bound - lower) * share, 6)
        lower, below = bound, count
    return lower


def _learning(status: dict[str, Any] | None, series: Series) -> dict[str, Any] | None:
    if status is None:
        return None
    return {
        "status": status["status"],
        "current_metrics": status["current_metrics"],
        "nodes_online": sum(1 for node in status["nodes"] if node["online"]),
        "nodes_registered": len(status["nodes"]),
        "pending_contracts": status["marketplace_pending_contracts"]["count"],
        "runs_by_result": _by_label(series, "training_runs_total", "result"),
        "rounds_total": _sum(series, "training_rounds_total"),
        "round_seconds": {
            q: quantile(series.get("training_round_seconds_bucket", []), p) for q, p in (("p50", 0.5), ("p95", 0.95))
        },
    }


def _marketplace(summary: dict[str, Any] | None, series: Series) -> dict[str, Any] | None:
    if summary is None:
        return None
    latency = series.get("match_latency_seconds_bucket", [])
    return {
        **summary,
        "unmet_demand_by_reason": _by_label(series, "match_unmet_demand_total", "reason"),
        "match_rejections_by_reason": _by_label(series, "match_rejections_total", "reason"),
        "match_requests_by_result": _by_label(series, "match_requests_total", "result"),
        "match_latency_seconds": {"p50": quantile(latency, 0.5), "p95": quantile(latency, 0.95)},
    }


def _governance(escrow: dict[str, Any] | None) -> dict[str, Any] | None:
    if escrow is None:
        return None
    return {
        "disputes_total": escrow["disputes_total"],
        "disputes_open": escrow["disputes_open"],
        "ledger_imbalance": escrow["ledger_imbalance"],
        "open_holds": escrow["open_holds"],
    }


def _operations(scraped: Mapping[Upstream, Series]) -> dict[str, Any]:
    """Per service what its own series say; null where it could not be scraped."""
    found: dict[str, Any] = {}
    for service, series in scraped.items():
        found[str(service)] = (
            {
                "http_requests_total": _sum(series, "http_requests_total"),
                "events_published_total": _sum(series, "events_published_total"),
                "events_handled_by_result": _handled(series),
                "outbox_oldest_seconds": _sum(series, "outbox_oldest_seconds"),
                "consumer_lag": _sum(series, "consumer_lag"),
                "dead_letters": _sum(series, "dead_letters"),
            }
            if series
            else None
        )
    return found


def _handled(series: Series) -> dict[str, int]:
    by_result: dict[str, int] = defaultdict(int)
    for labels, value in series.get("events_handled_total", []):
        by_result[labels["result"]] += int(value)
    return dict(by_result)
