"""`python -m deploy.compose smoke|keys|up`: the Compose stack from outside, by its published port."""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys

from deploy.compose.containers import ROOT, Containers, compose, until_nodes_are_online
from deploy.local.demo import Loop, LoopFailed, line, title
from deploy.local.ports import complaints


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
