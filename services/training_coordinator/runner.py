"""Starts queued runs at the engine and watches those that are active. A side effect follows a committed row, never a handler.

Every step may die and be done again: a run handed to Flower twice has one ServerApp that gets it, since it must be claimed.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from services.training_coordinator import metrics, service, store
from services.training_coordinator.domain import RunState
from services.training_coordinator.link import EngineUnavailable, Link
from services.training_coordinator.settings import CoordinatorSettings
from shared.kit.db import Pool, is_outage
from shared.kit.service import Runtime

log = structlog.get_logger()

RETRY_START_S: Final = 10
IDLE_LOOK_S: Final = 2  # another replica may have queued a run: it cannot wake this process
WATCH_S: Final = 1
NODES_LOOK_S: Final = 2


class Runner:
    """The background work of one replica."""

    def __init__(self, runtime: Runtime, pool: Pool, link: Link) -> None:
        self._runtime, self._pool, self._link = runtime, pool, link
        self._settings: CoordinatorSettings = runtime.settings
        self._wake = asyncio.Event()
        self._ended_at_engine: dict[str, datetime] = {}

    def wake(self) -> None:
        """Call after the commit that queued a run."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            active = False
            try:
                while await self._start_next():
                    pass
                active = await self._watch()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("runner.waits", error=repr(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCH_S if active else IDLE_LOOK_S):
                    await self._wake.wait()

    async def follow_nodes(self) -> None:
        """Keeps the nodes' online state; Flower has no event for it."""
        while True:
            try:
                await self.refresh_nodes()
                metrics.ENGINE_UP.set(1)
            except EngineUnavailable:
                metrics.ENGINE_UP.set(0)
                log.debug("runner.engine_away")
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("runner.nodes_wait", error=repr(error))
            await asyncio.sleep(NODES_LOOK_S)

    async def refresh_nodes(self) -> None:
        """Asks the engine which nodes are online. Raises `EngineUnavailable`."""
        online = [node.node_id for node in await self._link.nodes() if node.online]
        async with self._pool.acquire() as conn, conn.transaction():
            await service.note_online(conn, online)
        self._runtime.committed()

    async def _start_next(self) -> bool:
        """Hands one queued run to the engine. False when there is none to try now."""
        async with self._pool.acquire() as conn:
            row = await store.claim_queued(conn, retry_after_s=RETRY_START_S)
        if row is None:
            return False
        config: dict[str, str | int | float | bool] = {
            "coordinator-url": self._settings.coordinator_url,
            "run-id": row["run_id"],
            "run-token": row["token"],
        }
        try:
            flower_run_id = await self._link.start_run(config)
        except EngineUnavailable as error:
            log.warning("run.start_waits", run_id=row["run_id"], error=repr(error))
            return True
        async with self._pool.acquire() as conn:
            await store.mark_starting(conn, row["run_id"], flower_run_id, self._link.bundle_sha256)
        log.info("run.starting", run_id=row["run_id"], flower_run_id=flower_run_id)
        return True

    async def _watch(self) -> bool:
        """Ends runs that cannot report themselves. True while any run is active."""
        rows = await store.active_runs(self._pool)
        for row in rows:
            verdict = await self._judge(row)
            if verdict is None:
                continue
            to, reason = verdict
            async with self._pool.acquire() as conn, conn.transaction():
                ended = await service.end_run(conn, row["run_id"], to, reason)
            self._ended_at_engine.pop(row["run_id"], None)
            self._runtime.committed()
            if ended:
                log.warning("run.ended", run_id=row["run_id"], state=str(to), reason=reason)
        return bool(rows)

    async def _judge(self, row: Any) -> tuple[RunState, str] | None:
        now = datetime.now(UTC)
        if row["flower_run_id"] is None:
            if row["stop_requested"]:
                return RunState.STOPPED, "stopped before it began"
            too_long = (now - row["created_at"]).total_seconds() > 2 * self._settings.start_grace_s
            return (RunState.FAILED, "the SuperLink could not be reached") if too_long else None
        try:
            if row["stop_requested"]:
                await self._link.stop_run(row["flower_run_id"])
                return RunState.STOPPED, "stopped on request"
            status = await self._link.run_status(row["flower_run_id"])
        except EngineUnavailable:
            return None  # the run may well be alive; the engine's return will tell
        if status.status not in {"finished", "unknown"}:
            late = row["state"] == RunState.STARTING and row["attempted_at"] is not None
            if late and (now - row["attempted_at"]).total_seconds() > self._settings.start_grace_s:
                return RunState.FAILED, "no ServerApp claimed the run in time"
            return None
        # Its last report may still be on the way: the ServerApp tries for a while when this service was down.
        since = self._ended_at_engine.setdefault(row["run_id"], now)
        if (now - since).total_seconds() < self._settings.finish_grace_s and status.sub_status != "failed":
            return None
        detail = f": {status.details}" if status.details else ""
        return RunState.FAILED, f"Flower says {status.status} {status.sub_status}".strip() + detail
