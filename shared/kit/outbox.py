"""What a service says: a row in the transaction that made it true, published afterwards, in order, at least once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog
from asyncpg import Record
from nats.aio.client import Client as Nats
from nats.errors import Error as NatsError

from shared.contracts.events import Event
from shared.contracts.values import ordered_uuid
from shared.kit import metrics, tracing
from shared.kit.db import OUTAGE, Connection, Pool
from shared.kit.publisher import Publisher
from shared.kit.streams import stream_of

log = structlog.get_logger()

KEEP_PUBLISHED: Final = "1 day"
KEEP_HANDLED: Final = "30 days"  # longer than any stream keeps a fact that could be delivered again
KEEP_ANSWERS: Final = "2 days"  # the API promises 24 h


_INSERT: Final = "INSERT INTO outbox (event_id, stream, subject, body) VALUES ($1, $2, $3, $4)"


async def enqueue(conn: Connection, event: Event) -> str:
    """Says `event` when the caller's transaction commits, and never if it does not. Returns the event's id."""
    _check(conn)
    row = _row(event)
    await conn.execute(_INSERT, *row)
    return str(row[0])


async def enqueue_many(conn: Connection, facts: Sequence[tuple[Event, Mapping[str, Any]]]) -> None:
    """Says each event as caused by the fact in its envelope, in their order: one statement for all."""
    _check(conn)
    if not facts:
        return
    rows = []
    for event, envelope in facts:
        with tracing.working_on(envelope):
            rows.append(_row(event))
    await conn.execute(
        "INSERT INTO outbox (event_id, stream, subject, body) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[])",
        *zip(*rows, strict=True),
    )


def _check(conn: Connection) -> None:
    if not conn.is_in_transaction():
        raise RuntimeError("a fact is said inside the transaction that makes it true")


def _row(event: Event) -> tuple[UUID, str, str, dict[str, Any]]:
    event_id = ordered_uuid()
    body: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": f"/{event.SUBJECT.split('.', 1)[0]}",
        "type": event.SUBJECT,
        "subject": event.about,
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "traceparent": tracing.child_of(tracing.traceparent.get()),
        "causationid": tracing.cause.get() or tracing.request_id.get(),
        "correlationid": event.about,
        "data": event.model_dump(mode="json"),
    }
    return event_id, stream_of(type(event)), event.subject, body


class Relay:
    """Publishes outbox rows in the order of their position.

    Every replica runs one; an advisory lock lets one of them work per schema, which keeps the order. Order holds as long as the
    server takes every message; after a refused publish a later row may overtake an earlier one, which listeners must bear. Not so in a
    stream that keeps the last fact of each subject: there the earlier one, published late, would be what remains.
    """

    def __init__(self, pool: Pool, nc: Nats, *, service: str, batch: int = 256, idle_s: float = 0.5, ack_s: float = 5) -> None:
        self._pool, self._service, self._batch, self._idle_s = pool, service, batch, idle_s
        self._publisher = Publisher(nc, ack_s=ack_s)
        self._wake = asyncio.Event()
        self._published = asyncio.Condition()

    def wake(self) -> None:
        """Call after a commit that may have left rows: saves the wait for the next look."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            try:
                async with self._pool.acquire() as conn:
                    if await conn.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", f"relay:{self._service}"):
                        try:
                            await self._drain_forever(conn)
                        finally:
                            with contextlib.suppress(*OUTAGE):  # a connection that died has let go of the lock
                                await conn.reset()
            except (*OUTAGE, NatsError) as error:
                log.warning("relay.restarts", error=repr(error))
            await asyncio.sleep(self._idle_s)

    async def _drain_forever(self, conn: Connection) -> None:
        """Publishes what is committed, for as long as the connection holds the advisory lock."""
        clean_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            while await self.publish_batch(conn):
                pass
            if loop.time() >= clean_at:
                await self._forget_old(conn)
                clean_at = loop.time() + 300
            # Other replicas commit too and cannot set this event: hence the bounded wait.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._idle_s):
                    await self._wake.wait()

    async def publish_batch(self, conn: Connection) -> int:
        """Publishes up to a batch of rows and marks those that the server stored. Returns how many it tried."""
        rows = await conn.fetch(
            "SELECT position, event_id, stream, subject, body::text AS body FROM outbox"
            " WHERE published_at IS NULL ORDER BY position LIMIT $1",
            self._batch,
        )
        if not rows:
            return 0
        of_stream: dict[str, list[Record]] = {}
        for row in rows:
            of_stream.setdefault(row["stream"], []).append(row)
        outcomes = dict(zip(of_stream, await asyncio.gather(*map(self._publisher.publish, of_stream.values())), strict=True))
        stored = [position for outcome in outcomes.values() for position in outcome.positions]
        heads = {stream: outcome.seq for stream, outcome in outcomes.items() if outcome.positions}
        failure = next((outcome.failure for outcome in outcomes.values() if outcome.failure), None)
        async with conn.transaction():
            await conn.execute("UPDATE outbox SET published_at = now() WHERE position = ANY($1)", stored)
            await conn.executemany(
                "INSERT INTO stream_head AS h (stream, seq) VALUES ($1, $2)"
                " ON CONFLICT (stream) DO UPDATE SET seq = greatest(h.seq, excluded.seq)",
                list(heads.items()),
            )
        metrics.EVENTS_PUBLISHED.inc(len(stored))
        async with self._published:
            self._published.notify_all()
        if failure is not None:
            raise failure if isinstance(failure, NatsError) else NatsError(repr(failure))
        return len(rows)

    async def _forget_old(self, conn: Connection) -> None:
        for table, column, age in (
            ("outbox", "published_at", KEEP_PUBLISHED),
            ("inbox", "handled_at", KEEP_HANDLED),
            ("idempotency", "created_at", KEEP_ANSWERS),
        ):
            await conn.execute(f"DELETE FROM {table} WHERE {column} < now() - interval '{age}'")  # noqa: S608

    async def head(self, stream: str, *, timeout_s: float) -> int:
        """The sequence of this service's newest fact in `stream`, once every fact committed so far is published.

        Raises:
            TimeoutError: when the relay (of this or another replica) does not get there in time.
        """
        async with asyncio.timeout(timeout_s):
            newest = await self._pool.fetchval(
                "SELECT coalesce(max(position), 0) FROM outbox WHERE published_at IS NULL AND stream = $1", stream
            )
            while newest and await self._pool.fetchval(
                "SELECT EXISTS (SELECT 1 FROM outbox WHERE published_at IS NULL AND stream = $1 AND position <= $2)", stream, newest
            ):
                self.wake()
                # Another replica's relay may be the active one: look again before long.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.05), self._published:
                        await self._published.wait()
            return await self._pool.fetchval("SELECT coalesce(max(seq), 0) FROM stream_head WHERE stream = $1", stream) or 0
