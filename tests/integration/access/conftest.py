"""Every service in this process on one Postgres and one NATS, asked directly with tokens that a test signs as the gateway does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from limits import parse
from pydantic import SecretStr

from deploy import token_keys
from services.escrow.app import service_of as escrow_of
from services.escrow.settings import EscrowSettings
from services.gateway import app as gateway
from services.gateway.settings import GatewaySettings
from services.marketplace import app as marketplace
from services.marketplace.matching import Matching
from services.marketplace.settings import MarketplaceSettings
from services.matching import app as matching
from services.matching.settings import MatchingSettings
from services.training_coordinator.app import service_of as coordinator_of
from services.training_coordinator.settings import CoordinatorSettings
from shared.kit.auth import Principal, Role
from shared.kit.service import build
from shared.kit.tokens import Signer
from tests.backends import Backend
from tests.conftest import Databases, _forget_streams
from tests.integration.coordinator.conftest import FakeLink

KEYS = {str(role): f"key-of-{role}-0123456789" for role in Role}


@dataclass
class Everything:
    """The apps by name, and who may be sent to them."""

    apps: dict[str, FastAPI]
    signer: Signer
    link: FakeLink
    folder: Path  # where the signing keys lie

    async def ask(
        self, service: str, who: Principal | str | None, method: str, path: str, body: Any = None, **more: Any
    ) -> httpx.Response:
        """As a principal (with the gateway's token, or at the gateway with the role's key), with some text for a key, or without."""
        if isinstance(who, Principal):
            who = KEYS[who.role] if service == "gateway" else self.signer.token(service, who)
        headers = {} if who is None else {"authorization": f"Bearer {who}"}
        transport = httpx.ASGITransport(self.apps[service], raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{service}", headers=headers, timeout=30) as http:
            return await http.request(method, path, json=body if method != "GET" else None, **more)

    async def ok(self, service: str, who: Principal, method: str, path: str, body: Any = None) -> Any:
        answer = await self.ask(service, who, method, path, body)
        assert answer.is_success, answer.text
        return answer.json()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everything(
    databases: Databases, nats_server: Backend, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Everything]:
    await _forget_streams(nats_server.url)
    folder = tmp_path_factory.mktemp("access")
    keys, signing, public = folder / "keys.json", folder / "signing.pem", folder / "public.json"
    keys.write_text(json.dumps(KEYS))
    token_keys.ensure(signing, [public])
    token_keys.ensure(folder / "grants.pem", [])
    token_keys.ensure(folder / "evidence.pem", [folder / "evidence_keys.json"], kept=None)
    names = {name: await databases.create(await databases.template(name)) for name in _OWNERS}
    shared: dict[str, Any] = {"nats_url": nats_server.url, "keys_file": keys, "token_keys_file": public}
    dsn: dict[str, dict[str, Any]] = {name: {"database_url": SecretStr(databases.dsn(made, name))} for name, made in names.items()}
    link = FakeLink()
    money = EscrowSettings(**shared, **dsn["escrow"], starter_credit=100)
    (folder / "ca").write_text("a certificate")
    training: dict[str, Any] = {
        "superlink_ca": folder / "ca",
        "model_dir": folder / "models",
        "grant_signing_key_file": folder / "grants.pem",
    }
    apps = {
        "marketplace": build(marketplace.SERVICE, MarketplaceSettings(**shared, **dsn["marketplace"])),
        "matching": build(matching.SERVICE, MatchingSettings(**shared)),
        "escrow": build(escrow_of(money), money),
        "training_coordinator": build(
            coordinator_of(link.open), CoordinatorSettings(**shared, **dsn["training_coordinator"], **training)
        ),
        "gateway": build(
            gateway.SERVICE,
            GatewaySettings(
                **{**shared, "token_keys_file": None},
                **dsn["gateway"],
                token_signing_key_file=signing,
                evidence_signing_key_file=folder / "evidence.pem",
                evidence_keys_file=folder / "evidence_keys.json",
                dashboard_dir=folder / "none",
                rate_limit=parse("100000/second"),
            ),
        ),
    }
    async with AsyncExitStack() as stack:
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))
        runtime = apps["marketplace"].state.runtime
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(apps["matching"]),
            base_url="http://matching",
            headers={"authorization": f"Bearer {KEYS['service']}"},
        )
        runtime.extra["matching"] = Matching(await stack.enter_async_context(http), runtime.relay)
        yield Everything(apps, Signer(signing), link, folder)
    for name in names.values():
        await databases.drop(name)
    await _forget_streams(nats_server.url)


_OWNERS = ("gateway", "marketplace", "escrow", "training_coordinator")
