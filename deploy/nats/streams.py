"""Makes every stream as the administrator, before the services come: their own logins may not change streams."""

from __future__ import annotations

from shared.kit.messaging import ensure_streams
from shared.kit.service import connect_nats


async def make_streams(url: str) -> None:
    nc = await connect_nats(url, "migrate")
    try:
        await ensure_streams(nc.jetstream(timeout=5))
    finally:
        await nc.close()
