"""Containers are killed one after the other while ten buyers trade: every contract ends resolved and no credit is lost.

A sample of the containers by default; `KILL=all` (`make kill-containers`) takes every one, `KILL=escrow,nats` those.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import subprocess
import time
from collections.abc import Sequence
from typing import Final

import pytest

from deploy.compose.containers import Containers, compose, until_nodes_are_online
from tests.market import BUYERS, PATIENCE_S, market

SAMPLE: Final = 4
DOWN_S: Final = 1.0
ALWAYS_SAMPLED: Final = ("postgres", "nats")
RESOLVED: Final = {"released", "refunded"}


def victims() -> Sequence[str]:
    """Who is killed, in turn."""
    running = sorted(compose("ps", "--services", "--status", "running").split())
    match os.environ.get("KILL", "sample"):
        case "all":
            chosen = running
        case "sample":
            others = [service for service in running if service not in {*ALWAYS_SAMPLED, "prometheus", "grafana", "exporter"}]
            chosen = [*ALWAYS_SAMPLED, *random.SystemRandom().sample(others, SAMPLE - len(ALWAYS_SAMPLED))]
        case names:
            chosen = names.split(",")
    random.SystemRandom().shuffle(chosen)
    return chosen


async def docker(*arguments: str) -> str:
    command = ["docker", *arguments]
    return (await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)).stdout.strip()


async def kill_in_turn(services: Sequence[str]) -> None:
    """Kills a container, starts it again as an orchestrator would, and goes on when it is healthy."""
    for service in services:
        container = (await asyncio.to_thread(compose, "ps", "-q", service)).strip()
        print(f"  killing {service}", flush=True)
        await docker("kill", container)
        await asyncio.sleep(DOWN_S)
        await docker("start", container)
        deadline = time.monotonic() + PATIENCE_S
        while await docker("inspect", "-f", "{{.State.Health.Status}}", container) != "healthy":
            assert time.monotonic() < deadline, f"{service} does not become healthy again"
            await asyncio.sleep(0.5)


@pytest.mark.timeout(2400)
async def test_whatever_is_killed_every_contract_ends_resolved_and_no_credit_is_lost(exchange: Containers) -> None:
    await until_nodes_are_online(exchange)
    chosen = victims()
    async with market(exchange) as trading:
        await trading.offer()
        before = await trading.ok("operator", "GET", "/escrow/trial_balance")
        killing = asyncio.create_task(kill_in_turn(chosen))

        async def buy(name: str) -> None:
            """One loop at least, and another for as long as containers are being killed."""
            for number in itertools.count():
                await trading.trade(f"{name}-{number}")
                if killing.done():
                    return

        await asyncio.gather(*(buy(f"buyer-{trading.modality}-{number}") for number in range(BUYERS)), killing)

        ends = [await trading.ok("reviewer", "GET", f"/marketplace/contracts/{contract_id}") for contract_id in trading.contracts]
        sums = await trading.ok("operator", "GET", "/escrow/trial_balance")
        letters = await trading.ok("operator", "GET", "/ops/dead_letters")

    outcome = [contract["payout_status"] for contract in ends]
    print(
        f"killed {', '.join(chosen)}; {len(ends)} contracts: {outcome.count('released')} released, {outcome.count('refunded')}"
        f" refunded; {trading.repeats} requests repeated"
    )
    assert len(ends) == len(set(trading.contracts)) >= BUYERS
    assert set(outcome) <= RESOLVED
    for contract in ends:
        steps = [event["event"] for event in contract["timeline"]]
        assert steps.count("escrow_released") + steps.count("escrow_refunded") == 1, steps
    assert sums["sum"] == before["sum"] == 0
    assert sums["locked"] == sums["held"] == before["held"]
    assert letters["dead_letters"] == []
    assert "0 findings" in compose("exec", "-T", "escrow", "python", "-m", "services.escrow.audit")
