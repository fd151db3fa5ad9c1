"""Neighbours of one type may be handled together; for each fact it is as if it had come alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.contracts.events import ContractCancelled, FundsDeposited, IntentChanged
from shared.kit.messaging import Heard, Subscription, enqueue, enqueue_many
from tests.integration.kit.conftest import Rig, deposit, until


async def say(rig: Rig, *amounts: int) -> None:
    async with rig.pool.acquire() as conn, conn.transaction():
        for amount in amounts:
            await enqueue(conn, deposit(amount))
    async with rig.pool.acquire() as conn:
        await rig.relay().publish_batch(conn)


async def effects(rig: Rig) -> list[int]:
    return [row["n"] for row in await rig.pool.fetch("SELECT n FROM effect ORDER BY n")]


class Listener:
    """Handlers that write what they hear, and remember in which company it came."""

    def __init__(self, *, refused: int | None = None) -> None:
        self.together: list[list[int]] = []
        self.alone: list[int] = []
        self._refused = refused

    async def many(self, conn: Any, heard: Sequence[Heard]) -> None:
        self.together.append([h.event.amount for h in heard])
        for h in heard:
            await self._write(conn, h.event)

    async def one(self, conn: Any, event: FundsDeposited) -> None:
        self.alone.append(event.amount)
        await self._write(conn, event)

    async def _write(self, conn: Any, event: FundsDeposited) -> None:
        await conn.execute("INSERT INTO effect VALUES ($1)", event.amount)
        if event.amount == self._refused:
            raise RuntimeError("boom")

    def subscription(self, **more: Any) -> Subscription:
        return Subscription("c-many", {FundsDeposited: self.one}, many={FundsDeposited: self.many}, **more)


async def settled(rig: Rig) -> bool:
    info = await rig.js.consumer_info("ESCROW", "c-many")
    return bool(info.num_ack_pending == 0 and info.num_pending == 0)


async def test_a_run_of_facts_is_handled_in_one_call_in_its_order(rig: Rig) -> None:
    listener = Listener()
    await say(rig, *range(1, 11))

    rig.consume(listener.subscription())
    await until(lambda: effects(rig))
    await until(lambda: settled(rig))

    assert await effects(rig) == list(range(1, 11))
    assert [amount for run in listener.together for amount in run] == list(range(1, 11))
    assert any(len(run) > 1 for run in listener.together)


async def test_where_one_of_a_run_fails_the_others_have_their_effect_once(rig: Rig) -> None:
    listener = Listener(refused=3)
    await say(rig, 1, 2, 3, 4, 5)

    rig.consume(listener.subscription(backoff_s=(0.05, 0.05)))

    async def buried() -> bool:
        return bool(await rig.pool.fetchval("SELECT count(*) = 1 FROM dead_letter"))

    await until(buried)
    assert await effects(rig) == [1, 2, 4, 5]
    assert listener.alone.count(3) == 3


async def test_what_was_handled_before_is_left_out_of_a_run(rig: Rig) -> None:
    listener = Listener()
    await say(rig, 1, 2, 3)
    known = await rig.pool.fetchval("SELECT event_id FROM outbox ORDER BY position OFFSET 1 LIMIT 1")
    await rig.pool.execute("INSERT INTO inbox (consumer, event_id) VALUES ('c-many', $1)", known)

    rig.consume(listener.subscription())
    await until(lambda: effects(rig))
    await until(lambda: settled(rig))

    assert await effects(rig) == [1, 3]


async def test_facts_said_for_many_causes_each_name_their_own(rig: Rig) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    async with rig.pool.acquire() as conn, conn.transaction():
        await enqueue_many(conn, [(deposit(1), {"id": "cause-1", "traceparent": trace}), (deposit(2), {"id": "cause-2"})])

    rows = await rig.pool.fetch("SELECT body FROM outbox ORDER BY position")
    assert [row["body"]["causationid"] for row in rows] == ["cause-1", "cause-2"]
    assert rows[0]["body"]["traceparent"].split("-")[1] == trace.split("-")[1]
    assert rows[1]["body"]["traceparent"].split("-")[1] != trace.split("-")[1]


async def test_facts_of_other_types_between_them_end_a_run(rig: Rig) -> None:
    """The order in which a consumer hears its facts stays the order in which they were said."""
    heard: list[str] = []

    async def many(_conn: Any, events: Sequence[Heard]) -> None:
        heard.append(f"{len(events)} created")

    async def other(_conn: Any, _event: ContractCancelled) -> None:
        heard.append("cancelled")

    def changed() -> IntentChanged:
        return IntentChanged(round_intent_id="i", model_owner_id="o", status="open", previous_status="open")

    async def one(_conn: Any, _event: IntentChanged) -> None:
        heard.append("1 created")

    cancelled = ContractCancelled(contract_id="c", round_intent_id="i", reason="test")
    async with rig.pool.acquire() as conn, conn.transaction():
        for event in (changed(), changed(), cancelled, changed(), changed(), changed()):
            await enqueue(conn, event)
    async with rig.pool.acquire() as conn:
        await rig.relay().publish_batch(conn)

    rig.consume(Subscription("c-mixed", {IntentChanged: one, ContractCancelled: other}, many={IntentChanged: many}, batch=6))

    async def done() -> bool:
        return sum(int(entry[0]) for entry in heard if entry[0].isdigit()) == 5

    await until(done)
    before = heard[: heard.index("cancelled")]
    assert sum(int(entry[0]) for entry in before) == 2
