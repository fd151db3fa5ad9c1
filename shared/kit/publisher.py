"""Outbox rows into a stream: all of them in one write where the server takes them together, else one by one.

JetStream's atomic batches (ADR-50 of NATS, https://github.com/nats-io/nats-architecture-and-design) store all of a batch or nothing, and
a server that syncs every write syncs once for the batch. One row that the server refuses, or has already, refuses the whole batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from asyncpg import Record
from nats.aio.client import Client as Nats
from nats.errors import Error as NatsError
from nats.js.api import Header
from nats.js.errors import APIError

from shared.kit.streams import KEEP_LAST

MOST: Final = 1000
"""Messages in a batch that the server takes."""


@dataclass
class Outcome:
    """What became of rows: the positions of those that are stored, the sequence of the last, why others are not."""

    positions: list[int] = field(default_factory=list)
    seq: int = 0
    failure: BaseException | None = None


class Publisher:
    """Publishes on one connection; a row's id makes its second storing a no-op for as long as the server remembers it."""

    def __init__(self, nc: Nats, *, ack_s: float) -> None:
        self._nc, self._js, self._ack_s = nc, nc.jetstream(timeout=ack_s), ack_s

    async def publish(self, rows: Sequence[Record]) -> Outcome:
        """Stores rows of one stream in their order."""
        if 1 < len(rows) <= MOST:
            try:
                return await self._together(rows)
            except APIError:
                pass  # one of them is refused or stored already, or this stream takes no batches
            except NatsError as error:
                return Outcome(failure=error)
        return await self._one_by_one(_until_one_must_wait(rows))

    async def _together(self, rows: Sequence[Record]) -> Outcome:
        batch = uuid4().hex
        headers: list[dict[str, str]] = [
            {Header.MSG_ID: str(row["event_id"]), Header.BATCH_ID: batch, Header.BATCH_SEQUENCE: str(number)}
            for number, row in enumerate(rows, start=1)
        ]
        for row, header in zip(rows[:-1], headers, strict=False):
            await self._nc.publish(row["subject"], row["body"].encode(), headers=header)
        last = headers[-1] | {Header.BATCH_COMMIT: "1"}
        ack = await self._js.publish(rows[-1]["subject"], rows[-1]["body"].encode(), headers=last)
        return Outcome([row["position"] for row in rows], ack.seq)

    async def _one_by_one(self, rows: Sequence[Record]) -> Outcome:
        acks = [
            await self._js.publish_async(row["subject"], row["body"].encode(), headers={Header.MSG_ID: str(row["event_id"])})
            for row in rows
        ]
        # nats-py raises what the server refuses where nobody hears it: a refusal is an ack that does not come. What was stored is
        # marked all the same, or it would be published again once the server has forgotten its id.
        _, silent = await asyncio.wait(acks, timeout=self._ack_s)
        for refused in silent:
            refused.cancel()
        outcome = Outcome()
        for row, ack in zip(rows, await asyncio.gather(*acks, return_exceptions=True), strict=True):
            if isinstance(ack, BaseException):
                outcome.failure = outcome.failure or ack
            else:
                outcome.positions.append(row["position"])
                outcome.seq = max(outcome.seq, ack.seq)
        return outcome


def _until_one_must_wait(rows: Sequence[Record]) -> Sequence[Record]:
    """The rows up to the first that follows another about the same thing (the end of its subject) in a stream that keeps the last fact
    of each: it is published once the earlier one is stored."""
    seen: set[str] = set()
    for number, row in enumerate(rows):
        if row["stream"] in KEEP_LAST:
            about = row["subject"].rsplit(".", 1)[-1]
            if about in seen:
                return rows[:number]
            seen.add(about)
    return rows
