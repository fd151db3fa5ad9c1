"""The gateway on a real port, with the marketplace, matching and the escrow behind it in this process. There is no coordinator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from limits import parse
from pydantic import SecretStr

from deploy import token_keys
from services.escrow.app import service_of
from services.escrow.settings import EscrowSettings
from services.gateway import app as gateway
from services.gateway.domain import Upstream
from services.gateway.settings import GatewaySettings
from services.marketplace import app as marketplace
from services.marketplace.matching import Matching
from services.marketplace.settings import MarketplaceSettings
from services.matching import app as matching
from services.matching.settings import MatchingSettings
from shared.kit.auth import Role
from shared.kit.service import build, server

KEYS = {str(role): f"key-of-{role}-0123456789" for role in Role}


def code(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return str(response.json()["code"])


async def down(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


@dataclass
class Exchange:
    """The exchange as a client sees it, and a switch for each service behind it."""

    app: FastAPI
    url: str
    http: httpx.AsyncClient
    services: dict[Upstream, FastAPI]
    dsns: dict[str, str]

    async def call(self, method: str, path: str, role: str = "operator", **kwargs: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {KEYS[role]}", **kwargs.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **kwargs)

    async def ok(self, method: str, path: str, role: str = "operator", **kwargs: Any) -> dict[str, Any]:
        response = await self.call(method, path, role, **kwargs)
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def match(self, *, owner: str = "lab", price: float = 2, **kwargs: Any) -> httpx.Response:
        """A match of a new intent of two rounds with one new offer."""
        offer = {"seller_node_id": "clinic-1", "dataset_fingerprint": "f", "price_per_round": price, "modality": owner}
        await self.ok("POST", "/marketplace/offers", "provider", json=offer)
        wanted = {"model_owner_id": owner, "task_type": "t", "rounds": 2, "required_modalities": [owner]}
        intent = await self.ok("POST", "/marketplace/round_intents", "model_owner", json=wanted)
        body = {"round_intent_id": intent["round_intent_id"], "max_offers": 1}
        return await self.call("POST", "/marketplace/match", "model_owner", json=body, **kwargs)

    async def deposit(self, owner: str, amount: float) -> None:
        await self.ok("POST", "/escrow/deposits", json={"participant": owner, "amount": amount})

    def limit_to(self, allowance: str) -> None:
        runtime = self.app.state.runtime
        runtime.settings = runtime.settings.model_copy(update={"rate_limit": parse(allowance)})

    def switch(self, service: Upstream, *, on: bool) -> None:
        """Lets the gateway reach a service, or not."""
        app = self.services.get(service)
        transport = httpx.ASGITransport(app) if on and app is not None else httpx.MockTransport(down)
        self.app.state.runtime.extra["upstreams"]._clients[service]._transport = transport


async def until(condition: Callable[[], Awaitable[Any]], timeout_s: float = 20) -> Any:
    """The condition's first true value; fails when there is none in time."""
    async with asyncio.timeout(timeout_s):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(0.02)


async def _started(server: uvicorn.Server) -> bool:
    return server.started


async def serve(server: uvicorn.Server, stack: AsyncExitStack) -> None:
    serving = asyncio.create_task(server.serve())

    async def end() -> None:
        server.should_exit = True
        await serving

    stack.push_async_callback(end)
    await until(lambda: _started(server))


@pytest.fixture
async def exchange(
    service_dsn: Callable[[str], Awaitable[str]], nats_url: str, free_port: int, tmp_path: Path
) -> AsyncIterator[Exchange]:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KEYS))
    signing, public = tmp_path / "signing.pem", tmp_path / "public.json"
    token_keys.ensure(signing, [public])
    shared: dict[str, Any] = {"nats_url": nats_url, "keys_file": keys, "token_keys_file": public}
    dsns: dict[str, str] = {name: await service_dsn(name) for name in (Upstream.MARKETPLACE, Upstream.ESCROW, "gateway")}
    money = EscrowSettings(**shared, database_url=SecretStr(dsns[Upstream.ESCROW]))
    services = {
        Upstream.MARKETPLACE: build(
            marketplace.SERVICE, MarketplaceSettings(**shared, database_url=SecretStr(dsns[Upstream.MARKETPLACE]))
        ),
        Upstream.MATCHING: build(matching.SERVICE, MatchingSettings(**shared)),
        Upstream.ESCROW: build(service_of(money), money),
    }
    settings = GatewaySettings(
        nats_url=nats_url,
        keys_file=keys,
        database_url=SecretStr(dsns["gateway"]),
        token_signing_key_file=signing,
        port=free_port,
        settle_timeout_s=5,
        dashboard_dir=tmp_path / "none",
    )
    app = build(gateway.SERVICE, settings)
    async with AsyncExitStack() as stack:
        for behind in services.values():
            await stack.enter_async_context(behind.router.lifespan_context(behind))
        ask = httpx.AsyncClient(
            transport=httpx.ASGITransport(services[Upstream.MATCHING]),
            base_url="http://matching",
            headers={"authorization": f"Bearer {KEYS['service']}"},
        )
        runtime = services[Upstream.MARKETPLACE].state.runtime
        runtime.extra["matching"] = Matching(await stack.enter_async_context(ask), runtime.relay)
        await serve(server(app, settings), stack)
        url = f"http://127.0.0.1:{free_port}"
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30, trust_env=False))
        made = Exchange(app, url, http, services, dsns)
        for service in Upstream:
            made.switch(service, on=True)
        yield made
