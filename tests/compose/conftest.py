"""The Compose stack: the one that runs already, else one of the tests' own, ended afterwards without a trace."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator

import pytest

from deploy.compose.containers import Containers, compose, engine_answers, until_nodes_are_online
from deploy.local.demo import Loop
from deploy.local.ports import free_port


def left_behind(project: str) -> list[str]:
    """What still carries the project's label."""
    found = []
    for kind in (["ps", "-aq"], ["volume", "ls", "-q"], ["network", "ls", "-q"]):
        command = ["docker", *kind, "--filter", f"label=com.docker.compose.project={project}"]
        found += subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return found


@pytest.fixture(scope="session")
def exchange() -> Iterator[Containers]:
    if not engine_answers():
        pytest.skip("NO DOCKER ENGINE: the Compose stack is not tested here")
    os.environ.setdefault("COMPOSE_PROFILES", "")
    if compose("ps", "-q", "gateway", check=False).strip():
        yield Containers()
        return
    project = f"oe-test-{os.getpid()}"
    os.environ.setdefault("ROUND_TIMEOUT_S", "180")  # machines that test are busy ones
    os.environ |= {"COMPOSE_PROJECT_NAME": project, "GATEWAY_PORT": str(free_port())}
    try:
        compose("up", "-d", "--build", "--wait")
        yield Containers()
    finally:
        compose("down", "-v", "--remove-orphans")
        del os.environ["COMPOSE_PROJECT_NAME"], os.environ["GATEWAY_PORT"]
    assert left_behind(project) == []


@pytest.fixture(scope="session")
def traded(exchange: Containers) -> Containers:
    """The exchange after one loop, a match that found nothing, one that lacked money, and one dispute."""

    async def trade() -> None:
        await until_nodes_are_online(exchange)
        async with Loop(exchange) as loop:
            await loop.run()
            intent = {"model_owner_id": "choosy", "task_type": "classification", "required_modalities": ["tabular"]}
            opened = await loop.call("model_owner", "POST", "/marketplace/round_intents", json=intent)
            await loop.refused("model_owner", "POST", "/marketplace/match", json={"round_intent_id": opened["round_intent_id"]})
            poor = {"model_owner_id": "poor", "task_type": "classification", "budget_total": 0.000001}
            opened = await loop.call("model_owner", "POST", "/marketplace/round_intents", json=poor)
            await loop.refused("model_owner", "POST", "/marketplace/match", json={"round_intent_id": opened["round_intent_id"]})

    asyncio.run(trade())
    return exchange
