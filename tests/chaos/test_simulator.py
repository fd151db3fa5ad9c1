"""No crash, repetition, delay or reordering bends the money path; and a simulator that could not tell would be worth nothing.

`SIMULATOR_SEEDS` says how many worlds are played (30 where it is not set); `python -m tests.chaos.simulator` plays any number of
them, and one again by its seed.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from nats.aio.msg import Msg

from services.escrow import batches, claims, disputes, domain, service
from shared.contracts.events import Event
from shared.kit import idempotency
from shared.kit.messaging import Consumer, Relay
from shared.kit.outbox import enqueue, enqueue_many
from tests.chaos.parts import Violation
from tests.chaos.stage import Stage, open_stage
from tests.conftest import Databases

SEEDS = int(os.environ.get("SIMULATOR_SEEDS", "30"))
FOUND_WITHIN = 40


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as made:
        yield made


@pytest.fixture
async def stage(stack: AsyncExitStack, databases: Databases) -> Stage:
    return await open_stage(stack, databases)


@pytest.mark.timeout(3600)
async def test_every_world_ends_with_every_credit_where_it_should_be(stage: Stage) -> None:
    worlds = [await stage.play(seed) for seed in range(SEEDS)]

    assert sum(world.crashes for world in worlds) > SEEDS
    assert sum(len(world.contracts) for world in worlds) > 2 * SEEDS


async def test_the_same_seed_plays_the_same_world(stage: Stage) -> None:
    first, again = await stage.play(7), await stage.play(7)

    assert (first.steps, first.crashes, first.redeliveries) == (again.steps, again.crashes, again.redeliveries)
    assert [subject for subject, _ in first.facts.values()] == [subject for subject, _ in again.facts.values()]


# --- bugs that are planted, each of which must be found -------------------------------------------------------------------
async def _no_inbox(self: Consumer, message: Msg) -> str:
    """Every delivery is taken for the first one."""
    await self._pool.execute("DELETE FROM inbox")
    return await _handle_once(self, message)


async def _no_inbox_of_many(self: Consumer, messages: Any) -> None:
    await self._pool.execute("DELETE FROM inbox")
    await _handle_many(self, messages)


_handle_once, _handle_many = Consumer._handle_once, Consumer._handle_many


def no_inbox(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Consumer, "_handle_once", _no_inbox)
    patch.setattr(Consumer, "_handle_many", _no_inbox_of_many)


def repeated_holds(patch: pytest.MonkeyPatch) -> None:
    """A contract that is held already is held again (the schema has lost its constraints)."""

    async def nothing(*_: Any) -> set[str]:
        return set()

    patch.setattr(claims, "known_holds", nothing)


def ack_before_commit(patch: pytest.MonkeyPatch) -> None:
    deliver_all = Consumer.deliver_all

    async def early(self: Consumer, messages: Any) -> None:
        for message in messages:
            message.settled = True
        await deliver_all(self, messages)

    patch.setattr(Consumer, "deliver_all", early)


def float_money(patch: pytest.MonkeyPatch) -> None:
    def share(total: int, weights: list[int]) -> list[int]:
        whole = sum(weights)
        return [round(total * (weight / whole)) if whole else 0 for weight in weights]

    patch.setattr(domain, "_share", share)


def lost_crumbs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(domain, "combine", lambda postings: [p for p in _combine(postings) if abs(p.amount) > 1])


_combine = domain.combine


def second_resolution(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(domain, "check_held", lambda hold: None)


def dispute_without_frost(patch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> set[str]:
        return set()

    patch.setattr(claims, "disputed", never)


def said_before_it_is_true(patch: pytest.MonkeyPatch) -> None:
    """Facts leave in a transaction of their own."""

    async def apart(conn: Any, event: Event) -> str:
        async with _pools[-1].acquire() as other, other.transaction():
            return await enqueue(other, event)

    async def all_apart(conn: Any, facts: Any) -> None:
        async with _pools[-1].acquire() as other, other.transaction():
            await enqueue_many(other, facts)

    for module in (service, disputes):
        patch.setattr(module, "enqueue", apart)
    for module in (service, batches):
        patch.setattr(module, "enqueue_many", all_apart)


_pools: list[Any] = []


def marked_before_it_is_stored(patch: pytest.MonkeyPatch) -> None:
    publish = Relay.publish_batch

    async def early(self: Relay, conn: Any) -> int:
        rows = await conn.fetch("UPDATE outbox SET published_at = now() WHERE published_at IS NULL RETURNING position")
        positions = [row["position"] for row in rows]
        await conn.execute("UPDATE outbox SET published_at = NULL WHERE position = ANY($1)", positions)
        try:
            return await publish(self, conn)
        finally:
            await conn.execute("UPDATE outbox SET published_at = now() WHERE position = ANY($1)", positions)

    patch.setattr(Relay, "publish_batch", early)


def runs_without_identity(patch: pytest.MonkeyPatch) -> None:
    """What was delivered is added up however often it is said."""
    told = batches.told

    def again(hold: domain.Hold, event: Any) -> domain.Hold:
        hold = told(hold, event)
        return replace(hold, runs={**hold.runs, f"{event.run_id}-{uuid4().hex}": hold.runs[event.run_id]})

    patch.setattr(batches, "told", again)


def forgotten_keys(patch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> None:
        return None

    patch.setattr(idempotency, "earlier_answer", never)


def no_floor(patch: pytest.MonkeyPatch) -> None:
    """What an offer states as its floor is not heeded."""
    by_contribution = domain._by_contribution

    def without(due: Sequence[int], floors: Sequence[Fraction], worth: Sequence[int]) -> list[tuple[int, int]]:
        return by_contribution(due, [Fraction(0) for _ in floors], worth)

    patch.setattr(domain, "_by_contribution", without)


def bonus_from_nowhere(patch: pytest.MonkeyPatch) -> None:
    """More is shared out than the bases left."""
    share_alike = domain._share_alike
    patch.setattr(domain, "_share_alike", lambda total, weights: [2 * part for part in share_alike(total, weights)])


MUTANTS: list[tuple[Callable[[pytest.MonkeyPatch], None], str]] = [
    (no_inbox, ""),
    (repeated_holds, "DROP INDEX transfer_once; ALTER TABLE hold DROP CONSTRAINT hold_pkey CASCADE"),
    (ack_before_commit, ""),
    (float_money, ""),
    (lost_crumbs, ""),
    (second_resolution, "DROP INDEX transfer_once"),
    (dispute_without_frost, ""),
    (said_before_it_is_true, ""),
    (marked_before_it_is_stored, ""),
    (runs_without_identity, ""),
    (no_floor, ""),
    (bonus_from_nowhere, ""),
    (forgotten_keys, "ALTER TABLE idempotency DROP CONSTRAINT idempotency_pkey"),
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant, schema", MUTANTS, ids=[mutant.__name__ for mutant, _ in MUTANTS])
async def test_a_planted_bug_is_found(
    stack: AsyncExitStack,
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    mutant: Callable[[pytest.MonkeyPatch], None],
    schema: str,
) -> None:
    stage = await open_stage(stack, databases, before=schema)
    _pools.append(stage.pool)
    mutant(monkeypatch)

    found = None
    for seed in range(FOUND_WITHIN):
        try:
            await stage.play(seed)
        except Violation as error:
            found = error
            break

    assert found is not None


@pytest.mark.timeout(600)
async def test_without_the_inbox_alone_no_money_moves_twice(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inbox saves work; that money moves once is the schema's own doing."""
    no_inbox(monkeypatch)

    for seed in range(SEEDS // 3):
        await stage.play(seed, inbox=False)
