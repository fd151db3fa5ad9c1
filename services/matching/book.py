"""Every offer by its id, at its newest version, as the facts tell it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from shared.contracts.events import OfferState


class Book:
    """Offers in memory, and how far in the stream they have come."""

    def __init__(self) -> None:
        self._offers: dict[str, OfferState] = {}
        self.seq = 0
        self._moved = asyncio.Condition()

    def __len__(self) -> int:
        return len(self._offers)

    def offers(self) -> Iterable[OfferState]:
        return self._offers.values()

    def clear(self) -> None:
        """The stream was made anew: what is known from the old one counts no more."""
        self._offers.clear()
        self.seq = 0

    async def apply(self, offer: OfferState, seq: int) -> None:
        """Takes a fact in; an older version than the one that is known changes nothing."""
        known = self._offers.get(offer.offer_id)
        if known is None or known.version <= offer.version:
            self._offers[offer.offer_id] = offer
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
