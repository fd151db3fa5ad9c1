"""Every offer at its newest version, as the facts tell it, and how far in the stream that is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from services.matching.columns import Columns
from shared.contracts.events import OfferState


class Book:
    """Offers in columns. Whoever reads them over more than one step of the event loop holds `lock`, so that no row changes."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.seq = 0
        self.lock = asyncio.Lock()
        self._moved = asyncio.Condition()

    def __len__(self) -> int:
        return len(self.columns)

    async def clear(self) -> None:
        """The stream was made anew: what is known from the old one counts no more."""
        async with self.lock:
            self.columns = Columns()
            self.seq = 0

    async def apply(self, offers: Sequence[OfferState], seq: int) -> None:
        """Takes facts in, the last of which is `seq`; an older version than the one that is known changes nothing."""
        async with self.lock:
            self.columns.put(*offers)
        await self.reach(seq)

    async def reach(self, seq: int) -> None:
        """Notes that the stream has been read up to `seq`."""
        async with self._moved:
            self.seq = max(self.seq, seq)
            self._moved.notify_all()

    async def seen(self, seq: int, timeout_s: float) -> bool:
        """Waits until the fact `seq` is in the book. False when the time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s), self._moved:
                await self._moved.wait_for(lambda: self.seq >= seq)
        return self.seq >= seq
