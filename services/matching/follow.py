"""Keeps the book in step with the stream of offer facts: from its beginning at start, and from where it was after a break."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy

from services.matching import metrics
from services.matching.book import Book
from shared.contracts.events import OfferState
from shared.kit.messaging import ensure_streams

log = structlog.get_logger()

STREAM = "OFFERS"
QUIET_S = 1
"""After so long without a fact the stream is asked whether there is one that did not come."""


class Follower:
    """Reads the stream by an ordered consumer, which starts anew by itself where a message is missed."""

    def __init__(self, js: JetStreamContext, book: Book) -> None:
        self._js, self._book = js, book
        self._created: datetime | None = None
        self.caught_up = asyncio.Event()

    async def run(self) -> None:
        while True:
            try:
                await self._follow()
            except (NatsError, OSError, TimeoutError) as error:
                log.warning("index.follow_restarts", error=repr(error))
                await asyncio.sleep(0.5)

    async def _follow(self) -> None:
        """Reads until the stream was made anew, or has a fact that the consumer does not bring (a restart of NATS forgets it)."""
        await ensure_streams(self._js, [STREAM])
        info = await self._js.stream_info(STREAM)
        if self._created not in (None, info.created):
            log.warning("index.stream_is_new", index_seq=self._book.seq)
            await self._book.clear()
        self._created = info.created
        began, goal = time.monotonic(), info.state.last_seq
        config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=self._book.seq + 1)
        # Unbounded: a rebuild must not drop what it asked for.
        sub = await self._js.subscribe(
            "marketplace.>", stream=STREAM, ordered_consumer=True, config=config, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        try:
            self._arrived(goal, began)
            while True:
                try:
                    message = await sub.next_msg(timeout=QUIET_S)
                except (NatsTimeout, TimeoutError):
                    info = await self._js.stream_info(STREAM)
                    if info.created != self._created or info.state.last_seq != self._book.seq:
                        return
                    continue
                await self._take(message)
                self._arrived(goal, began)
        finally:
            await sub.unsubscribe()

    async def _take(self, message: Msg) -> None:
        seq = message.metadata.sequence.stream
        try:
            offer = OfferState.model_validate(json.loads(message.data)["data"])
        except (ValueError, KeyError, TypeError) as error:  # noise: no reason to stop for those that follow
            log.warning("index.not_an_offer", seq=seq, error=repr(error))
            await self._book.reach(seq)
            return
        await self._book.apply(offer, seq)
        metrics.INDEX_SEQ.set(self._book.seq)
        metrics.OFFERS_INDEXED.set(len(self._book))

    def _arrived(self, goal: int, began: float) -> None:
        if not self.caught_up.is_set() and self._book.seq >= goal:
            self.caught_up.set()
            seconds = time.monotonic() - began
            metrics.REBUILD_SECONDS.set(seconds)
            log.info("index.ready", offers=len(self._book), seq=goal, seconds=round(seconds, 3))
