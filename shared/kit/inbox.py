"""What a service hears: each fact has its effect once, whatever is delivered twice, late or out of order.

A handler and its bookkeeping share one transaction:

    INSERT inbox -> handler(conn, fact) -> INSERT outbox     COMMIT     ack

A crash before COMMIT undoes all of it and JetStream delivers again. A crash after COMMIT delivers again too, and the inbox row
makes that a no-op.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from shared.contracts.events import DeadLettered, Event
from shared.kit import metrics, tracing
from shared.kit.commit import collecting
from shared.kit.db import Connection, Pool, is_outage
from shared.kit.outbox import enqueue
from shared.kit.streams import ensure_streams, stream_of, subject_filter

log = structlog.get_logger()

Handler = Callable[[Connection, Any], Awaitable[None]]


@dataclass(frozen=True)
class Heard:
    """A fact with the envelope that it came in."""

    event: Any
    envelope: Mapping[str, Any]


ManyHandler = Callable[[Connection, Sequence[Heard]], Awaitable[None]]


class NotYet(Exception):
    """The fact came before its turn: deliver it again in a moment. Costs no attempt."""


class Unprocessable(Exception):
    """Delivering again cannot help: dead-letter now."""


@dataclass(frozen=True)
class Subscription:
    """One durable consumer: facts of one stream, in its order, each to the handler of its type."""

    consumer: str
    handlers: Mapping[type[Event], Handler]
    backoff_s: Sequence[float] = (1, 5, 30, 120)  # before attempts 2, 3, 4, 5
    ack_wait_s: float = 30
    batch: int = 64
    suspect_after: int = 8  # deliveries after which starts are counted, to end a crash loop
    patience_s: float = 900  # how long a fact may wait for its turn
    many: Mapping[type[Event], ManyHandler] = field(default_factory=dict)
    """Handlers that take a run of first deliveries in one transaction; where one fails, each fact is tried by itself.

    A handler that is named for several types takes them together, in their order.
    """

    @property
    def attempts(self) -> int:
        return len(self.backoff_s) + 1

    @property
    def stream(self) -> str:
        streams = {stream_of(event) for event in self.handlers}
        if len(streams) != 1:
            raise ValueError(f"{self.consumer} hears facts of {sorted(streams)}: one consumer follows one stream")
        return streams.pop()


def listen(event: type[Event], handler: Handler, *, as_: str) -> Subscription:
    """A consumer `as_` for facts of one type."""
    return Subscription(as_, {event: handler})


def follow(handlers: Mapping[type[Event], Handler], *, as_: str) -> Subscription:
    """A consumer `as_` for facts of several types of one stream, in the order in which they were said."""
    return Subscription(as_, dict(handlers))


def follow_many(many: Mapping[type[Event], ManyHandler], *, as_: str, batch: int = 256) -> Subscription:
    """Like `follow`, with handlers that take what waits together, and one fact where it comes alone."""

    def alone(handle: ManyHandler) -> Handler:
        async def on_one(conn: Connection, event: Event) -> None:
            await handle(conn, [Heard(event, tracing.present())])

        return on_one

    return Subscription(as_, {event: alone(handle) for event, handle in many.items()}, many=dict(many), batch=batch)


class Consumer:
    """Runs one subscription for as long as the service lives; NATS or Postgres may come and go meanwhile."""

    def __init__(self, sub: Subscription, pool: Pool, js: JetStreamContext, *, committed: Callable[[], None]) -> None:
        self.sub, self._pool, self._js, self._committed = sub, pool, js, committed
        self._by_subject = {event.SUBJECT: (event, handler) for event, handler in sub.handlers.items()}

    async def run(self) -> None:
        while True:
            try:
                await self._consume()
            except NotFoundError:
                await self._restore()
            except (NatsError, OSError) as error:
                log.warning("consumer.restarts", consumer=self.sub.consumer, error=repr(error))
            await asyncio.sleep(0.5)

    async def _restore(self) -> None:
        """The stream is gone (a new NATS volume): make it again; the outbox still has what was not published."""
        with contextlib.suppress(NatsError, OSError):
            await ensure_streams(self._js)

    async def _consume(self) -> None:
        sub = self.sub
        config = ConsumerConfig(
            durable_name=sub.consumer,
            filter_subjects=[subject_filter(event) for event in sub.handlers],
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
            ack_wait=sub.ack_wait_s,
            max_deliver=-1,
            max_ack_pending=sub.batch * 2 if sub.many else sub.batch,
        )
        await self._js.add_consumer(sub.stream, config)  # creates, or updates a drifted one
        pull = await self._js.pull_subscribe_bind(durable=sub.consumer, stream=sub.stream)
        fetch = functools.partial(pull.fetch, sub.batch, timeout=5)
        ahead: asyncio.Task[list[Msg]] | None = None
        try:
            while True:
                try:
                    messages = await (ahead or fetch())
                except NatsTimeout:
                    ahead = None
                    # An empty stream and a consumer that vanished look alike: ask, so that the latter is made again.
                    await self._js.consumer_info(sub.stream, sub.consumer)
                    continue
                # Where many are taken at once, the next ones travel while these are handled.
                ahead = asyncio.create_task(fetch()) if len(messages) == sub.batch and sub.many else None
                for run in self._runs(messages):
                    await self.deliver_all(run)
        finally:
            with contextlib.suppress(Exception):
                if ahead is not None:
                    await _give_back(ahead)
                await pull.unsubscribe()

    def _runs(self, messages: Sequence[Msg]) -> list[list[Msg]]:
        """The same messages in their order; neighbours that one call can take are together."""
        together = {event.SUBJECT: handler for event, handler in self.sub.many.items()}

        def taker(message: Msg) -> ManyHandler | None:
            first = message.metadata.num_delivered == 1 and _is_fact(message)
            return together.get(message.subject) if first else None

        grouped = itertools.groupby(messages, key=taker)
        return [run for found, group in grouped for run in ([list(group)] if found else [[message] for message in group])]

    async def deliver_all(self, messages: Sequence[Msg]) -> None:
        """Settles deliveries that one handler takes, all in one transaction where that works."""
        if len(messages) > 1:
            try:
                await self._handle_many(messages)
            except Exception as error:  # noqa: BLE001 - whichever it was, each is tried by itself now
                log.info("consumer.one_by_one", consumer=self.sub.consumer, count=len(messages), error=repr(error))
            else:
                metrics.EVENTS_HANDLED.labels(self.sub.consumer, "handled").inc(len(messages))
                for message in messages:
                    await message.ack()
                return
        for message in messages:
            await self.deliver(message)

    async def _handle_many(self, messages: Sequence[Msg]) -> None:
        heard = [json.loads(message.data) for message in messages]
        handler = self.sub.many[Event.EVENTS[heard[0]["type"]]]
        keys = [self._key(message)[1] for message in messages]
        with collecting() as hooks:
            async with self._pool.acquire() as conn, conn.transaction():
                rows = await conn.fetch(
                    "INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id",
                    self.sub.consumer,
                    keys,
                )
                first = {row["event_id"] for row in rows}
                new = [
                    Heard(Event.EVENTS[envelope["type"]].model_validate(envelope["data"]), envelope)
                    for key, envelope in zip(keys, heard, strict=True)
                    if key in first
                ]
                if new:
                    await handler(conn, new)
        hooks.run()
        self._committed()

    async def deliver(self, message: Msg) -> None:
        """Settles one delivery: ack once handled or buried, else nak with a delay."""
        if not _is_fact(message):
            log.error("consumer.not_a_fact", consumer=self.sub.consumer, subject=message.subject)
            await message.term()
            return
        keepalive = asyncio.create_task(_keepalive(message, self.sub.ack_wait_s / 3))
        started = time.perf_counter()
        try:
            delay, result = await self._attempt(message)
        except Exception as error:  # not the fact's fault: costs it no attempt
            if not is_outage(error):
                raise
            log.warning("consumer.waits", consumer=self.sub.consumer, error=repr(error))
            delay, result = min(2.0, self.sub.backoff_s[-1]), "outage"
        finally:
            keepalive.cancel()
        metrics.EVENTS_HANDLED.labels(self.sub.consumer, result).inc()
        metrics.EVENT_SECONDS.labels(self.sub.consumer).observe(time.perf_counter() - started)
        if delay is None:
            await message.ack()
        else:
            await message.nak(delay=delay)

    async def _attempt(self, message: Msg) -> tuple[float | None, str]:
        """The seconds until the next try, or None when the message is settled; and what happened."""
        delivered = message.metadata.num_delivered
        if delivered > self.sub.suspect_after and await self._count(message, "starts") > self.sub.attempts:
            # Every try died without reaching the excepts below: the process goes down with it.
            await self._bury(message, "attempts exhausted")
            return None, "dead"
        try:
            return None, await self._handle_once(message)
        except NotYet as error:
            if delivered > self.sub.suspect_after:
                await self._pool.execute("DELETE FROM delivery_retry WHERE consumer = $1 AND event_id = $2", *self._key(message))
            said = datetime.fromisoformat(json.loads(message.data)["time"])
            if (datetime.now(UTC) - said).total_seconds() < self.sub.patience_s:
                return min(5.0, 0.02 * 2 ** min(delivered, 8)), "not_yet"
            reason = f"waited in vain for its turn: {error}"
        except Unprocessable as error:
            reason = repr(error)
        except Exception as error:  # whatever the handler raised, the queue must move on
            if is_outage(error):
                raise
            failures = await self._count(message, "failures")
            log.warning("consumer.try_failed", consumer=self.sub.consumer, attempt=failures, error=repr(error), exc_info=True)
            if failures < self.sub.attempts:
                return self.sub.backoff_s[failures - 1], "failed"
            reason = repr(error)
        await self._bury(message, reason)
        return None, "dead"

    async def _handle_once(self, message: Msg) -> str:
        consumer, event_id = self._key(message)
        envelope = json.loads(message.data)
        found = self._by_subject.get(envelope["type"])
        if found is None:
            return "ignored"
        event_type, handler = found
        with tracing.working_on(envelope), collecting() as hooks:
            async with self._pool.acquire() as conn, conn.transaction():
                first = await conn.fetchval(
                    "INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
                    consumer,
                    event_id,
                )
                if first:
                    await handler(conn, event_type.model_validate(envelope["data"]))
        hooks.run()
        if first:
            self._committed()
        return "handled" if first else "repeated"

    def _key(self, message: Msg) -> tuple[str, UUID]:
        return self.sub.consumer, UUID((message.headers or {})["Nats-Msg-Id"])

    async def _count(self, message: Msg, column: str) -> int:
        """Counted in Postgres and not by JetStream, so that an outage cannot use up a fact's attempts."""
        count: int = await self._pool.fetchval(
            f"INSERT INTO delivery_retry AS r (consumer, event_id, {column}) VALUES ($1, $2, 1)"  # noqa: S608
            f" ON CONFLICT (consumer, event_id) DO UPDATE SET {column} = r.{column} + 1 RETURNING {column}",
            *self._key(message),
        )
        return count

    async def _bury(self, message: Msg, reason: str) -> None:
        """Stores the fact as a dead letter and says so, in one transaction."""
        consumer, event_id = self._key(message)
        attempts = message.metadata.num_delivered
        async with self._pool.acquire() as conn, conn.transaction():
            buried = await conn.fetchval(
                "INSERT INTO dead_letter (consumer, event_id, subject, body, attempts, reason)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING true",
                consumer,
                event_id,
                message.subject,
                json.loads(message.data),
                attempts,
                reason,
            )
            if buried:
                await enqueue(
                    conn,
                    DeadLettered(
                        consumer=consumer, event_id=str(event_id), event_subject=message.subject, reason=reason, attempts=attempts
                    ),
                )
        self._committed()
        log.error("consumer.dead_lettered", consumer=consumer, event_id=str(event_id), reason=reason)


async def replay(conn: Connection, subs: Sequence[Subscription], consumer: str, event_id: UUID) -> bool:
    """Hands a dead letter to its handler again, in the caller's transaction. False when there is none such.

    Raises whatever the handler raises; the caller's rollback then leaves the letter where it is.
    """
    letter = await conn.fetchrow("DELETE FROM dead_letter WHERE consumer = $1 AND event_id = $2 RETURNING body", consumer, event_id)
    if letter is None:
        return False
    envelope = letter["body"]
    handlers = next((sub.handlers for sub in subs if sub.consumer == consumer), {})
    event_type = Event.EVENTS[envelope["type"]]
    await conn.execute("DELETE FROM delivery_retry WHERE consumer = $1 AND event_id = $2", consumer, event_id)
    first = await conn.fetchval(
        "INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true", consumer, event_id
    )
    if first:
        with tracing.working_on(envelope):
            await handlers[event_type](conn, event_type.model_validate(envelope["data"]))
    return True


def _is_fact(message: Msg) -> bool:
    """Whether somebody's relay sent it: an id and an envelope. Anything else on the subject is noise that no try can mend."""
    try:
        UUID((message.headers or {})["Nats-Msg-Id"])
        return isinstance(json.loads(message.data)["data"], dict)
    except (KeyError, ValueError, TypeError):
        return False


async def _give_back(fetch: asyncio.Task[list[Msg]]) -> None:
    """Others may have at once what was fetched and will not be handled here."""
    fetch.cancel()
    (messages,) = await asyncio.gather(fetch, return_exceptions=True)
    if not isinstance(messages, BaseException):
        for message in messages:
            await message.nak()


async def _keepalive(message: Msg, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        await message.in_progress()
