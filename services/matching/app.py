"""Puts matching together."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator

from services.matching import explain, routes
from services.matching.book import Book
from services.matching.follow import Follower
from shared.kit.ops import NotReady
from shared.kit.service import Runtime, Service


@contextlib.asynccontextmanager
async def _index(runtime: Runtime) -> AsyncIterator[None]:
    # A question is ranked in a thread, whose Python parts would keep the event loop waiting for 5 ms each time it wants its turn.
    sys.setswitchinterval(0.001)
    book = Book()
    follower = Follower(runtime.nc, runtime.settings.nats_url, book)
    runtime.extra["book"] = book

    async def caught_up() -> None:
        if not follower.caught_up.is_set():
            raise NotReady(f"the index is being rebuilt, {len(book)} offers so far")

    runtime.checks["index"] = caught_up
    runtime.start(follower.run(), "follow-offers")
    yield


SERVICE = Service(
    name="matching",
    title="Open Ecosystem: matching",
    description="Chooses offers for intents, and explains.",
    routers=[routes.router, explain.router],
    extras=[_index],
)
