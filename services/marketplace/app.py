"""Puts the marketplace together."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import structlog

from services.marketplace import explain, handlers, metrics, routes, service
from services.marketplace.matching import Matching
from shared.kit.auth import Role
from shared.kit.clients import client
from shared.kit.db import Pool, is_outage
from shared.kit.service import Runtime, Service

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def _matching(runtime: Runtime) -> AsyncIterator[None]:
    assert runtime.relay is not None
    settings = runtime.settings
    key = runtime.keys.of(Role.SERVICE)
    async with client(settings.matching_url, key=key, timeout_s=settings.matching_timeout_s) as http:
        runtime.extra["matching"] = Matching(http, runtime.relay)
        yield


@contextlib.asynccontextmanager
async def _background(runtime: Runtime) -> AsyncIterator[None]:
    assert runtime.pool is not None
    runtime.start(metrics.sample(runtime.pool), "market-metrics")
    runtime.start(_expire(runtime, runtime.pool), "expire-intents")
    yield


async def _expire(runtime: Runtime, pool: Pool, *, every_s: float = 5) -> None:
    """Ends intents past their deadline. Every replica tries; each row is done by one of them."""
    while True:
        try:
            async with pool.acquire() as conn, conn.transaction():
                ended = await service.expire_intents(conn, now=int(time.time()))
            if ended:
                runtime.committed()
                log.info("intents.expired", count=ended)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("intents.expiry_waits", error=repr(error))
        await asyncio.sleep(every_s)


SERVICE = Service(
    name="marketplace",
    title="Open Ecosystem: marketplace",
    description="Offers, round intents, contracts and their timelines.",
    routers=[routes.router, explain.router],
    subscriptions=handlers.SUBSCRIPTIONS,
    extras=[_matching, _background],
)
