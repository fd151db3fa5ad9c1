"""A bare service of the kit: its tables, its streams, a pool and a JetStream context."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from nats.aio.client import Client as Nats
from nats.js import JetStreamContext

from shared.contracts.events import ContractCancelled, FundsDeposited
from shared.kit import db, migrate
from shared.kit.messaging import Consumer, Relay, Subscription, ensure_streams
from shared.kit.service import connect_nats


@dataclass
class Rig:
    pool: db.Pool
    js: JetStreamContext
    nc: Nats
    dsn: str
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self.tasks.append(task)
        return task

    def relay(self, **options: Any) -> Relay:
        return Relay(self.pool, self.nc, service="kit", **{"idle_s": 0.1, **options})

    def consume(self, sub: Subscription) -> asyncio.Task[None]:
        return self.spawn(Consumer(sub, self.pool, self.js, committed=lambda: None).run())


async def until(condition: Callable[[], Awaitable[Any]], timeout_s: float = 15) -> Any:
    """The condition's first true value; fails when there is none in time."""
    async with asyncio.timeout(timeout_s):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(0.02)


def deposit(amount: int = 1) -> FundsDeposited:
    return FundsDeposited(participant="p", amount=amount, kind="deposit", actor="test")


def cancelled(number: int) -> ContractCancelled:
    return ContractCancelled(contract_id=f"contract-{number}", round_intent_id="intent-1", reason="test")


@pytest.fixture
async def rig(database: str, nats_url: str) -> AsyncIterator[Rig]:
    admin = await asyncpg.connect(database)
    await admin.execute("CREATE SCHEMA kit")
    await admin.close()
    await asyncio.to_thread(migrate.migrate, "kit", database)
    pool = await db.open_pool(database, service="kit")
    await pool.execute("CREATE TABLE effect (n int)")
    nc = await connect_nats(nats_url, "kit-test")
    js = nc.jetstream(timeout=5)
    await ensure_streams(js)
    made = Rig(pool, js, nc, database)
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)
    await nc.close()
    pool.terminate()
