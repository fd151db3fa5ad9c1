"""The exporter against a real PostgreSQL and a real NATS: what it says is so, and a server that is away is said to be."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import nats as nats_client
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from deploy.exporter.__main__ import Servers
from deploy.local.nats import Nats
from deploy.local.ports import free_port
from shared.kit.messaging import ensure_streams
from tests.backends import Backend, Embedded

NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/nothing"


def scrape(dsn: str, monitor_url: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample that Prometheus would see."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Servers(dsn, monitor_url))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


@pytest.fixture(scope="module")
def watched() -> Iterator[Nats]:
    """A NATS whose monitoring port is known."""
    made: list[Nats] = []

    def make(state: Path) -> Nats:
        made.append(Nats(state, free_port(), free_port(), durable=False))
        return made[0]

    server = Embedded(make, crash=signal.SIGKILL)
    yield made[0]
    server.close()


async def test_what_is_said_of_nats_is_so(watched: Nats) -> None:
    nc = await nats_client.connect(watched.url)
    js = nc.jetstream()
    await ensure_streams(js)
    await js.add_consumer("ESCROW", durable_name="reader")
    for _ in range(3):
        await js.publish("escrow.funds_held.v1", b"{}")
    pull = await js.pull_subscribe_bind(durable="reader", stream="ESCROW")
    await pull.fetch(1)

    found = await asyncio.to_thread(scrape, NOWHERE, f"http://127.0.0.1:{watched.monitor_port}")

    reader = (("consumer", "reader"), ("stream", "ESCROW"))
    assert found["nats_up", ()] == 1
    assert found["nats_stream_messages", (("stream", "ESCROW"),)] == 3
    assert found["nats_consumer_pending", reader] == 2
    assert found["nats_consumer_unsettled", reader] == 1
    assert found["nats_messages_in_total", ()] >= 3
    assert found["nats_connections", ()] == 1
    await nc.close()


async def test_what_is_said_of_postgres_is_so(postgres: Backend, service_dsn: Callable[[str], Awaitable[str]]) -> None:
    dsn = await service_dsn("escrow")

    found = await asyncio.to_thread(scrape, dsn, "http://127.0.0.1:1")

    assert found["postgres_up", ()] == 1
    assert found["postgres_connections", (("role", "escrow"), ("state", "active"))] == 1
    assert found["postgres_schema_bytes", (("schema", "escrow"),)] > 0
    assert found["postgres_connections_limit", ()] >= 100
    assert any(name == "postgres_transactions_total" for name, _ in found)


def test_servers_that_are_away_are_said_to_be() -> None:
    assert scrape(NOWHERE, "http://127.0.0.1:1") == {("postgres_up", ()): 0, ("nats_up", ()): 0}
