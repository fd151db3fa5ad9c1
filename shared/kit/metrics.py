"""The series that every service has. A service declares its own business series in its `metrics.py`.

Names follow Prometheus' conventions: base units, `_total` for counters. The scrape adds the service's name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from prometheus_client import Counter, Gauge, Histogram

from shared.kit.db import OUTAGE, Pool

log = structlog.get_logger()

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

HTTP_REQUESTS = Counter("http_requests_total", "HTTP requests answered", ["method", "route", "status"])
HTTP_SECONDS = Histogram("http_request_duration_seconds", "Time to answer an HTTP request", ["method", "route"], buckets=_SECONDS)
EVENTS_PUBLISHED = Counter("events_published_total", "Facts published from the outbox")
EVENTS_HANDLED = Counter("events_handled_total", "Deliveries settled, by result", ["consumer", "result"])
EVENT_SECONDS = Histogram("event_handling_seconds", "Time to settle a delivery", ["consumer"], buckets=_SECONDS)
OUTBOX_OLDEST = Gauge("outbox_oldest_seconds", "Age of the oldest fact that is not published yet; 0 when there is none")
OUTBOX_WAITING = Gauge("outbox_unpublished", "Facts that are not published yet")
DEAD_LETTERS = Gauge("dead_letters", "Dead letters that wait for an operator", ["consumer"])
CONSUMER_LAG = Gauge("consumer_lag", "Facts that a consumer has not been given yet", ["consumer"])
CONSUMER_UNSETTLED = Gauge("consumer_unsettled", "Facts given to a consumer and not settled yet", ["consumer"])


async def sample(pool: Pool, js: JetStreamContext, consumers: Sequence[tuple[str, str]], *, every_s: float = 5) -> None:
    """Keeps the gauges of outbox, dead letters and consumers ((stream, name) pairs) up to date. Runs until cancelled."""
    while True:
        try:
            row = await pool.fetchrow(
                "SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS oldest"
                " FROM outbox WHERE published_at IS NULL"
            )
            if row is not None:
                OUTBOX_WAITING.set(row["waiting"])
                OUTBOX_OLDEST.set(row["oldest"])
            buried = {
                r["consumer"]: r["n"] for r in await pool.fetch("SELECT consumer, count(*) AS n FROM dead_letter GROUP BY consumer")
            }
            for stream, name in consumers:
                DEAD_LETTERS.labels(name).set(buried.get(name, 0))
                info = await js.consumer_info(stream, name)
                CONSUMER_LAG.labels(name).set(info.num_pending or 0)
                CONSUMER_UNSETTLED.labels(name).set(info.num_ack_pending or 0)
        except (*OUTAGE, NatsError) as error:
            log.debug("metrics.sample_failed", error=repr(error))
        await asyncio.sleep(every_s)
