"""Keeps the book in step with the stream of offer facts: from its beginning at start, and from where it was after a break."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, get_type_hints

import structlog
from nats.aio.client import Client as Nats
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import ConsumerConfig, DeliverPolicy
from pydantic import BaseModel, TypeAdapter

from services.matching import bulk, metrics
from services.matching.book import Book
from shared.contracts.events import OfferState
from shared.kit.messaging import ensure_streams

log = structlog.get_logger()

STREAM: Final = "OFFERS"
QUIET_S: Final = 1
"""After so long without a fact the stream is asked whether there is one that did not come."""
NEWS: Final = 100
"""So many facts or fewer are left to the ordered consumer."""
AT_ONCE: Final = 256
"""Facts that are taken in together where as many wait."""
TELL_S: Final = 2
"""How often the progress of a rebuild is logged."""


def _plain(model: type[BaseModel]) -> type[Any]:
    """A dataclass with the model's fields: validated alike, and made in a third of the time."""
    hints = get_type_hints(model, include_extras=True)
    fields: list[Any] = []
    for name, info in model.model_fields.items():
        default = {} if info.is_required() else {"default": info.default}
        fields.append(
            (name, Annotated[hints[name], *info.metadata] if info.metadata else hints[name], dataclasses.field(**default))
        )
    return dataclasses.make_dataclass(model.__name__, fields, slots=True, kw_only=True)


class Follower:
    """Reads the stream: at start all of it in bulk, then by an ordered consumer, which starts anew where a message is missed."""

    def __init__(self, nc: Nats, url: str, book: Book) -> None:
        self._nc, self._js, self._url, self._book = nc, nc.jetstream(timeout=5), url, book
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
        if goal - self._book.seq > NEWS:
            await self._catch_up()
        config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=self._book.seq + 1)
        # Unbounded: a rebuild must not drop what it asked for.
        sub = await self._js.subscribe(
            "marketplace.>", stream=STREAM, ordered_consumer=True, config=config, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        try:
            self._arrived(goal, began)
            while True:
                try:
                    messages = [await sub.next_msg(timeout=QUIET_S)]
                except (NatsTimeout, TimeoutError):
                    info = await self._js.stream_info(STREAM)
                    if info.created != self._created or info.state.last_seq != self._book.seq:
                        return
                    continue
                while sub.pending_msgs and len(messages) < AT_ONCE:
                    messages.append(await sub.next_msg(timeout=QUIET_S))
                await self._take([message.data for message in messages], messages[-1].metadata.sequence.stream)
                self._arrived(goal, began)
        finally:
            await sub.unsubscribe()

    async def _catch_up(self) -> None:
        """Takes in what the stream holds. Where that ends early the ordered consumer goes on from there."""
        told = time.monotonic()
        try:
            async for facts, seq in bulk.read(self._nc, self._url, STREAM, after=self._book.seq):
                await self._take(facts, seq)
                if time.monotonic() - told > TELL_S:
                    told = time.monotonic()
                    log.info("index.rebuilding", offers=len(self._book), seq=self._book.seq)
        except (NatsError, OSError, TimeoutError) as error:
            log.warning("index.bulk_ended_early", seq=self._book.seq, error=repr(error))

    async def _take(self, facts: Sequence[bytes], seq: int) -> None:
        """Takes facts in, the last of which is `seq`."""
        offers: list[OfferState] = []
        for fact in facts:
            try:
                offers.append(_read(fact).data)
            except ValueError as error:  # noise: no reason to stop for those that follow
                log.warning("index.not_an_offer", before_seq=seq, error=repr(error))
        await self._book.apply(offers, seq)
        metrics.INDEX_SEQ.set(self._book.seq)
        metrics.OFFERS_INDEXED.set(len(self._book))

    def _arrived(self, goal: int, began: float) -> None:
        if not self.caught_up.is_set() and self._book.seq >= goal:
            self.caught_up.set()
            seconds = time.monotonic() - began
            metrics.REBUILD_SECONDS.set(seconds)
            log.info("index.ready", offers=len(self._book), seq=goal, seconds=round(seconds, 3))


_Fact: Final = dataclasses.make_dataclass("_Fact", [("data", _plain(OfferState))], slots=True)
"""What is read of a fact's envelope."""
_read: Final = TypeAdapter(_Fact).validator.validate_json
