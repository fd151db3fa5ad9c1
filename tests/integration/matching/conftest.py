"""Matching as it runs: its own app over a real NATS, with offers published as the marketplace's relay would."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from nats.aio.client import Client as Nats

from services.matching.app import SERVICE
from services.matching.settings import MatchingSettings
from shared.contracts.events import OfferChanged, OfferPublished
from shared.contracts.http import SelectPolicy
from shared.kit.auth import Role
from shared.kit.service import build, connect_nats
from shared.kit.streams import ensure_streams

KEYS = {str(role): f"key-of-{role}-0123456789" for role in Role}
CREDIT = 1_000_000


async def until(condition: Callable[[], Awaitable[Any]], timeout_s: float = 20) -> Any:
    """The condition's first true value; fails when there is none in time."""
    async with asyncio.timeout(timeout_s):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(0.02)


@dataclass
class Market:
    """The marketplace's side: what it publishes and asks."""

    nc: Nats
    versions: dict[str, int] = field(default_factory=dict)
    seq: int = 0

    async def offer(self, offer_id: str, **fields: Any) -> int:
        """Publishes an offer, or its next version. Returns the fact's sequence in the stream."""
        version = self.versions.get(offer_id, 0) + 1
        fact = OfferPublished if version == 1 else OfferChanged
        state = {
            "offer_id": offer_id,
            "version": version,
            "seller_node_id": f"seller-of-{offer_id}",
            "dataset_fingerprint": f"print-of-{offer_id}",
            "modality": "tabular",
            "sample_count": 100,
            "quality_score": 0.8,
            "allowed_tasks": (),
            "attestation_status": "verified",
            "price_per_round": 2 * CREDIT,
            "min_rounds": 1,
            "expires_at": 0,
            "status": "active",
        }
        event = fact.model_validate({**state, **fields})
        self.versions[offer_id] = event.version
        return await self.publish(event.subject, {"type": event.SUBJECT, "data": event.model_dump(mode="json")})

    async def publish(self, subject: str, body: Any) -> int:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.seq = (await self.nc.jetstream().publish(subject, payload, headers={"Nats-Msg-Id": str(uuid4())})).seq
        return self.seq


@dataclass
class Matching:
    """A running replica."""

    app: FastAPI
    market: Market

    def client(self, role: Role = Role.SERVICE) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {KEYS[role]}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://matching", headers=headers)

    async def ask(self, *, after_seq: int | None = None, now: int = 1000, **policy: Any) -> httpx.Response:
        body = {
            "policy": SelectPolicy.model_validate({"task_type": "classification", **policy}).model_dump(mode="json"),
            "now": now,
            "after_seq": self.market.seq if after_seq is None else after_seq,
        }
        return await self.client().post("/match/select", json=body)

    async def chosen(self, **question: Any) -> list[str]:
        response = await self.ask(**question)
        assert response.status_code == 200, response.text
        return [offer["offer_id"] for offer in response.json()["selected_offers"]]


Replica = Callable[[], AbstractAsyncContextManager[Matching]]


@pytest.fixture
async def market(nats_url: str) -> AsyncIterator[Market]:
    nc = await connect_nats(nats_url, "matching-test")
    await ensure_streams(nc.jetstream())
    yield Market(nc)
    await nc.close()


@pytest.fixture
def replica(nats_url: str, market: Market, tmp_path: Path) -> Replica:
    """`async with replica() as matching`: another process' worth of matching, from its start to its stop."""
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KEYS))
    settings = MatchingSettings(port=1, nats_url=nats_url, keys_file=keys, catch_up_s=5)

    @contextlib.asynccontextmanager
    async def start() -> AsyncIterator[Matching]:
        app = build(SERVICE, settings)
        async with app.router.lifespan_context(app):
            yield Matching(app, market)

    return start


@pytest.fixture
async def matching(replica: Replica) -> AsyncIterator[Matching]:
    async with replica() as made:
        yield made
