"""The training coordinator over a real Postgres and NATS, with a federated-learning engine that lives in the test."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.training_coordinator.app import service_of
from services.training_coordinator.link import EngineUnavailable, Link, NodeState, RunStatus
from services.training_coordinator.settings import CoordinatorSettings
from shared.contracts.events import ContractSeller, ContractTerms, Event, FundsHeld, TrainingTerms
from shared.kit import db
from shared.kit.auth import Role
from shared.kit.messaging import enqueue
from shared.kit.service import build
from tests.conftest import SchemaPool, ServiceDsn
from tests.integration.kit.conftest import until

KEYS = {str(role): f"key-of-{role}-0123456789" for role in Role}
SELLERS = ("clinic-a", "clinic-b")


class FakeLink:
    """An engine whose runs do only what the test says. `away` makes it answer nobody."""

    def __init__(self) -> None:
        self.away = False
        self.takes_no_run = False
        self.asked: list[str] = []
        """The runs whose status somebody wanted to know."""
        self.online: dict[str, NodeState] = {}
        self.keys: dict[str, str] = {}
        self.started: list[dict[str, Any]] = []
        self.statuses: dict[str, RunStatus] = {}
        self.stopped: list[str] = []

    @contextlib.asynccontextmanager
    async def open(self, _: CoordinatorSettings) -> AsyncIterator[Link]:
        yield self

    @property
    def bundle_sha256(self) -> str:
        return "b" * 64

    def connect(self, node_id: str) -> None:
        self.online[node_id] = NodeState(node_id, node_id, True)

    async def check(self) -> None:
        if self.away:
            raise EngineUnavailable("away")

    async def start_run(self, config: dict[str, str | int | float | bool]) -> str:
        await self.check()
        if self.takes_no_run:
            raise EngineUnavailable("takes no run")
        self.started.append(dict(config))
        engine_run_id = f"flower-{len(self.started)}"
        self.statuses[engine_run_id] = RunStatus("running")
        return engine_run_id

    async def run_status(self, engine_run_id: str) -> RunStatus:
        self.asked.append(engine_run_id)
        await self.check()
        return self.statuses.get(engine_run_id, RunStatus("unknown"))

    async def stop_run(self, engine_run_id: str) -> None:
        await self.check()
        self.stopped.append(engine_run_id)

    async def nodes(self) -> list[NodeState]:
        await self.check()
        return list(self.online.values())

    async def register_node(self, public_key: str, name: str) -> str:
        await self.check()
        if not public_key.startswith("ecdsa-sha2-nistp384 "):
            raise ValueError("no P-384 key")
        return self.keys.setdefault(public_key, str(2**63 + 1000 + len(self.keys)))


class ServerApp:
    """The ServerApp's side of a run, with the token that the engine was given."""

    def __init__(self, http: httpx.AsyncClient, config: dict[str, Any]) -> None:
        self._http, self.run_id = http, config["run-id"]
        self._headers = {"authorization": f"Bearer {config['run-token']}"}

    async def say(self, what: str, body: dict[str, Any]) -> httpx.Response:
        return await self.post(what, json=body)

    async def post(self, what: str, **request: Any) -> httpx.Response:
        return await self._http.post(f"/training/runs/{self.run_id}/{what}", headers=self._headers, **request)

    async def get(self, what: str) -> httpx.Response:
        return await self._http.get(f"/training/runs/{self.run_id}/{what}", headers=self._headers)

    async def claim(self, flower_run_id: str = "flower-1") -> httpx.Response:
        return await self.say("claim", {"flower_run_id": flower_run_id})

    async def round(self, number: int, *, accuracy: float | None = 0.5, delivered: Sequence[str] = SELLERS) -> httpx.Response:
        providers = [
            {
                "node_id": f"node-{seller}",
                "seller_node_id": seller,
                "offer_id": f"offer-{seller}",
                "ok": seller in delivered,
                "num_examples": 10 if seller in delivered else None,
                "contribution": 0.25 if seller in delivered else None,
                "leave_one_out": -0.125 if seller in delivered else None,
                "error_code": None if seller in delivered else "round_deadline_passed",
            }
            for seller in SELLERS
        ]
        report = {
            "round": number,
            "accuracy": accuracy,
            "loss": 1.0,
            "seconds": 1.5,
            "providers": providers if number else [],
            "contribution_method": "gtg_shapley" if number else None,
        }
        return await self.say("rounds", report)

    async def model(self, body: bytes) -> httpx.Response:
        return await self._http.put(f"/training/runs/{self.run_id}/model", content=body, headers=self._headers)

    async def finish(self, *, succeeded: bool = True, reason: str = "", rounds: int = 3) -> httpx.Response:
        return await self.say("finish", {"succeeded": succeeded, "reason": reason, "rounds_completed": rounds})


@dataclass
class Coordinator:
    """A running coordinator and everything around it."""

    app: FastAPI
    http: httpx.AsyncClient
    link: FakeLink
    pool: db.Pool
    contracts: int = 0

    async def call(self, method: str, path: str, *, role: str = "operator", **request: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {KEYS[role]}", **request.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **request)

    async def get(self, path: str) -> Any:
        answer = await self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def hear(self, *events: Event) -> None:
        """Says facts of other services over the real stream."""
        async with self.pool.acquire() as conn, conn.transaction():
            for event in events:
                await enqueue(conn, event)
        self.app.state.runtime.committed()

    async def node(self, seller: str, *, online: bool = True, **changes: Any) -> str:
        """A registered node of a seller, with the data of its offer."""
        body = {
            "name": f"node of {seller}",
            "seller_node_id": seller,
            "public_key": f"ecdsa-sha2-nistp384 {seller}",
            "dataset_fingerprint": f"data-{seller}",
            "sample_count": 100,
            **changes,
        }
        answer = await self.call("POST", "/training/nodes", role="provider", json=body)
        assert answer.status_code == 201, answer.text
        node_id: str = answer.json()["node_id"]
        if online:
            self.link.connect(node_id)
        return node_id

    async def fund(self, *, sellers: Sequence[str] = SELLERS, rounds: int = 3, training: TrainingTerms | None = None) -> str:
        """A contract whose money is locked, heard of by the coordinator."""
        self.contracts += 1
        held = funds_held(f"contract-{self.contracts}", sellers=sellers, rounds=rounds, training=training)
        await self.hear(held)
        await self.contract_is(held.contract_id, "ready")
        return held.contract_id

    async def contract_is(self, contract_id: str, state: str) -> None:
        """Waits until it is."""

        async def reached() -> bool:
            return bool(await self.contract_state(contract_id) == state)

        await until(reached)

    async def contract_state(self, contract_id: str) -> str | None:
        """What a trigger would say of it: its state, or disputed."""
        row = await self.pool.fetchrow("SELECT state, open_disputes FROM funded_contract WHERE contract_id = $1", contract_id)
        if row is None:
            return None
        return "disputed" if row["open_disputes"] else str(row["state"])

    async def disputes_are(self, contract_id: str, count: int) -> None:
        """Waits until that many are known."""

        async def reached() -> bool:
            query = "SELECT open_disputes FROM funded_contract WHERE contract_id = $1"
            return bool(await self.pool.fetchval(query, contract_id) == count)

        await until(reached)

    async def trigger(self, **body: Any) -> httpx.Response:
        return await self.call("POST", "/trigger_fl", role="model_owner", json=body)

    async def bound(self, **changes: Any) -> ServerApp:
        """A funded contract with two nodes, bound to a run that was handed to the engine: its ServerApp, before the claim."""
        for seller in SELLERS:
            await self.node(seller)
        contract_id = await self.fund(**changes)
        return await self.start(contract_id)

    async def start(self, contract_id: str) -> ServerApp:
        answer = await self.trigger(contract_id=contract_id)
        assert answer.status_code == 202, answer.text
        run_id = answer.json()["run_id"]

        async def handed() -> Any:
            return next((config for config in self.link.started if config["run-id"] == run_id), None)

        server_app = ServerApp(self.http, await until(handed))
        await self.run_is(run_id, "starting")
        return server_app

    async def running(self, **changes: Any) -> ServerApp:
        """The same, claimed."""
        server_app = await self.bound(**changes)
        assert (await server_app.claim()).status_code == 200
        return server_app

    async def run_is(self, run_id: str, *states: str) -> Any:
        """Waits until the run is in one of these states; returns the run."""

        async def reached() -> Any:
            run = await self.get(f"/training/runs/{run_id}")
            return run if run["state"] in states else None

        return await until(reached)

    async def said(self, *kinds: str) -> list[dict[str, Any]]:
        """What the coordinator said, in order: `{"type": …, **data}`; of these kinds only where some are given."""
        rows = await self.pool.fetch("SELECT body FROM outbox WHERE subject LIKE 'training.%' ORDER BY position")
        found = [{"type": row["body"]["type"].split(".")[1], **row["body"]["data"]} for row in rows]
        return [fact for fact in found if not kinds or fact["type"] in kinds]


def funds_held(
    contract_id: str,
    *,
    sellers: Sequence[str] = SELLERS,
    rounds: int = 3,
    price: int = 2_000_000,
    training: TrainingTerms | None = None,
) -> FundsHeld:
    terms = ContractTerms(
        contract_id=contract_id,
        round_intent_id="intent-1",
        round_id=f"round of {contract_id}",
        model_owner_id="lab",
        task_type="classification",
        rounds=rounds,
        sellers=tuple(
            ContractSeller(
                offer_id=f"offer-{seller}",
                offer_version=1,
                seller_node_id=seller,
                dataset_fingerprint=f"data-{seller}",
                price_per_round=price,
            )
            for seller in sellers
        ),
        agreed_price_per_round_total=price * len(sellers),
        escrow_total=price * len(sellers) * rounds,
        created_at=datetime.now(UTC),
        training=training,
    )
    return FundsHeld(contract_id=contract_id, hold_id=f"hold of {contract_id}", amount=terms.escrow_total, terms=terms)


def refused(answer: httpx.Response, status: int, code: str) -> Any:
    """The details of a refusal that is the expected one."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["details"]


def npz(**arrays: Any) -> bytes:
    archive = io.BytesIO()
    np.savez(archive, **(arrays or {"weights": np.ones((2, 2))}))
    return archive.getvalue()


Launch = Callable[..., contextlib.AbstractAsyncContextManager[Coordinator]]


@pytest.fixture
async def launch(service_dsn: ServiceDsn, schema_pool: SchemaPool, nats_url: str, tmp_path: Path) -> Launch:
    """`async with launch(link, sandbox=True) as coordinator`: starts one; a second one finds the state of the first."""
    keys = tmp_path / "keys.json"
    await asyncio.to_thread(keys.write_text, json.dumps(KEYS))
    dsn, pool = await service_dsn("training_coordinator"), await schema_pool("training_coordinator")

    @contextlib.asynccontextmanager
    async def started(link: FakeLink | None = None, **settings: Any) -> AsyncIterator[Coordinator]:
        link = link or FakeLink()
        chosen = CoordinatorSettings(
            **{
                "port": 1,
                "nats_url": nats_url,
                "keys_file": keys,
                "database_url": SecretStr(dsn),
                "superlink_ca": tmp_path / "ca.crt",
                "model_dir": tmp_path / "models",
                "finish_grace_s": 0.2,
                **settings,
            }
        )
        app = build(service_of(link.open), chosen)
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://coordinator")
        async with app.router.lifespan_context(app), http:
            yield Coordinator(app, http, link, pool)

    return started


@pytest.fixture
async def coordinator(launch: Launch) -> AsyncIterator[Coordinator]:
    async with launch() as started:
        yield started
