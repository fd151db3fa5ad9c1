"""Series of the market. Gauges are sampled, so that a scrape costs no query."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog
from prometheus_client import Counter, Gauge, Histogram

from services.marketplace import store, unmet
from services.marketplace.domain import IntentStatus, OfferStatus
from shared.contracts.errors import ErrorCode
from shared.contracts.values import MICRO_PER_CREDIT
from shared.kit.db import Pool, is_outage

log = structlog.get_logger()

_BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5)

OFFERS = Gauge("marketplace_offers", "Offers by status", ["status"])
INTENTS = Gauge("marketplace_round_intents", "Round intents by status", ["status"])
CONTRACTS = Gauge("marketplace_contracts", "Contracts by escrow status", ["status"])
ESCROW = Gauge("marketplace_escrow_credits", "Credits of all contracts by escrow status", ["status"])
MATCHES = Counter("match_requests_total", "Requests to match an intent, by result", ["result"])
REJECTIONS = Counter(
    "match_rejections_total", "Offers that failed a condition in a match that found nothing, by reason", ["reason"]
)
UNMET = Counter("match_unmet_demand_total", "Matches that found nothing, by what alone kept an offer out", ["reason"])
BUDGET_GAP = Histogram(
    "match_budget_gap_credits",
    "Credits that a match lacked for the cheapest set of offers that suit it",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 20, 50, 100, 500, 1000, 10_000),
)
MATCH_SECONDS = Histogram("match_latency_seconds", "Time to match an intent and open its contract", buckets=_BUCKETS)
INTENT_TO_CONTRACT = Histogram(
    "intent_to_contract_seconds", "Time from opening an intent to its contract", buckets=(0.1, 1, 10, 60, 300, 1800, 7200, 86400)
)

for _result in ("matched", ErrorCode.NO_COMPATIBLE_OFFERS_FOUND, ErrorCode.MATCHING_BEHIND):
    MATCHES.labels(str(_result))  # a rate needs the zero before the first event

for _reason in (unmet.BUDGET, unmet.TOO_FEW, unmet.NO_OFFERS, unmet.SEVERAL):
    UNMET.labels(_reason)


def note_unmet(details: Mapping[str, Any]) -> None:
    """Counts a match that found nothing, by its diagnostics."""
    for reason, count in details["rejection_reasons"].items():
        REJECTIONS.labels(reason).inc(count)
    for reason in unmet.reasons(details):
        UNMET.labels(reason).inc()
    if (gap := unmet.budget_gap(details)) is not None:
        BUDGET_GAP.observe(gap)


ESCROW_STATES: Final = ("pending", "locked", "released", "refunded", "rejected")


async def sample(pool: Pool, *, every_s: float = 5) -> None:
    """Keeps the gauges up to date. Runs until cancelled."""
    while True:
        try:
            for gauge, table, column, states in (
                (OFFERS, "offer", "status", tuple(OfferStatus)),
                (INTENTS, "round_intent", "status", tuple(IntentStatus)),
                (CONTRACTS, "contract", "escrow_status", ESCROW_STATES),
            ):
                counts = await store.count_by(pool, table, column)
                for state in states:
                    gauge.labels(str(state)).set(counts.get(str(state), 0))
            sums = await store.escrow_sums(pool)
            for state in ESCROW_STATES:
                ESCROW.labels(state).set(sums.get(state, 0) / MICRO_PER_CREDIT)
        except Exception as error:
            if not is_outage(error):
                raise
            log.debug("metrics.sample_failed", error=repr(error))
        await asyncio.sleep(every_s)
