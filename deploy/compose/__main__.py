"""`python -m deploy.compose smoke|keys|up`: the Compose stack from outside, by its published port."""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import httpx

from deploy.local.demo import Loop, LoopFailed, line, title
from deploy.local.ports import complaints

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


async def smoke() -> None:
    exchange = Containers()
    title(f"The loop through {exchange.gateway_url}")
    await until_nodes_are_online(exchange)
    async with Loop(exchange) as loop:
        await loop.run()


def show_keys() -> None:
    exchange = Containers()
    line(f"gateway      {exchange.gateway_url}     API pages {exchange.gateway_url}/docs")
    for role, key in exchange.keys.items():
        if role != "service":
            line(f"  {role:<12} {key}")
    password = compose("run", "--rm", "--no-deps", "-T", "secrets", "cat", "/secrets/grafana/admin_password").strip()
    line(f"grafana      admin / {password}")


def up() -> None:
    """`docker compose up`, with a taken port named before anything is started."""
    if not compose("ps", "-q", "gateway").strip():
        wanted = [("the gateway (GATEWAY_PORT)", _port("GATEWAY_PORT")), ("Grafana (GRAFANA_PORT)", _port("GRAFANA_PORT"))]
        if taken := complaints(wanted):
            raise SystemExit("\n".join(taken))
    command = ["docker", "compose", "up", "-d", "--build", "--wait"]
    raise SystemExit(subprocess.run(command, cwd=ROOT, check=False).returncode)  # noqa: S603


def _port(name: str) -> int:
    """As Compose finds it: the environment, then `.env`."""
    defaults = dict(row.split("=", 1) for row in (ROOT / ".env").read_text("utf-8").splitlines() if row and row[0] != "#")
    return int(os.environ.get(name) or defaults[name])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.compose", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="build and start everything, and wait until it is healthy")
    commands.add_parser("smoke", help="the whole loop, once, through the published port")
    commands.add_parser("keys", help="the addresses and the key of each role")
    match parser.parse_args().command:
        case "up":
            up()
        case "smoke":
            try:
                asyncio.run(smoke())
            except LoopFailed as failed:
                print(f"\n{failed}", file=sys.stderr)
                return 1
        case "keys":
            show_keys()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
