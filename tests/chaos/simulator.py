"""A seeded world around the real escrow: its routes, handlers, inbox, outbox and relay over a real Postgres, and everything else played.

The seed decides who does what next, which fact is delivered when, how often and in which order, and at which commit, publish or ack the
process dies. After every step the ledger must add up; when the faults stop, every contract must reach its end. The same seed
plays the same world: `python -m tests.chaos.simulator --first 4711 --seeds 1`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import structlog
from fastapi import FastAPI
from pydantic import SecretStr

from services.escrow import audit, disputes, service
from services.escrow.app import service_of
from services.escrow.settings import EscrowSettings
from shared.contracts.events import (
    BoundToRound,
    ContractCancelled,
    ContractCreated,
    ContractSeller,
    ContractTerms,
    Delivery,
    Event,
    RunFinished,
)
from shared.kit import db, idempotency
from shared.kit.auth import Keys, Role
from shared.kit.messaging import Consumer, Relay
from shared.kit.service import Runtime, build
from shared.kit.tokens import Verifier
from tests import backends
from tests.conftest import Databases

KEYS = {role: f"key-of-{role}-0123456789" for role in Role}
STEPS = 60
CREDIT = 1_000_000


class Crash(BaseException):
    """The process died here. Nothing catches it but the world."""


class Violation(Exception):
    """The world is not as it must be."""


@dataclass(eq=False)
class Copy:
    """One fact on its way to one consumer."""

    consumer: str
    subject: str
    data: bytes
    event_id: str
    delivered: int = 0


@dataclass
class Contract:
    """What the played services know of a contract."""

    terms: ContractTerms
    held: bool = False
    ended: bool = False
    resolutions: int = 0
    runs: dict[str, dict[str, int]] = field(default_factory=dict)
    active: str | None = None
    disputes: dict[str, str] = field(default_factory=dict)

    @property
    def disputed(self) -> bool:
        return any(status in {"open", "under_review"} for status in self.disputes.values())


class Message:
    """A delivery, as far as a consumer looks at it. `dies` makes the ack the last thing that never happened."""

    def __init__(self, copy: Copy, *, dies: bool) -> None:
        self.copy, self._dies = copy, dies
        self.subject, self.data, self.headers = copy.subject, copy.data, {"Nats-Msg-Id": copy.event_id}
        self.metadata = SimpleNamespace(num_delivered=copy.delivered)
        self.settled = False

    async def ack(self) -> None:
        if self._dies:
            raise Crash("before the ack")
        self.settled = True

    async def nak(self, delay: float = 0) -> None:
        pass

    async def term(self) -> None:
        raise Violation(f"{self.subject} was taken for noise")

    async def in_progress(self) -> None:
        pass


class World:
    """One seed's world. `pool` logs in as the escrow; `faults` can be switched off to let everything come to its end."""

    def __init__(self, seed: int, app: FastAPI, pool: db.Pool, settings: EscrowSettings) -> None:
        self.rng, self.seed = random.Random(seed), seed
        self.app, self.pool, self.settings = app, pool, settings
        self.faults = True
        self.pending: list[Copy] = []
        self.contracts: dict[str, Contract] = {}
        self.deposited: dict[str, int] = {}
        self.facts: dict[str, tuple[str, dict[str, Any]]] = {}
        self.withdrawals: dict[str, str] = {}
        self.crashes = self.redeliveries = self.steps = 0
        mark = f"{seed}-{uuid4().hex[:6]}"  # one database serves many seeds
        self.owners = [f"owner-{mark}-{n}" for n in range(3)]
        self.sellers = [f"seller-{mark}-{n}" for n in range(4)] + self.owners[:1]
        self.mark = mark
        self.relay = Relay(pool, self._stream(), service="escrow")
        self.consumers = {
            sub.consumer: Consumer(sub, pool, None, committed=lambda: None)  # type: ignore[arg-type]
            for sub in app.state.runtime.subscriptions
        }
        for consumer in self.consumers.values():
            by_subject = consumer._by_subject
            consumer._by_subject = {subject: (event, self._mortal(handler)) for subject, (event, handler) in by_subject.items()}
            consumer.sub = replace(consumer.sub, many={event: self._mortal(many) for event, many in consumer.sub.many.items()})

    # --- faults -------------------------------------------------------------------------------------------------------
    def chance(self, share: float) -> bool:
        return self.faults and self.rng.random() < share

    def _mortal(self, handler: Callable[[Any, Any], Awaitable[None]]) -> Callable[[Any, Any], Awaitable[None]]:
        async def handle(conn: Any, event: Any) -> None:
            await handler(conn, event)
            if self.chance(0.15):
                raise Crash("before the commit")

        return handle

    def _stream(self) -> Any:
        """JetStream, as far as the relay looks at it: stores a fact, and may die before the relay knows."""

        async def publish_async(subject: str, payload: bytes, headers: Mapping[str, str]) -> asyncio.Future[Any]:
            self._heard(subject, payload, headers["Nats-Msg-Id"])
            if self.chance(0.05):
                raise Crash("after the publish")
            done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            done.set_result(SimpleNamespace(seq=len(self.facts)))
            return done

        return SimpleNamespace(publish_async=publish_async)

    # --- facts --------------------------------------------------------------------------------------------------------
    def say(self, event: Event) -> None:
        """A neighbour's fact; now and then it is said twice, under another id."""
        consumer = "escrow-training" if event.SUBJECT.startswith("training.") else "escrow-contracts"
        for _ in range(2 if self.chance(0.1) else 1):
            event_id = str(uuid4())
            envelope = {
                "id": event_id,
                "type": event.SUBJECT,
                "time": datetime.now(UTC).isoformat(),
                "data": event.model_dump(mode="json"),
            }
            self.pending.append(Copy(consumer, event.subject, json.dumps(envelope).encode(), event_id))

    def _heard(self, subject: str, payload: bytes, event_id: str) -> None:
        """What the escrow said reaches the played services, each fact once."""
        if event_id in self.facts:
            return
        data = json.loads(payload)["data"]
        self.facts[event_id] = (subject, data)
        contract = self.contracts.get(str(data.get("contract_id")))
        if contract is None:
            return
        match subject:
            case "escrow.funds_held.v1":
                if contract.held or contract.ended:
                    raise Violation(f"{data['contract_id']} was held twice, or after its end")
                contract.held = True
            case "escrow.hold_refused.v1":
                contract.ended = True
                self.say(ContractCancelled(contract_id=data["contract_id"], round_intent_id="i", reason=data["code"]))
            case "escrow.funds_released.v1" | "escrow.funds_refunded.v1":
                contract.resolutions += 1
                if contract.resolutions > 1 or not contract.held:
                    raise Violation(f"{data['contract_id']} was resolved {contract.resolutions} times, held: {contract.held}")
                if subject == "escrow.funds_released.v1":
                    self._check_payouts(contract, data)
                contract.ended = True

    def _check_payouts(self, contract: Contract, data: Mapping[str, Any]) -> None:
        paid = sum(payout["amount"] for payout in data["payouts"]) + data["fee"] + data["returned"]
        if paid != contract.terms.escrow_total:
            raise Violation(f"{data['contract_id']} paid {paid} of {contract.terms.escrow_total}")
        if data["fee"] != (contract.terms.escrow_total - data["returned"]) * self.settings.fee_basis_points // 10_000:
            raise Violation(f"{data['contract_id']} paid a fee of {data['fee']}, {data['returned']} came back")
        if data["early"] or data["reason"].startswith("resolution"):
            return
        for seller, payout in zip(contract.terms.sellers, data["payouts"], strict=True):
            done = min(contract.terms.rounds, sum(run.get(seller.offer_id, 0) for run in contract.runs.values()))
            if payout["amount"] > seller.price_per_round * done:
                raise Violation(f"{seller.offer_id} was paid {payout['amount']} for {done} rounds of {seller.price_per_round}")

    # --- steps --------------------------------------------------------------------------------------------------------
    async def step(self) -> None:
        self.steps += 1
        actions: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (12, self.deliver),
            (6, self.publish),
            (4, self.make_contract),
            (4, self.train),
            (2, self.deposit),
            (3, self.resolve),
            (2, self.open_dispute),
            (3, self.move_dispute),
            (1, self.withdraw),
            (1, self.end_withdrawal),
            (1, self.let_time_pass),
        ]
        (act,) = self.rng.choices([act for _, act in actions], [weight for weight, _ in actions])
        try:
            await act()
        except Crash:
            self.crashes += 1
        await self.check()

    async def deliver(self) -> None:
        """Hands over any fact that waits, whatever was said before it, at times with others of its consumer.

        Now and then one that was settled comes again.
        """
        if not self.pending:
            return
        first = self.pending[self.rng.randrange(len(self.pending))]
        others = [copy for copy in self.pending if copy.consumer == first.consumer and copy is not first]
        copies = [first, *self.rng.sample(others, self.rng.randint(0, min(4, len(others))))]
        for copy in copies:
            self.pending.remove(copy)
            copy.delivered += 1
            self.redeliveries += copy.delivered > 1
        messages: list[Any] = [Message(copy, dies=self.chance(0.1)) for copy in copies]
        consumer = self.consumers[first.consumer]
        try:
            for run in consumer._runs(messages):
                await consumer.deliver_all(run)
        finally:
            self.pending += [message.copy for message in messages if not message.settled or self.chance(0.1)]

    async def publish(self) -> None:
        async with self.pool.acquire() as conn:
            await self.relay.publish_batch(conn)

    async def make_contract(self) -> None:
        sellers = [
            ContractSeller(
                offer_id=f"offer-{self.mark}-{len(self.contracts)}-{n}",
                offer_version=1,
                seller_node_id=seller,
                dataset_fingerprint="f",
                price_per_round=self.rng.choice([0, 1, 7, 333_333, self.rng.randint(0, CREDIT), self.rng.randint(0, 3 * CREDIT)]),
            )
            for n, seller in enumerate(self.rng.sample(self.sellers, self.rng.randint(1, 5)))
        ]
        rounds, price = self.rng.randint(1, 3), sum(seller.price_per_round for seller in sellers)
        contract_id = f"contract-{self.mark}-{len(self.contracts)}"
        terms = ContractTerms(
            contract_id=contract_id,
            round_intent_id="i",
            round_id="r",
            model_owner_id=self.rng.choice(self.owners),
            task_type="t",
            rounds=rounds,
            sellers=tuple(sellers),
            agreed_price_per_round_total=price,
            escrow_total=price * rounds,
            created_at=datetime.now(UTC),
            settlement=self.rng.choice([None, "manual", "auto"]),
        )
        self.contracts[contract_id] = Contract(terms)
        self.say(ContractCreated(contract_id=contract_id, terms=terms))

    def _any_contract(self, *, held: bool = False) -> tuple[str, Contract] | None:
        known = [(key, c) for key, c in self.contracts.items() if not held or c.held]
        return self.rng.choice(known) if known else None

    async def train(self) -> None:
        """A run begins, or the one that is active ends with whatever was delivered."""
        found = self._any_contract(held=True)
        if found is None:
            return
        contract_id, contract = found
        if contract.active is None:
            contract.active = f"run-{len(contract.runs)}"
            self.say(BoundToRound(contract_id=contract_id, run_id=contract.active, round_id="r", rounds=contract.terms.rounds))
            return
        run = {s.offer_id: self.rng.randint(0, contract.terms.rounds) for s in contract.terms.sellers}
        contract.runs[contract.active] = run
        self.say(
            RunFinished(
                contract_id=contract_id,
                run_id=contract.active,
                succeeded=True,
                rounds_completed=max(run.values()),
                deliveries=tuple(
                    Delivery(seller_node_id=s.seller_node_id, offer_id=s.offer_id, rounds_delivered=run[s.offer_id])
                    for s in contract.terms.sellers
                ),
            )
        )
        contract.active = None

    async def ask(self, role: Role, method: str, path: str, body: Mapping[str, Any], *, dies: bool = True) -> httpx.Response | None:
        """A call with a key of its own. The client does not know what happened when the process dies: it calls again."""
        key = uuid4().hex
        for _ in range(10):
            self.app.state.dies = dies and self.chance(0.1)
            headers = {"authorization": f"Bearer {KEYS[role]}", "idempotency-key": key}
            try:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://escrow") as client:
                    response = await client.request(method, path, json=dict(body), headers=headers)
            except Crash:
                self.crashes += 1
                continue
            finally:
                self.app.state.dies = False
            if response.status_code >= 500:
                raise Violation(f"{method} {path} {dict(body)}: {response.text}")
            if self.chance(0.1) and method == "POST":
                continue  # the answer was lost on its way
            return response
        return None

    async def deposit(self) -> None:
        owner, amount = self.rng.choice(self.owners), self.rng.randint(1, 30)
        response = await self.ask(Role.OPERATOR, "POST", "/escrow/deposits", {"participant": owner, "amount": amount})
        if response is not None:
            self.deposited[owner] = self.deposited.get(owner, 0) + amount * CREDIT

    async def resolve(self) -> None:
        found = self._any_contract()
        if found is None:
            return
        contract_id, contract = found
        role = self.rng.choice([Role.MODEL_OWNER, Role.PROVIDER, Role.OPERATOR])
        what = self.rng.choice(["release", "release", "refund"])
        response = await self.ask(role, "POST", f"/marketplace/escrow/{what}", {"contract_id": contract_id})
        if response is not None and response.status_code == 200 and contract.disputed:
            raise Violation(f"{what} of {contract_id} went through an open dispute")

    async def open_dispute(self) -> None:
        found = self._any_contract()
        if found is None:
            return
        contract_id, contract = found
        body = {"contract_id": contract_id, "reporter": "r", "reason": "why"}
        response = await self.ask(Role.PROVIDER, "POST", "/marketplace/disputes", body)
        if response is not None and response.status_code == 201:
            contract.disputes[response.json()["dispute_id"]] = "open"

    async def move_dispute(self) -> None:
        known = [(c, d) for c in self.contracts.values() for d, status in c.disputes.items() if status in {"open", "under_review"}]
        if not known:
            return
        contract, dispute_id = self.rng.choice(known)
        status = "under_review" if contract.disputes[dispute_id] == "open" else self.rng.choice(["resolved", "rejected"])
        body: dict[str, Any] = {"status": status}
        if status == "resolved" and self.rng.random() < 0.5:
            share = contract.terms.escrow_total // len(contract.terms.sellers)
            body["payouts"] = [{"offer_id": s.offer_id, "amount": share / CREDIT} for s in contract.terms.sellers]
        response = await self.ask(Role.OPERATOR, "PATCH", f"/marketplace/disputes/{dispute_id}", body)
        if response is not None and response.status_code == 200:
            contract.disputes[dispute_id] = status

    async def withdraw(self) -> None:
        body = {"participant": self.rng.choice([*self.owners, *self.sellers]), "amount": self.rng.randint(1, 3)}
        response = await self.ask(Role.PROVIDER, "POST", "/escrow/withdrawals", body)
        if response is not None and response.status_code == 201:
            self.withdrawals[response.json()["withdrawal_id"]] = "requested"

    async def end_withdrawal(self) -> None:
        if not self.withdrawals:
            return
        withdrawal_id = self.rng.choice(sorted(self.withdrawals, key=list(self.withdrawals).index))
        body = {"status": self.rng.choice(["confirmed", "rejected"])}
        await self.ask(Role.OPERATOR, "PATCH", f"/escrow/withdrawals/{withdrawal_id}", body)

    async def let_time_pass(self) -> None:
        """Now and then a hold runs out; whatever is due is done, by two replicas one after the other."""
        if (found := self._any_contract()) is not None and self.rng.random() < 0.5:
            await self.pool.execute("UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id = $1", found[0])
        await self.end_due()

    async def end_due(self) -> None:
        for _ in range(2):
            async with self.pool.acquire() as conn, conn.transaction():
                await service.end_due_holds(conn, fee_basis_points=self.settings.fee_basis_points)
                await disputes.tell_overdue(conn, after_s=self.settings.dispute_sla_s)
                if self.chance(0.2):
                    raise Crash("before the commit")

    # --- what must hold -----------------------------------------------------------------------------------------------
    async def check(self) -> None:
        sums = await self.pool.fetchrow(
            "SELECT (SELECT coalesce(sum(balance), 0) FROM account) AS imbalance,"
            " (SELECT coalesce(sum(balance), 0) FROM account WHERE account_id LIKE 'escrow:%') AS locked,"
            " (SELECT coalesce(sum(amount), 0) FROM hold WHERE state = 'held') AS held"
        )
        assert sums is not None
        if sums["imbalance"] or sums["locked"] != sums["held"]:
            raise Violation(f"the ledger does not add up: {dict(sums)}")

    async def finish(self) -> None:
        """The faults stop: everything said is heard, every dispute ends, every hold runs out."""
        self.faults = False
        for contract in self.contracts.values():
            for dispute_id, status in contract.disputes.items():
                for to in ("under_review", "rejected")[status == "under_review" :] if status in {"open", "under_review"} else ():
                    await self.ask(Role.OPERATOR, "PATCH", f"/marketplace/disputes/{dispute_id}", {"status": to})
        for _ in range(20):
            for _ in range(5 * len(self.pending)):
                await self.deliver()
            await self.publish()
            if not self.pending:
                break
        await self.pool.execute("UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id LIKE $1", f"%-{self.mark}-%")
        await self.end_due()
        await self.publish()
        await self.check()
        await self._check_end()

    async def _check_end(self) -> None:
        if self.pending:
            raise Violation(f"{len(self.pending)} facts are not settled: {self.pending[0].subject}")
        if await self.pool.fetchval("SELECT count(*) FROM dead_letter"):
            raise Violation(f"dead letters: {await self.pool.fetch('SELECT subject, reason FROM dead_letter')}")
        states = {
            row["contract_id"]: row["state"]
            for row in await self.pool.fetch("SELECT contract_id, state FROM hold WHERE contract_id LIKE $1", f"%-{self.mark}-%")
        }
        for contract_id, contract in self.contracts.items():
            state = states.get(contract_id)
            if state in {None, "held"}:
                raise Violation(f"{contract_id} came to no end: {state}")
            if (state == "refused") == contract.held or contract.resolutions != (state != "refused"):
                raise Violation(f"{contract_id} is {state}, and its neighbours were told otherwise: {contract}")
        outbox = {
            str(row["event_id"]): row["published_at"] for row in await self.pool.fetch("SELECT event_id, published_at FROM outbox")
        }
        if lost := [event_id for event_id in outbox if outbox[event_id] is None]:
            raise Violation(f"{len(lost)} facts were never published")
        if ghosts := [self.facts[event_id] for event_id in self.facts if event_id not in outbox]:
            raise Violation(f"said and never true: {ghosts[0]}")
        for owner in self.owners:
            row = await self.pool.fetchval(
                "SELECT coalesce(sum(e.amount), 0) FROM entry e JOIN transfer t USING (transfer_id)"
                " WHERE t.kind = 'deposit' AND e.account_id = $1",
                f"participant:{owner}",
            )
            if row != self.deposited.get(owner, 0):
                raise Violation(f"{owner} deposited {self.deposited.get(owner, 0)} and was credited {row}")
        async with self.pool.acquire() as conn:
            if found := await audit.findings(conn):
                raise Violation(f"audit: {found[0]}")


@dataclass
class Stage:
    """A database and the escrow's app on it, for as many seeds as are played there."""

    app: FastAPI
    pool: db.Pool
    settings: EscrowSettings

    async def play(self, seed: int, *, steps: int = STEPS) -> World:
        """One world from its first step to its end. Raises `Violation` with the seed."""
        world = World(seed, self.app, self.pool, self.settings)
        try:
            for _ in range(steps):
                await world.step()
            await world.finish()
        except Exception as error:
            raise Violation(f"seed {seed}, step {world.steps}: {error!r}") from error
        return world


async def open_stage(stack: AsyncExitStack, databases: Databases, *, before: str = "") -> Stage:
    """A fresh database (changed by the statements `before`, for mutants of the schema) and the app on it, without any network."""
    name = await databases.create(await databases.template("escrow"))
    stack.push_async_callback(databases.drop, name)
    pool = await db.open_pool(databases.dsn(name, "escrow"), service="escrow", size=4)
    stack.callback(pool.terminate)
    if before:
        await pool.execute(before)
    values = {"port": 1, "keys_file": "unused", "database_url": SecretStr("unused"), "fee_basis_points": 250, "dispute_window_s": 0}
    settings = EscrowSettings.model_validate(values)
    declared = service_of(settings)
    app = build(declared, settings)
    app.state.dies = False
    _let_die(stack, app)
    nowhere: Any = SimpleNamespace()  # there is no NATS: the world carries the facts
    app.state.runtime = Runtime(
        settings,
        Keys(KEYS),
        Verifier(None, "escrow"),
        nowhere,
        nowhere,
        pool=pool,
        turns=asyncio.Semaphore(2),
        subscriptions=declared.subscriptions,
    )
    return Stage(app, pool, settings)


def _let_die(stack: AsyncExitStack, app: FastAPI) -> None:
    """Lets a call die after its work and before its commit, when the world says so."""
    remember = idempotency.remember

    async def mortal(conn: Any, claim: Any, response: Any) -> None:
        await remember(conn, claim, response)
        if app.state.dies:
            raise Crash("before the commit")

    idempotency.remember = mortal
    stack.callback(setattr, idempotency, "remember", remember)


async def _main(first: int, seeds: int) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    server = backends.open_postgres()
    try:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, Databases(server))
            crashes = redeliveries = contracts = 0
            for seed in range(first, first + seeds):
                try:
                    world = await stage.play(seed)
                except Violation as error:
                    print(error)
                    print(f"again: python -m tests.chaos.simulator --first {seed} --seeds 1")
                    return 1
                crashes += world.crashes
                redeliveries += world.redeliveries
                contracts += len(world.contracts)
            print(
                f"{seeds} worlds, {contracts} contracts, {crashes} crashes, {redeliveries} redeliveries: every credit is where it should be"
            )
            return 0
    finally:
        server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.simulator", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    given = parser.parse_args()
    sys.exit(asyncio.run(_main(given.first, given.seeds)))
