"""Parts of the real system die at random while ten buyers trade: every contract ends resolved, and no credit is lost or paid twice.

`KILL_CONTRACTS` says how many contracts are made (`make kill-processes` takes 200). One in ten is trained by Flower.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from deploy.local.processes import ROOT, Stack
from deploy.nats.config import ADMIN
from shared.contracts.events import STREAMS
from shared.kit.service import connect_nats
from tests.e2e.stack import RealStack
from tests.market import BUYERS, Ending, Market, market

CONTRACTS: Final = int(os.environ.get("KILL_CONTRACTS", "10"))
ENDINGS: Final[tuple[Ending, ...]] = ("train", *(("release", "refund", "dispute") * 3))
VICTIMS: Final = (
    "escrow",
    "marketplace",
    "training_coordinator",
    "matching",
    "gateway",
    "postgres",
    "nats",
    "superlink",
    "clinic-b",
)
SERVICES: Final = ("marketplace", "escrow", "training_coordinator")


async def kill_at_random(stack: RealStack, trading: Market, chance: random.Random, kills: Counter[str]) -> None:
    """Kills one part after the other, each when all is well again. Goes on until it is cancelled."""
    while True:
        for victim in chance.sample(VICTIMS, len(VICTIMS)):
            await asyncio.sleep(chance.uniform(0.2, 4.0))
            if victim not in await asyncio.to_thread(stack.processes):
                continue
            await asyncio.to_thread(stack.kill, victim)
            kills[victim] += 1
            await trading.ok("operator", "GET", "/ops/health")  # asked again for as long as it says 503


async def redelivered(stack: Stack) -> int:
    """How many deliveries there were beyond the first of each fact that a service keeps in its inbox."""
    handled: Counter[str] = Counter()
    for service in SERVICES:
        conn = await asyncpg.connect(stack.dsn(service), server_settings={"search_path": service})
        for row in await conn.fetch("SELECT consumer, count(*) AS facts FROM inbox GROUP BY consumer"):
            handled[row["consumer"]] += row["facts"]
        await conn.close()
    nc = await connect_nats(stack.nats.url_of(ADMIN), "kills")
    infos = [info for stream in STREAMS for info in await nc.jetstream().consumers_info(stream)]
    await nc.close()
    known = [info for info in infos if info.name in handled and info.delivered is not None]
    return sum(max(0, info.delivered.consumer_seq - handled[info.name]) for info in known if info.delivered is not None)


@pytest.mark.timeout(7200)
async def test_whichever_process_is_killed_every_contract_ends_resolved_and_nothing_is_paid_twice(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    stack = await asyncio.to_thread(RealStack.launch, tmp_path / "run", ROUND_TIMEOUT_S="180")
    kills: Counter[str] = Counter()
    endings = (ENDINGS[number % len(ENDINGS)] for number in range(CONTRACTS))
    try:
        async with market(stack.stack) as trading:
            await trading.offer()
            killing = asyncio.create_task(kill_at_random(stack, trading, random.Random(seed), kills))

            async def buy(name: str) -> None:
                for number, ending in enumerate(endings):  # shared: whoever is free takes the next
                    await trading.trade(f"{name}-{number}", ending)
                    print(f"  {len(trading.contracts)} contracts, {kills.total()} kills", flush=True)

            async with asyncio.TaskGroup() as buyers:
                for number in range(min(BUYERS, CONTRACTS)):
                    buyers.create_task(buy(f"buyer-{number}"))
            assert not killing.done() or killing.result() is None
            killing.cancel()

            ends = [
                await trading.ok("reviewer", "GET", f"/marketplace/contracts/{contract_id}") for contract_id in trading.contracts
            ]
            sums = await trading.ok("operator", "GET", "/escrow/trial_balance")
            letters = await trading.ok("operator", "GET", "/ops/dead_letters")
        again = await redelivered(stack.stack)
        audit = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "services.escrow.audit"],
            env={"DATABASE_URL": stack.stack.dsn("escrow")},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        assert await asyncio.to_thread(stack.close) == []

    outcome = Counter(contract["payout_status"] for contract in ends)
    print(
        f"{len(ends)} contracts ({dict(outcome)}) survived {kills.total()} kills ({dict(kills)}), {again} redeliveries and"
        f" {trading.repeats} requests that had to be repeated"
    )
    assert len(ends) == len(set(trading.contracts)) == CONTRACTS
    assert set(outcome) <= {"released", "refunded"}
    for contract in ends:
        steps = [event["event"] for event in contract["timeline"]]
        assert steps.count("escrow_released") + steps.count("escrow_refunded") == 1, steps
    assert kills.total() > 0
    assert sums["sum"] == sums["locked"] == sums["held"] == 0
    assert letters["dead_letters"] == []
    assert audit.returncode == 0, audit.stdout + audit.stderr
