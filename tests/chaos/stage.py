"""Where worlds are played: a fresh database and the escrow's app on it, without any network."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr

from services.escrow.app import service_of
from services.escrow.settings import EscrowSettings
from shared.kit import db, idempotency
from shared.kit.auth import Keys
from shared.kit.service import Runtime, build
from shared.kit.tokens import Verifier
from tests.chaos.parts import Crash, Violation
from tests.chaos.world import KEYS, World
from tests.conftest import Databases

STEPS = 60


@dataclass
class Stage:
    """A database and the escrow's app on it, for as many seeds as are played there."""

    app: FastAPI
    pool: db.Pool
    settings: EscrowSettings

    async def play(self, seed: int, *, steps: int = STEPS, inbox: bool = True) -> World:
        """One world from its first step to its end. Raises `Violation` with the seed. Without an `inbox`, facts may be heard again."""
        world = World(seed, self.app, self.pool, self.settings)
        world.inbox = inbox
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
