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
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from deploy.compose.containers import NODES, Containers, compose, until_nodes_are_online

BUYERS: Final = 10
SAMPLE: Final = 4
PATIENCE_S: Final = 300
DOWN_S: Final = 1.0
ALWAYS_SAMPLED: Final = ("postgres", "nats")
RESOLVED: Final = {"released", "refunded"}


class GaveUp(AssertionError):
    """An insistent client was not served in time."""


@dataclass
class Market:
    """The exchange as careful clients use it: an idempotency key on every change, and the same request again after a 5xx."""

    exchange: Containers
    http: httpx.AsyncClient
    modality: str = field(default_factory=lambda: f"kill-{uuid4().hex[:8]}")
    contracts: list[str] = field(default_factory=list)
    repeats: int = 0

    async def ask(self, role: str, method: str, path: str, **request: Any) -> httpx.Response:
        """The first answer that is not 'later'."""
        headers = {"authorization": f"Bearer {self.exchange.key(role)}", "idempotency-key": uuid4().hex}
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = await self.http.request(method, path, headers=headers, **request)
                trouble = answer.text if answer.status_code >= 500 else ""
            except httpx.TransportError as error:
                trouble = repr(error)
            if not trouble:
                return answer
            if time.monotonic() > deadline:
                raise GaveUp(f"{method} {path}: {trouble}")
            self.repeats += 1
            await asyncio.sleep(0.3)

    async def ok(self, role: str, method: str, path: str, **request: Any) -> Any:
        answer = await self.ask(role, method, path, **request)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def offer(self) -> None:
        nodes = (await self.ok("reviewer", "GET", "/training/nodes"))["nodes"]
        assert len(nodes) >= NODES
        for node in nodes:
            offer = {
                "seller_node_id": node["seller_node_id"],
                "dataset_fingerprint": node["dataset_fingerprint"],
                "sample_count": node["sample_count"],
                "modality": self.modality,
                "price_per_round": 1,
            }
            await self.ok("provider", "POST", "/marketplace/offers", json=offer)

    async def trade(self, owner: str) -> None:
        """One loop, from an intent to its contract's end."""
        wanted = {"model_owner_id": owner, "task_type": "classification", "required_modalities": [self.modality], "rounds": 1}
        intent = await self.ok("model_owner", "POST", "/marketplace/round_intents", json=wanted)
        match = {"round_intent_id": intent["round_intent_id"]}
        contract_id = (await self.ok("model_owner", "POST", "/marketplace/match", json=match))["contract_id"]
        self.contracts.append(contract_id)
        await self._until(contract_id, "escrow_locked")
        await self._trigger(contract_id)
        contract = await self._until(contract_id, "training_completed,training_failed,escrow_refunded")
        if contract["payout_status"] not in RESOLVED:
            trained = any(event["event"] == "training_completed" for event in contract["timeline"])
            path = f"/marketplace/escrow/{'release' if trained else 'refund'}"
            answer = await self.ask("operator", "POST", path, json={"contract_id": contract_id})
            assert answer.status_code in {200, 409}, answer.text
        await self._until(contract_id, "escrow_released,escrow_refunded")

    async def _trigger(self, contract_id: str) -> None:
        """Again while the coordinator has not heard of the money yet."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = await self.ask("model_owner", "POST", "/trigger_fl", json={"contract_id": contract_id})
            if answer.is_success:
                return
            assert time.monotonic() < deadline, answer.text
            await asyncio.sleep(0.3)

    async def _until(self, contract_id: str, events: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            contract: dict[str, Any] = await self.ok(
                "reviewer", "GET", f"/marketplace/contracts/{contract_id}", params={"wait_for": events, "timeout_ms": 5000}
            )
            if {event["event"] for event in contract["timeline"]} & set(events.split(",")):
                return contract
            assert time.monotonic() < deadline, f"no {events} in {[event['event'] for event in contract['timeline']]}"


@asynccontextmanager
async def market(exchange: Containers) -> AsyncIterator[Market]:
    limits = httpx.Limits(max_connections=BUYERS * 2, max_keepalive_connections=0)  # a killed gateway leaves no half-dead ones
    async with httpx.AsyncClient(base_url=exchange.gateway_url, timeout=60, trust_env=False, limits=limits) as http:
        yield Market(exchange, http)


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
