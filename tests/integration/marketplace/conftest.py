"""The marketplace with its own Postgres schema, NATS, and the real matching service beside it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.marketplace import app as marketplace
from services.marketplace.matching import Matching
from services.marketplace.settings import MarketplaceSettings
from services.matching import app as matching
from services.matching.settings import MatchingSettings
from shared.contracts.events import Event
from shared.kit.auth import Role
from shared.kit.db import Pool
from shared.kit.service import Runtime, build

KEYS = {str(role): f"key-of-{role}-0123456789" for role in Role}
MICRO = 1_000_000


async def until(condition: Callable[[], Awaitable[Any]], timeout_s: float = 15) -> Any:
    """The condition's first true value; fails when there is none in time."""
    async with asyncio.timeout(timeout_s):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(0.02)


def code(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return str(response.json()["code"])


@dataclass
class Market:
    """The service as a client of each role sees it, and as the other services' facts reach it."""

    app: FastAPI
    http: httpx.AsyncClient

    @property
    def runtime(self) -> Runtime:
        runtime: Runtime = self.app.state.runtime
        return runtime

    @property
    def pool(self) -> Pool:
        assert self.runtime.pool is not None
        return self.runtime.pool

    async def call(self, method: str, path: str, role: str = "operator", **kwargs: Any) -> httpx.Response:
        return await self.request(method, f"/marketplace{path}", role, **kwargs)

    async def request(self, method: str, path: str, role: str = "operator", **kwargs: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {KEYS[role]}", **kwargs.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **kwargs)

    async def ok(self, method: str, path: str, role: str = "operator", **kwargs: Any) -> dict[str, Any]:
        response = await self.call(method, path, role, **kwargs)
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def offer(self, **fields: Any) -> dict[str, Any]:
        body = {"seller_node_id": "clinic-1", "dataset_fingerprint": "sha256:a", "price_per_round": 2, **fields}
        return await self.ok("POST", "/offers", "provider", json=body)

    async def intent(self, **fields: Any) -> dict[str, Any]:
        body = {"model_owner_id": "lab", "task_type": "classification", "rounds": 2, **fields}
        return await self.ok("POST", "/round_intents", "model_owner", json=body)

    async def match(self, intent_id: str, **kwargs: Any) -> httpx.Response:
        return await self.call("POST", "/match", "model_owner", json={"round_intent_id": intent_id}, **kwargs)

    async def contract(self, **intent: Any) -> dict[str, Any]:
        """A fresh contract over two rounds at the price of one offer of 2 credits."""
        await self.offer()
        response = await self.match((await self.intent(**intent))["round_intent_id"])
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.json()
        return made

    async def say(self, *facts: Event, event_id: str | None = None) -> None:
        """Publishes facts as another service's relay does, in the given order."""
        for fact in facts:
            fact_id = event_id or str(uuid4())
            body = {
                "id": fact_id,
                "type": fact.SUBJECT,
                "time": datetime.now(UTC).isoformat(),
                "data": fact.model_dump(mode="json"),
            }
            await self.runtime.js.publish(fact.subject, json.dumps(body).encode(), headers={"Nats-Msg-Id": fact_id})

    async def steps(self, contract_id: str) -> list[str]:
        answer = await self.ok("GET", f"/contracts/{contract_id}/timeline")
        return [event["event"] for event in answer["events"]]

    async def reaches(self, contract_id: str, *steps: str) -> list[str]:
        """The timeline's events once all of `steps` are among them."""

        async def there() -> list[str]:
            found = await self.steps(contract_id)
            return found if set(steps) <= set(found) else []

        found: list[str] = await until(there)
        return found

    async def said(self, subject: str) -> list[dict[str, Any]]:
        """The data of every fact of a type that the marketplace said, in order."""
        rows = await self.pool.fetch("SELECT body FROM outbox WHERE body->>'type' = $1 ORDER BY position", subject)
        return [row["body"]["data"] for row in rows]

    def ask_instead(self, answer: Callable[[dict[str, Any]], Awaitable[httpx.Response]]) -> None:
        """Lets `answer` speak for the matching service."""

        async def handle(request: httpx.Request) -> httpx.Response:
            return await answer(json.loads(request.content))

        self._matching(httpx.MockTransport(handle))

    def _matching(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {KEYS['service']}"}
        http = httpx.AsyncClient(transport=transport, base_url="http://matching", headers=headers)
        assert self.runtime.relay is not None
        self.runtime.extra["matching"] = Matching(http, self.runtime.relay)
        return http


@pytest.fixture
async def market(service_dsn: Callable[[str], Awaitable[str]], nats_url: str, tmp_path: Path) -> AsyncIterator[Market]:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KEYS))
    dsn = SecretStr(await service_dsn("marketplace"))
    app = build(marketplace.SERVICE, MarketplaceSettings(nats_url=nats_url, keys_file=keys, database_url=dsn))
    ranking = build(matching.SERVICE, MatchingSettings(nats_url=nats_url, keys_file=keys))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        await stack.enter_async_context(ranking.router.lifespan_context(ranking))
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://marketplace")
        made = Market(app, await stack.enter_async_context(http))
        await stack.enter_async_context(made._matching(httpx.ASGITransport(ranking)))
        yield made
