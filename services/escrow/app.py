"""Puts the escrow together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from services.escrow import batches, disputes, handlers, metrics, routes
from services.escrow.settings import EscrowSettings
from shared.kit.db import Pool, is_outage
from shared.kit.service import Runtime, Service

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def _background(runtime: Runtime) -> AsyncIterator[None]:
    assert runtime.pool is not None
    runtime.start(metrics.sample(runtime.pool), "escrow-metrics")
    runtime.start(_keep_time(runtime, runtime.pool), "due-holds")
    yield


async def _keep_time(runtime: Runtime, pool: Pool, *, every_s: float = 5) -> None:
    """Ends holds that are due and tells of overdue disputes. Every replica tries; each row is done by one of them."""
    settings: EscrowSettings = runtime.settings
    while True:
        try:
            async with pool.acquire() as conn, conn.transaction():
                ended = await batches.end_due_holds(conn, fee_basis_points=settings.fee_basis_points)
            async with pool.acquire() as conn, conn.transaction():
                overdue = await disputes.tell_overdue(conn, after_s=settings.dispute_sla_s)
            if ended or overdue:
                runtime.committed()
                log.info("escrow.time_is_up", holds=ended, disputes=overdue)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("escrow.time_waits", error=repr(error))
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
