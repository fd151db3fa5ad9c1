"""What the messaging promises: said once a commit made it true, heard once, whatever crashes in between."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy

from shared.contracts.events import ContractCancelled, DeadLettered, FundsDeposited, OfferChanged
from shared.kit import metrics
from shared.kit.db import OUTAGE
from shared.kit.messaging import NotYet, Subscription, Unprocessable, enqueue, ensure_streams, listen, replay
from shared.kit.publisher import Publisher
from tests.backends import Backend
from tests.integration.kit.conftest import Rig, cancelled, deposit, until


async def say(rig: Rig, *events: Any) -> None:
    async with rig.pool.acquire() as conn, conn.transaction():
        for event in events:
            await enqueue(conn, event)


async def publish(rig: Rig, event: FundsDeposited) -> None:
    """Says a fact as another service's relay does."""
    fact_id = str(uuid4())
    body = {"id": fact_id, "type": event.SUBJECT, "time": datetime.now(UTC).isoformat(), "data": event.model_dump(mode="json")}
    await rig.js.publish(event.subject, json.dumps(body).encode(), headers={"Nats-Msg-Id": fact_id})


async def stored(rig: Rig, stream: str) -> int:
    return (await rig.js.stream_info(stream)).state.messages


async def unpublished(rig: Rig) -> int:
    return int(await rig.pool.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"))


async def effects(rig: Rig) -> list[int]:
    return [row["n"] for row in await rig.pool.fetch("SELECT n FROM effect ORDER BY n")]


async def write(conn: Any, event: FundsDeposited) -> None:
    await conn.execute("INSERT INTO effect VALUES ($1)", event.amount)


async def test_a_rollback_says_nothing_and_a_commit_says_it_once(rig: Rig) -> None:
    async def fail() -> None:
        async with rig.pool.acquire() as conn, conn.transaction():
            await enqueue(conn, deposit(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await say(rig, deposit(2))
    relay = rig.relay()
    async with rig.pool.acquire() as conn:
        assert await relay.publish_batch(conn) == 1
        assert await relay.publish_batch(conn) == 0

    assert await stored(rig, "ESCROW") == 1


async def test_a_fact_is_only_said_inside_a_transaction(rig: Rig) -> None:
    async with rig.pool.acquire() as conn:
        with pytest.raises(RuntimeError):
            await enqueue(conn, deposit())


async def test_a_fact_published_twice_after_a_lost_mark_is_stored_once(rig: Rig) -> None:
    await say(rig, deposit())
    relay = rig.relay()
    async with rig.pool.acquire() as conn:
        await relay.publish_batch(conn)
        await conn.execute("UPDATE outbox SET published_at = NULL")
        await relay.publish_batch(conn)

    assert await stored(rig, "ESCROW") == 1


async def test_what_waits_is_stored_in_one_write_and_in_order(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Publisher, "_one_by_one", None)
    await say(rig, *(deposit(amount) for amount in range(1, 101)), cancelled(1), cancelled(2))
    async with rig.pool.acquire() as conn:
        assert await rig.relay().publish_batch(conn) == 102

    sub = await rig.js.pull_subscribe("escrow.>", durable="c-batch", stream="ESCROW")
    got = [json.loads(message.data)["data"]["amount"] for message in await sub.fetch(100, timeout=5)]
    assert (got, await unpublished(rig), await stored(rig, "MARKETPLACE")) == (list(range(1, 101)), 0, 2)
    assert await rig.relay().head("ESCROW", timeout_s=1) == 100


async def test_a_batch_of_which_the_server_has_a_part_is_stored_once(rig: Rig) -> None:
    """The relay died after the server had stored a batch, and more was said since."""
    await say(rig, *(deposit(amount) for amount in range(1, 11)))
    async with rig.pool.acquire() as conn:
        await rig.relay().publish_batch(conn)
        await conn.execute("UPDATE outbox SET published_at = NULL WHERE position % 2 = 0")
        await say(rig, *(deposit(amount) for amount in range(11, 21)))
        await rig.relay().publish_batch(conn)

    assert (await stored(rig, "ESCROW"), await unpublished(rig)) == (20, 0)


async def test_a_batch_without_its_end_is_not_stored_and_comes_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection broke in the middle of a batch."""
    real = JetStreamContext.publish

    async def broken(*_: Any, **__: Any) -> None:
        raise NatsTimeout

    await say(rig, deposit(1), deposit(2), deposit(3))
    async with rig.pool.acquire() as conn:
        monkeypatch.setattr(JetStreamContext, "publish", broken)
        with pytest.raises(NatsError):
            await rig.relay().publish_batch(conn)
        assert (await stored(rig, "ESCROW"), await unpublished(rig)) == (0, 3)
        monkeypatch.setattr(JetStreamContext, "publish", real)
        assert await rig.relay().publish_batch(conn) == 3
    assert (await stored(rig, "ESCROW"), await unpublished(rig)) == (3, 0)


async def test_a_crash_between_commit_and_ack_has_one_effect(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    real, lost = Msg.ack, [True]

    async def ack(self: Msg) -> None:
        if lost and lost.pop():  # the process died before the ack left
            return
        await real(self)

    monkeypatch.setattr(Msg, "ack", ack)
    rig.consume(Subscription("c-ack", {FundsDeposited: write}, ack_wait_s=1))
    rig.spawn(rig.relay().run())
    await say(rig, deposit(7))

    async def settled() -> bool:
        info = await rig.js.consumer_info("ESCROW", "c-ack")
        return not lost and info.num_ack_pending == 0 and info.num_pending == 0 and info.delivered.consumer_seq == 2

    await until(settled)
    assert await effects(rig) == [7]


async def test_a_poisonous_fact_is_buried_after_its_attempts_and_the_queue_moves_on(rig: Rig) -> None:
    seen: list[int] = []

    async def handler(conn: Any, event: FundsDeposited) -> None:
        await write(conn, event)
        seen.append(event.amount)
        if event.amount == 1:
            raise RuntimeError("boom")

    rig.consume(Subscription("c-poison", {FundsDeposited: handler}, backoff_s=(0.05, 0.05)))
    rig.spawn(rig.relay().run())
    await say(rig, deposit(1), deposit(2), deposit(3))

    async def told() -> bool:
        return await stored(rig, "DEAD_LETTERS") == 1

    await until(told)
    assert seen.count(1) == 3
    assert await effects(rig) == [2, 3]  # what the poison wrote is rolled back
    letter = await rig.pool.fetchrow("SELECT * FROM dead_letter")
    assert letter is not None
    assert letter["consumer"] == "c-poison"
    assert "boom" in letter["reason"]


async def test_an_unprocessable_fact_is_buried_at_once_and_can_be_replayed(rig: Rig) -> None:
    broken = [True]

    async def handler(conn: Any, event: FundsDeposited) -> None:
        if broken:
            raise Unprocessable("no such contract")
        await write(conn, event)

    sub = listen(FundsDeposited, handler, as_="c-replay")
    rig.consume(sub)
    rig.spawn(rig.relay().run())
    await say(rig, deposit(9))

    async def buried() -> Any:
        return await rig.pool.fetchrow("SELECT * FROM dead_letter")

    letter = await until(buried)
    with pytest.raises(Unprocessable):
        async with rig.pool.acquire() as conn, conn.transaction():
            await replay(conn, [sub], "c-replay", letter["event_id"])
    assert await buried()
    broken.clear()
    async with rig.pool.acquire() as conn, conn.transaction():
        assert await replay(conn, [sub], "c-replay", letter["event_id"])
        assert not await replay(conn, [sub], "c-replay", uuid4())
    assert await effects(rig) == [9]
    assert not await buried()


async def test_a_crash_loop_is_buried_without_running_the_handler_again(rig: Rig) -> None:
    """The process dies inside the handler every time: no except block ever runs."""
    started, runs = asyncio.Event(), []

    async def handler(conn: Any, event: FundsDeposited) -> None:
        runs.append(1)
        started.set()
        await asyncio.Event().wait()

    sub = Subscription("c-loop", {FundsDeposited: handler}, backoff_s=(0.1,), ack_wait_s=0.5, suspect_after=1)
    async with rig.pool.acquire() as conn:
        await say(rig, deposit())
        await rig.relay().publish_batch(conn)
    for _ in range(3):  # one unsuspected start, then as many as there are attempts
        started.clear()
        dying = rig.consume(sub)
        await asyncio.wait_for(started.wait(), 10)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
    rig.consume(sub)

    async def buried() -> Any:
        return await rig.pool.fetchval("SELECT reason FROM dead_letter")

    assert await until(buried) == "attempts exhausted"
    assert len(runs) == 3


async def test_a_drifted_consumer_is_repaired(rig: Rig) -> None:
    drifted = ConsumerConfig(
        durable_name="c-drift", filter_subject="escrow.funds_deposited.v1", ack_policy=AckPolicy.EXPLICIT, ack_wait=99
    )
    await rig.js.add_consumer("ESCROW", drifted)
    rig.consume(Subscription("c-drift", {FundsDeposited: write}, ack_wait_s=7))

    async def repaired() -> bool:
        return bool((await rig.js.consumer_info("ESCROW", "c-drift")).config.ack_wait == 7)

    await until(repaired)


async def test_a_long_handler_keeps_its_fact(rig: Rig) -> None:
    runs: list[int] = []

    async def handler(conn: Any, event: FundsDeposited) -> None:
        runs.append(1)
        await asyncio.sleep(1.5)  # longer than the ack wait: that is what is tested

    rig.consume(Subscription("c-long", {FundsDeposited: handler}, ack_wait_s=0.6))
    rig.spawn(rig.relay().run())
    await say(rig, deposit())

    async def settled() -> bool:
        info = await rig.js.consumer_info("ESCROW", "c-long")
        return bool(info.delivered.consumer_seq) and info.num_ack_pending == 0

    await until(settled)
    assert (await rig.js.consumer_info("ESCROW", "c-long")).delivered.consumer_seq == 1
    assert runs == [1]


async def test_a_relay_that_is_stopped_lets_another_work(rig: Rig) -> None:
    first = rig.spawn(rig.relay().run())
    await say(rig, deposit(1))
    await until(lambda: _published(rig))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert first.cancelled()

    rig.spawn(rig.relay().run())
    await say(rig, deposit(2))
    await until(lambda: _published(rig))


async def _published(rig: Rig) -> bool:
    return await unpublished(rig) == 0


async def test_two_relays_keep_the_order(rig: Rig) -> None:
    for _ in range(2):
        rig.spawn(rig.relay(batch=50).run())
    for number in range(300):
        await say(rig, cancelled(number))

    async def all_there() -> bool:
        return await stored(rig, "MARKETPLACE") == 300

    await until(all_there, 30)
    sub = await rig.js.pull_subscribe("marketplace.>", durable="c-order", stream="MARKETPLACE")
    got = [json.loads(message.data)["data"]["contract_id"] for message in await sub.fetch(300, timeout=5)]
    assert got == [f"contract-{number}" for number in range(300)]


def offer_fact(number: int, version: int) -> OfferChanged:
    return OfferChanged(
        offer_id=f"offer-{number}",
        version=version,
        seller_node_id="s",
        dataset_fingerprint="f",
        modality="tabular",
        sample_count=1,
        quality_score=0.5,
        allowed_tasks=(),
        attestation_status="unknown",
        price_per_round=version,
        min_rounds=1,
        expires_at=0,
        status="active",
    )


async def test_a_refused_offer_fact_is_not_overtaken_by_the_next_of_its_offer(rig: Rig) -> None:
    """The stream keeps the last fact of each offer: were the refused one stored after the next, the book would go back to it."""
    limited = (await rig.js.stream_info("OFFERS")).config
    limited.max_msg_size = 2000  # the server refuses what is longer, and takes the next
    await rig.js.update_stream(limited)
    long = offer_fact(1, 1).model_copy(update={"label_schema": "x" * 4000})
    await say(rig, long, offer_fact(2, 1), offer_fact(1, 2), offer_fact(1, 3))

    async with rig.pool.acquire() as conn:
        for _ in range(3):
            with pytest.raises(NatsError):
                await rig.relay(ack_s=0.5).publish_batch(conn)
    waiting = [
        row["subject"] for row in await rig.pool.fetch("SELECT subject FROM outbox WHERE published_at IS NULL ORDER BY position")
    ]
    limited.max_msg_size = -1
    await rig.js.update_stream(limited)
    rig.spawn(rig.relay(ack_s=0.5).run())

    async def all_there() -> bool:
        return await unpublished(rig) == 0

    await until(all_there)
    last = await rig.js.get_last_msg("OFFERS", "marketplace.offer_changed.v1.offer-1")
    assert waiting == ["marketplace.offer_changed.v1.offer-1"] * 3
    assert json.loads(last.data or b"{}")["data"]["version"] == 3
    assert await stored(rig, "OFFERS") == 2


async def test_what_a_full_stream_refuses_waits_and_is_published_in_order(rig: Rig) -> None:
    full = (await rig.js.stream_info("OFFERS")).config
    full.max_msgs, full.discard = 2, DiscardPolicy.NEW
    await rig.js.update_stream(full)
    await say(rig, *(offer_fact(number, 1) for number in range(6)))
    relay = rig.spawn(rig.relay(ack_s=0.5).run())

    async def two() -> bool:
        return await unpublished(rig) == 4

    await until(two)
    with pytest.raises(TimeoutError):
        await rig.relay(ack_s=0.5).head("OFFERS", timeout_s=0.3)
    full.max_msgs, full.discard = -1, DiscardPolicy.OLD
    await rig.js.update_stream(full)

    async def all_there() -> bool:
        return await unpublished(rig) == 0

    await until(all_there)
    assert not relay.done()
    assert await stored(rig, "OFFERS") == 6
    assert await rig.relay(ack_s=0.5).head("OFFERS", timeout_s=1) == (await rig.js.stream_info("OFFERS")).state.last_seq


async def test_what_is_said_while_the_stream_is_gone_is_published_once_it_is_made_again(rig: Rig) -> None:
    await rig.js.delete_stream("OFFERS")
    await say(rig, offer_fact(1, 1), offer_fact(1, 2))
    rig.spawn(rig.relay(ack_s=0.5).run())
    async with rig.pool.acquire() as conn:
        with pytest.raises(NatsError):
            await rig.relay(ack_s=0.5).publish_batch(conn)
    assert await unpublished(rig) == 2
    await ensure_streams(rig.js)

    async def all_there() -> bool:
        return await unpublished(rig) == 0

    await until(all_there)
    message = await rig.js.get_last_msg("OFFERS", "marketplace.offer_changed.v1.offer-1")
    assert json.loads(message.data or b"{}")["data"]["version"] == 2


async def test_a_fact_before_its_turn_comes_again_and_costs_no_attempt(rig: Rig) -> None:
    turns: list[int] = []

    async def handler(conn: Any, event: FundsDeposited) -> None:
        turns.append(event.amount)
        if event.amount == 1 and turns.count(2) == 0:
            raise NotYet("2 comes first")
        await write(conn, event)

    rig.consume(Subscription("c-turn", {FundsDeposited: handler}, backoff_s=(0.05,), suspect_after=1))
    rig.spawn(rig.relay().run())
    await say(rig, deposit(1))

    async def insisted() -> bool:
        return turns.count(1) > 4

    await until(insisted)
    await say(rig, deposit(2))

    async def both() -> bool:
        return await effects(rig) == [1, 2]

    await until(both)
    assert await rig.pool.fetchval("SELECT count(*) FROM dead_letter") == 0


async def test_noise_on_a_subject_is_dropped_and_the_queue_moves_on(rig: Rig) -> None:
    rig.consume(listen(FundsDeposited, write, as_="c-noise"))
    rig.spawn(rig.relay().run())
    await rig.js.publish("escrow.funds_deposited.v1", b"not json")
    await rig.js.publish("escrow.funds_deposited.v1", b'{"data": 3}', headers={"Nats-Msg-Id": str(uuid4())})
    await say(rig, deposit(5))

    async def heard() -> bool:
        return await effects(rig) == [5]

    await until(heard)


async def test_a_question_can_wait_for_the_newest_fact(rig: Rig) -> None:
    relay = rig.relay(idle_s=5)
    rig.spawn(relay.run())
    await say(rig, deposit(1), deposit(2))

    assert await relay.head("ESCROW", timeout_s=5) == 2
    assert await relay.head("TRAINING", timeout_s=5) == 0


async def test_a_question_gives_up_when_nothing_is_published(rig: Rig) -> None:
    await say(rig, deposit(1))

    with pytest.raises(TimeoutError):
        await rig.relay().head("ESCROW", timeout_s=0.3)


async def test_the_envelope_is_a_cloud_event(rig: Rig) -> None:
    await say(rig, ContractCancelled(contract_id="contract-1", round_intent_id="intent-1", reason="r"))
    async with rig.pool.acquire() as conn:
        await rig.relay().publish_batch(conn)
    message = await rig.js.get_last_msg("MARKETPLACE", "marketplace.contract_cancelled.v1")
    envelope = json.loads(message.data or b"")

    assert envelope["specversion"] == "1.0"
    assert envelope["type"] == "marketplace.contract_cancelled.v1"
    assert envelope["source"] == "/marketplace"
    assert envelope["subject"] == "contract-1"
    assert envelope["data"] == {"contract_id": "contract-1", "round_intent_id": "intent-1", "reason": "r"}


async def test_the_feed_holds_every_stream_in_one_order(rig: Rig) -> None:
    rig.spawn(rig.relay().run())
    await say(rig, deposit(1), cancelled(1), DeadLettered(consumer="c", event_id="e", event_subject="s", reason="r", attempts=1))

    async def copied() -> bool:
        return await stored(rig, "FACTS") == 3

    await until(copied)


# --- outages ----------------------------------------------------------------------------------------------------------
# asyncpg and nats-py leave the socket of an attempt that failed to the garbage collector.
outage = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@outage
async def test_an_outage_of_postgres_longer_than_all_attempts_costs_no_fact_its_effect(
    rig: Rig, postgres: Backend, crashable_postgres: Backend
) -> None:
    if crashable_postgres is not postgres:
        pytest.skip("TEST_DATABASE_URL is not ours to crash")
    rig.consume(Subscription("c-outage", {FundsDeposited: write}, backoff_s=(0.05,)))
    relay = rig.spawn(rig.relay().run())
    waits = metrics.EVENTS_HANDLED.labels("c-outage", "outage")

    await asyncio.to_thread(crashable_postgres.stop)
    try:
        await publish(rig, deposit(5))

        async def waited() -> bool:
            return float(waits._value.get()) >= 3  # more often than a fact of this consumer may fail

        await until(waited, timeout_s=30)
    finally:
        await asyncio.to_thread(crashable_postgres.start)

    async def done() -> bool:
        with contextlib.suppress(*OUTAGE):
            return await effects(rig) == [5]
        return False

    await until(done, timeout_s=30)
    assert await rig.pool.fetchval("SELECT count(*) FROM dead_letter") == 0
    await say(rig, deposit(6))

    async def told() -> bool:
        return await effects(rig) == [5, 6]

    await until(told)  # the relay has come back as well
    assert not relay.done()


@outage
async def test_what_is_said_while_nats_is_away_is_published_once_it_is_back(
    rig: Rig, nats_server: Backend, crashable_nats: Backend
) -> None:
    if crashable_nats is not nats_server:
        pytest.skip("TEST_NATS_URL is not ours to crash")
    rig.consume(Subscription("c-nats", {FundsDeposited: write}, backoff_s=(0.05,)))
    relay = rig.spawn(rig.relay().run())

    await asyncio.to_thread(crashable_nats.stop)
    try:
        await say(rig, deposit(7))
    finally:
        await asyncio.to_thread(crashable_nats.start)

    async def done() -> bool:
        return await effects(rig) == [7]

    await until(done, timeout_s=60)
    assert not relay.done()
