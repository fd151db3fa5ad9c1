"""Puts the escrow together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from services.escrow import handlers, metrics, routes, service
from services.escrow.settings import EscrowSettings
from shared.kit.db import Pool, is_outage
from shared.kit.service import Runtime, Service

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def _background(runtime: Runtime) -> AsyncIterator[None]:
    assert runtime.pool is not None
    runtime.start(metrics.sample(runtime.pool), "escrow-metrics")
    runtime.start(_expire(runtime, runtime.pool), "expire-holds")
    yield


async def _expire(runtime: Runtime, pool: Pool, *, every_s: float = 5) -> None:
    """Refunds holds past their time. Every replica tries; each row is done by one of them."""
    while True:
        try:
            async with pool.acquire() as conn, conn.transaction():
                ended = await service.expire_holds(conn)
            if ended:
                runtime.committed()
                log.info("holds.expired", count=ended)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("holds.expiry_waits", error=repr(error))
        await asyncio.sleep(every_s)


def service_of(settings: EscrowSettings) -> Service:
    return Service(
        name="escrow",
        title="Open Ecosystem: escrow",
        description="Accounts, holds, releases, refunds and disputes.",
        routers=[routes.router],
        subscriptions=handlers.subscriptions(settings),
        extras=[_background],
    )
