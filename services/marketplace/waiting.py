"""Lets a request wait for an entry in a contract's timeline, without holding a connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

from services.marketplace import store
from shared.kit.db import Pool

LOOK_AGAIN_S: Final = 0.25
"""Another replica's handler may have written the entry: it cannot wake this process."""


class Waiters:
    """Wakes whoever waits for a contract once an entry of its timeline is committed by this process."""

    def __init__(self) -> None:
        self._by_contract: dict[str, set[asyncio.Event]] = {}

    def wake(self, contract_id: str) -> None:
        for event in self._by_contract.get(contract_id, ()):
            event.set()

    async def wait_for(self, pool: Pool, contract_id: str, steps: Sequence[str], timeout_s: float) -> bool:
        """True as soon as the timeline has one of `steps`; False when the time is up."""
        event = asyncio.Event()
        self._by_contract.setdefault(contract_id, set()).add(event)
        deadline = asyncio.get_running_loop().time() + timeout_s
        try:
            while True:
                event.clear()
                if await store.has_step(pool, contract_id, steps):
                    return True
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0:
                    return False
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(left, LOOK_AGAIN_S)):
                        await event.wait()
        finally:
            waiting = self._by_contract[contract_id]
            waiting.discard(event)
            if not waiting:
                del self._by_contract[contract_id]


WAITERS: Final = Waiters()
