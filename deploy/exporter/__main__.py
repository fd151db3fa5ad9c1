"""`python -m deploy.exporter`: answers `/metrics` on `PORT` (9100) with what the servers say at that moment.

`DATABASE_URL` (or `DATABASE_URL_FILE`) and `NATS_MONITOR_URL` name the servers. One that does not answer has `…_up 0`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from deploy.exporter import nats, postgres
from deploy.exporter.family import Ask


class Servers(Collector):
    """Asks both servers at each scrape."""

    def __init__(self, dsn: str, monitor_url: str) -> None:
        self._dsn, self._monitor_url = dsn, monitor_url

    def collect(self) -> Iterator[Metric]:
        yield from self._guarded("postgres_up", "Whether PostgreSQL answers", lambda: asyncio.run(postgres.ask(self._dsn)))
        yield from self._guarded("nats_up", "Whether NATS answers", lambda: nats.ask(self._monitor_url))

    @staticmethod
    def _guarded(name: str, text: str, ask: Ask) -> Iterator[Metric]:
        try:
            found = ask()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, httpx.HTTPError) as error:
            print(f"{name}: {error!r}", flush=True)
            yield GaugeMetricFamily(name, text, value=0)
            return
        yield GaugeMetricFamily(name, text, value=1)
        for family, samples in found:
            kind = CounterMetricFamily if family.counts else GaugeMetricFamily
            metric = kind(family.name, family.text, labels=family.labels)
            for labels, value in samples:
                metric.add_metric(labels, value)
            yield metric


def _dsn() -> str:
    if dsn := os.environ.get("DATABASE_URL"):
        return dsn
    path = os.environ.get("DATABASE_URL_FILE", "")
    try:
        dsn = Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise SystemExit(f"setting DATABASE_URL_FILE: cannot read {path or 'it'}: {error.strerror}") from error
    if not dsn:
        raise SystemExit(f"setting DATABASE_URL_FILE: {path} is empty")
    return dsn


def main() -> None:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Servers(_dsn(), os.environ.get("NATS_MONITOR_URL", "http://127.0.0.1:8222").rstrip("/")))
    server, thread = start_http_server(int(os.environ.get("PORT", "9100")), os.environ.get("HOST", "127.0.0.1"), registry)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    server.shutdown()
    thread.join()


if __name__ == "__main__":
    main()
