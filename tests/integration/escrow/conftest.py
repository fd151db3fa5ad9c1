"""The escrow as it runs: its own app over a real Postgres and a real NATS, heard and spoken to as its neighbours do.

One app serves the tests of a module, each with contracts and participants of its own. A module says by `SETTINGS` what its
escrow is set to beyond the defaults.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg
from pydantic import SecretStr

from services.escrow import batches
from services.escrow.app import service_of
from services.escrow.settings import EscrowSettings
from shared.contracts.events import ContractCreated, ContractSeller, ContractTerms, Delivery, Event, FundsHeld, RunFinished
from shared.contracts.values import new_id
from shared.kit import db
from shared.kit.auth import Role
from shared.kit.messaging import Heard
from shared.kit.service import build, connect_nats
from tests.backends import Backend
from tests.conftest import Databases, _forget_streams

KEYS = {str(role): f"key-of-{role}-0123456789" for role in Role}
CREDIT = 1_000_000
E = TypeVar("E", bound=Event)


def terms(
    buyer: str, prices: Mapping[str, int] | None = None, *, rounds: int = 2, settlement: Literal["manual", "auto"] | None = None
) -> ContractTerms:
    """What was agreed: `prices` are micro-credits per round by seller."""
    prices = prices or {"seller-a": 3 * CREDIT, "seller-b": 2 * CREDIT}
    per_round = sum(prices.values())
    return ContractTerms(
        contract_id=new_id("contract"),
        round_intent_id=new_id("intent"),
        round_id="round-1",
        model_owner_id=buyer,
        task_type="classification",
        rounds=rounds,
        sellers=tuple(
            ContractSeller(
                offer_id=f"offer-of-{seller}",
                offer_version=1,
                seller_node_id=seller,
                dataset_fingerprint="f",
                price_per_round=price,
            )
            for seller, price in prices.items()
        ),
        agreed_price_per_round_total=per_round,
        escrow_total=per_round * rounds,
        created_at=datetime.now(UTC),
        settlement=settlement,
    )


def run_finished(
    contract: ContractTerms, delivered: Mapping[str, int], *, run_id: str | None = None, worth: Mapping[str, float] | None = None
) -> RunFinished:
    """A run's end, with the rounds that each seller delivered and what its updates were `worth`, where that was measured."""
    return RunFinished(
        contract_id=contract.contract_id,
        run_id=run_id or new_id("run"),
        succeeded=True,
        rounds_completed=max(delivered.values(), default=0),
        deliveries=tuple(
            Delivery(
                seller_node_id=seller,
                offer_id=f"offer-of-{seller}",
                rounds_delivered=rounds,
                contribution=(worth or {}).get(seller),
            )
            for seller, rounds in delivered.items()
        ),
    )


async def until(condition: Callable[[], Awaitable[Any]], timeout_s: float = 30) -> Any:
    """The condition's first true value; fails when there is none in time."""
    async with asyncio.timeout(timeout_s):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(0.02)


def code(response: httpx.Response) -> str:
    """The refusal's code, from a well-formed problem document."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert body["status"] == response.status_code
    assert body["type"] == f"/errors/{body['code']}"
    return str(body["code"])


@dataclass
class Escrow:
    """A running escrow with everything around it that a test looks at."""

    app: FastAPI
    pool: db.Pool
    nc: Nats
    dsn: str
    admin_dsn: str
    facts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def as_(self, role: Role) -> httpx.AsyncClient:
        """A client with the role's key. Needs no closing: it speaks to the app in this process."""
        headers = {"authorization": f"Bearer {KEYS[role]}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://escrow", headers=headers)

    # --- what neighbours do
    async def hear(self, event: Event, *, event_id: str | None = None) -> str:
        """Publishes a fact as its owner's relay would."""
        event_id = event_id or str(uuid4())
        envelope = {
            "specversion": "1.0",
            "id": event_id,
            "source": "/test",
            "type": event.SUBJECT,
            "subject": event.about,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "datacontenttype": "application/json",
            "data": event.model_dump(mode="json"),
        }
        await self.nc.jetstream().publish(event.subject, json.dumps(envelope).encode(), headers={"Nats-Msg-Id": event_id})
        return event_id

    async def handled(self, event_id: str) -> None:
        """Waits until a fact had its effect."""
        await until(lambda: self.pool.fetchval("SELECT true FROM inbox WHERE event_id = $1", event_id))

    def said(self, kind: type[E], contract_id: str) -> list[E]:
        """What the escrow has said of this kind about a contract so far."""
        return [
            kind.model_validate(data)
            for subject, data in self.facts
            if subject == kind.SUBJECT and data["contract_id"] == contract_id
        ]

    async def says(self, kind: type[E], contract_id: str) -> E:
        """Waits for a fact of this kind."""

        async def found() -> list[E]:
            return self.said(kind, contract_id)

        facts: list[E] = await until(found)
        return facts[0]

    # --- shorthand
    async def deposit(self, participant: str, amount: float) -> None:
        response = await self.as_(Role.OPERATOR).post("/escrow/deposits", json={"participant": participant, "amount": amount})
        assert response.status_code == 201, response.text

    async def held(self, contract: ContractTerms) -> ContractTerms:
        """A buyer with exactly the money, and the hold."""
        if contract.escrow_total:
            await self.deposit(contract.model_owner_id, contract.escrow_total / CREDIT)
        await self.hear(ContractCreated(contract_id=contract.contract_id, terms=contract))
        await self.says(FundsHeld, contract.contract_id)
        return contract

    async def trained(self, contract: ContractTerms, delivered: Mapping[str, int], **more: Any) -> None:
        await self.handled(await self.hear(run_finished(contract, delivered, **more)))

    async def balance(self, account_id: str) -> int:
        return int(await self.pool.fetchval("SELECT coalesce(sum(balance), 0) FROM account WHERE account_id = $1", account_id))

    async def release(self, contract_id: str, role: Role = Role.MODEL_OWNER) -> httpx.Response:
        return await self.as_(role).post("/marketplace/escrow/release", json={"contract_id": contract_id})

    async def refund(self, contract_id: str, role: Role = Role.MODEL_OWNER) -> httpx.Response:
        return await self.as_(role).post("/marketplace/escrow/refund", json={"contract_id": contract_id})

    async def dispute(self, contract_id: str) -> str:
        body = {"contract_id": contract_id, "reporter": "buyer", "reason": "labels are wrong"}
        response = await self.as_(Role.MODEL_OWNER).post("/marketplace/disputes", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["dispute_id"])

    async def move(self, dispute_id: str, status: str, **more: Any) -> httpx.Response:
        body = {"status": status, **more}
        return await self.as_(Role.OPERATOR).patch(f"/marketplace/disputes/{dispute_id}", json=body)

    async def withdraw(self, participant: str, amount: float) -> str:
        body = {"participant": participant, "amount": amount}
        response = await self.as_(Role.PROVIDER).post("/escrow/withdrawals", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["withdrawal_id"])

    async def end_withdrawal(self, withdrawal_id: str, status: str) -> httpx.Response:
        return await self.as_(Role.OPERATOR).patch(f"/escrow/withdrawals/{withdrawal_id}", json={"status": status})


async def hold(conn: db.Connection, *contracts: ContractTerms, starter_credit: int = 0) -> None:
    """Below the inbox: the service itself is told of contracts."""
    heard = [Heard(ContractCreated(contract_id=c.contract_id, terms=c), {"id": "test"}) for c in contracts]
    await batches.hold_funds(conn, heard, starter_credit=starter_credit, ttl_s=60)


async def busy_ledger(escrow: Escrow) -> None:
    """A contract in every state, starter credit, and withdrawals in every status."""
    states = [await escrow.held(terms(new_id("owner"), {new_id("s"): 3 * CREDIT, new_id("s"): 1})) for _ in range(4)]
    await escrow.release(states[0].contract_id)
    await escrow.trained(states[1], {states[1].sellers[0].seller_node_id: 1})
    await escrow.release(states[1].contract_id)
    await escrow.refund(states[2].contract_id)
    split = await escrow.held(terms(new_id("owner"), {new_id("s"): 3 * CREDIT, new_id("s"): CREDIT}))
    dispute_id = await escrow.dispute(split.contract_id)
    await escrow.move(dispute_id, "under_review")
    await escrow.move(dispute_id, "resolved", payouts=[{"offer_id": split.sellers[1].offer_id, "amount": 1.234567}])
    saver = new_id("saver")
    await escrow.deposit(saver, 9)
    wishes = [await escrow.withdraw(saver, 2) for _ in range(3)]
    await escrow.end_withdrawal(wishes[0], "confirmed")
    await escrow.end_withdrawal(wishes[1], "rejected")
    async with escrow.pool.acquire() as conn, conn.transaction():
        await hold(conn, terms(new_id("poor")), starter_credit=CREDIT)
        await hold(conn, terms(new_id("rich")), terms(new_id("rich")), starter_credit=100 * CREDIT)
        await hold(conn, terms(new_id("free"), {"s": 0}))


@pytest.fixture
def buyer() -> str:
    """A model owner of this test's own."""
    return new_id("owner")


def _keys_file(folder: Path) -> Path:
    path = folder / "keys.json"
    path.write_text(json.dumps(KEYS))
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def escrow(
    request: pytest.FixtureRequest, databases: Databases, nats_server: Backend, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Escrow]:
    await _forget_streams(nats_server.url)
    name = await databases.create(await databases.template("escrow"))
    keys = _keys_file(tmp_path_factory.mktemp("escrow"))
    settings = EscrowSettings(
        port=1,
        nats_url=nats_server.url,
        keys_file=keys,
        database_url=SecretStr(databases.dsn(name, "escrow")),
        **getattr(request.module, "SETTINGS", {}),
    )
    app = build(service_of(settings), settings)
    async with app.router.lifespan_context(app):
        nc = await connect_nats(nats_server.url, "escrow-test")
        pool = await db.open_pool(databases.dsn(name, "escrow"), service="escrow")
        made = Escrow(app, pool, nc, databases.dsn(name, "escrow"), databases.dsn(name))

        async def note(message: Msg) -> None:
            made.facts.append((message.subject, json.loads(message.data)["data"]))

        await nc.jetstream().subscribe("escrow.>", ordered_consumer=True, cb=note)
        yield made
        await nc.close()
        pool.terminate()
    await databases.drop(name)
    await _forget_streams(nats_server.url)
