"""What is around the escrow in a played world: the stream that carries facts both ways, and the ways in which a process dies."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from nats.js.errors import APIError

from services.escrow.settings import EscrowSettings
from shared.contracts.events import ContractCancelled, Event
from shared.kit import db, tracing
from shared.kit.messaging import Consumer, Relay
from tests.chaos import invariants
from tests.chaos.parts import Contract, Copy, Crash, Message, Violation


class Surroundings:
    """The stream, the neighbours and the crashes around one escrow. `pool` logs in as the escrow; `faults` can be switched off."""

    def __init__(self, seed: int, app: FastAPI, pool: db.Pool, settings: EscrowSettings) -> None:
        self.rng, self.seed = random.Random(seed), seed
        self.app, self.pool, self.settings = app, pool, settings
        self.faults = True
        self.pending: list[Copy] = []
        self.contracts: dict[str, Contract] = {}
        self.deposited: dict[str, int] = {}
        self.facts: dict[str, tuple[str, dict[str, Any]]] = {}
        self.withdrawals: dict[str, str] = {}
        self.handled: set[tuple[str, str]] = set()
        self.repeated: list[str] = []
        self.inbox = True
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
        for name, consumer in self.consumers.items():
            by_subject = consumer._by_subject
            consumer._by_subject = {
                subject: (event, self._mortal(name, handler)) for subject, (event, handler) in by_subject.items()
            }
            mortal = {many: self._mortal(name, many) for many in consumer.sub.many.values()}
            consumer.sub = replace(consumer.sub, many={event: mortal[many] for event, many in consumer.sub.many.items()})

    # --- faults -------------------------------------------------------------------------------------------------------
    def chance(self, share: float) -> bool:
        return self.faults and self.rng.random() < share

    def _mortal(self, consumer: str, handler: Callable[[Any, Any], Awaitable[None]]) -> Callable[[Any, Any], Awaitable[None]]:
        """The handler of a process that may die before the commit; remembers which facts it was given and came through with."""

        async def handle(conn: Any, what: Any) -> None:
            await handler(conn, what)
            if self.chance(0.15):
                raise Crash("before the commit")
            given = [str(h.envelope["id"]) for h in what] if isinstance(what, list) else [tracing.cause.get()]
            self.repeated += [event_id for event_id in given if (consumer, event_id) in self.handled]
            self.handled |= {(consumer, event_id) for event_id in given}

        return handle

    def _stream(self) -> Any:
        """NATS, as far as the relay looks at it: stores a fact, or a batch whole or not at all, and may die before the relay knows."""
        batches: dict[str, list[tuple[str, bytes, str]]] = {}

        async def publish(subject: str, payload: bytes, headers: Mapping[str, str]) -> Any:
            batch = batches.setdefault(headers["Nats-Batch-Id"], [])
            batch.append((subject, payload, headers["Nats-Msg-Id"]))
            if "Nats-Batch-Commit" not in headers:
                return None
            del batches[headers["Nats-Batch-Id"]]
            if self.chance(0.1):
                raise Crash("before the batch")
            if any(event_id in self.facts for _, _, event_id in batch):
                raise APIError(code=400, err_code=10201, description="atomic publish batch contains duplicate message id")
            for fact in batch:
                self._heard(*fact)
            if self.chance(0.05):
                raise Crash("after the batch")
            return SimpleNamespace(seq=len(self.facts))

        async def publish_async(subject: str, payload: bytes, headers: Mapping[str, str]) -> asyncio.Future[Any]:
            if self.chance(0.03):
                raise Crash("before the publish")
            self._heard(subject, payload, headers["Nats-Msg-Id"])
            if self.chance(0.05):
                raise Crash("after the publish")
            done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            done.set_result(SimpleNamespace(seq=len(self.facts)))
            return done

        context = SimpleNamespace(publish=publish, publish_async=publish_async)
        return SimpleNamespace(publish=publish, jetstream=lambda timeout: context)

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
                    invariants.check_payouts(contract, data, self.settings.fee_basis_points)
                contract.ended = True

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
