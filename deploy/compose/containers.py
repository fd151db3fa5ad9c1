"""The running containers from outside: `docker compose`, the published port, the keys."""

from __future__ import annotations

import asyncio
import functools
import json
import subprocess
from pathlib import Path
from typing import Final

import httpx

from deploy.local.demo import LoopFailed

ROOT: Final = Path(__file__).resolve().parents[2]
NODES: Final = 3
PATIENCE_S: Final = 120


def compose(*arguments: str, check: bool = True) -> str:
    """What `docker compose …` prints. Raises SystemExit with its complaint."""
    command = ["docker", "compose", *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise SystemExit("docker is not installed here") from error
    if check and done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def engine_answers() -> bool:
    """Whether there is a Docker engine to talk to, with Compose."""
    try:
        for command in (["docker", "version"], ["docker", "compose", "version"]):
            subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    except (FileNotFoundError, subprocess.CalledProcessError):
        return False
    return True


class Containers:
    """The exchange that Compose runs."""

    @functools.cached_property
    def gateway_url(self) -> str:
        address = compose("port", "gateway", "8000").strip()
        if not address:
            raise SystemExit("the gateway is not running: docker compose up -d --build --wait")
        return f"http://{address}"

    @functools.cached_property
    def keys(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(compose("exec", "-T", "gateway", "cat", "/run/secrets/keys.json"))
        return found

    def key(self, role: str) -> str:
        return self.keys[role]


async def until_nodes_are_online(exchange: Containers) -> None:
    """A node that was killed a moment ago is let in again after at most a minute."""
    headers = {"authorization": f"Bearer {exchange.key('reviewer')}"}
    async with httpx.AsyncClient(base_url=exchange.gateway_url, headers=headers, trust_env=False, timeout=10) as http:
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while asyncio.get_running_loop().time() < deadline:
            nodes = (await http.get("/training/nodes")).json()["nodes"]
            if sum(node["online"] for node in nodes) >= NODES:
                return
            await asyncio.sleep(0.5)
    raise LoopFailed(f"fewer than {NODES} provider nodes are online after {PATIENCE_S} s")
