"""`python -m services.flower.provider_node inspect|register|join`: measure a data set, tell the exchange of it, stay connected."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

APP = Path(__file__).resolve().parents[1] / "app"
sys.path.insert(0, str(APP))  # the app's own modules, as the bundle has them

from oe_app import data, readers, tasks  # noqa: E402

from services.flower.provider_node import join, keys  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m services.flower.provider_node", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    inspect = commands.add_parser("inspect", help="print what would be told about a data set")
    register = commands.add_parser("register", help="register a node that another process runs, and end")
    node = commands.add_parser("join", help="register this machine as a provider node and stay connected")
    for command in (inspect, register, node):
        command.add_argument("--data", required=True, help="sandbox:digits:<i>/<n>, or an .npz with X and y, or a folder of such")
    for command in (register, node):
        command.add_argument("--coordinator", required=True, help="http address of the training coordinator")
        command.add_argument("--token-file", type=Path, help="JSON file of role to key; default: the key in NODE_TOKEN")
        command.add_argument("--name", required=True)
        command.add_argument("--seller", help="the seller's id in the marketplace; default: the name")
        command.add_argument("--sandbox", action="store_true", help="may stand in for a seller without a node")
    register.add_argument("--public-key", type=Path, required=True, help="the node's public key, in OpenSSH's form")
    node.add_argument("--key", type=Path, required=True, help="the node's private key; made where it is missing")
    node.add_argument("--superlink", required=True, help="host:port of the SuperLink")
    node.add_argument(
        "--certs", type=Path, required=True, help="folder with ca.crt, and server.pem and server.key for this machine"
    )
    node.add_argument("--port", type=int, default=9094, help="port of the SuperNode's own runtime API, on loopback")
    node.add_argument("--state", type=Path, required=True)
    options = parser.parse_args()

    try:
        dataset = readers.read(options.data)
    except data.UnusableData as error:
        raise SystemExit(f"{options.data}: {error}") from error
    facts = data.facts(dataset) | {"tasks": tasks.types_for(dataset)}
    if options.command == "inspect":
        print(json.dumps(facts, indent=2))
        return 0
    if options.token_file:
        token = json.loads(options.token_file.read_text("utf-8"))["provider"]
    else:
        token = os.environ.get("NODE_TOKEN", "")
    member = {
        "coordinator": options.coordinator.rstrip("/"),
        "token": token,
        "name": options.name,
        "seller_node_id": options.seller or options.name,
        "sandbox": options.sandbox,
    }
    if options.command == "register":
        node_id = join.register(join.Member(**member), options.public_key.read_text("utf-8").strip(), facts)
        print(f"registered {options.name} as node {node_id}: {facts['sample_count']} samples", flush=True)
        return 0
    options.state.mkdir(parents=True, exist_ok=True)
    plan = join.Plan(
        **member,
        data=options.data,
        key=options.key.resolve(),
        superlink=options.superlink,
        ca=(options.certs / "ca.crt").resolve(),
        certs=options.certs.resolve(),
        port=options.port,
        state=options.state.resolve(),
    )
    node_id = join.register(plan, keys.ensure(plan.key), facts)
    print(f"registered {plan.name} as node {node_id}: {facts['sample_count']} samples", flush=True)
    return join.keep_running(plan)


if __name__ == "__main__":
    raise SystemExit(main())
