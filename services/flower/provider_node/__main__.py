"""`python -m services.flower.provider_node inspect|register|join`: measure a data set, tell the exchange of it, stay connected.

`join --gateway URL --invite CODE --data FILE` does it all: account, key, offer, node. What it keeps is in `--home`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

APP = Path(__file__).resolve().parents[1] / "app"
sys.path.insert(0, str(APP))  # the app's own modules, as the bundle has them

from oe_app import data, measure, policy, readers, tables  # noqa: E402

from services.flower import certs  # noqa: E402
from services.flower.provider_node import exchange, join, keys  # noqa: E402

SPEC = "a .csv, .parquet or .npz, a folder of such, a folder with a folder of pictures per class, or sandbox:digits:<i>/<n>"


def main() -> int:
    options = _parser().parse_args()
    reading = readers.Options(
        label=options.label,
        header=not options.no_header,
        classes=tuple(name.strip() for name in options.classes.split(",")) if options.classes else (),
        drop_missing=options.drop_missing,
    )
    facts = _measured(options.data, reading)
    if options.command == "inspect":
        print(json.dumps(facts, indent=2))
        return 0
    if options.command == "join" and options.policy is not None:
        try:
            policy.read(options.policy)
        except policy.UnreadablePolicy as error:
            raise SystemExit(str(error)) from error
    if options.command == "join" and options.gateway:
        return _join(options, reading, facts)
    missing = [name for name in ("coordinator", "name") if not getattr(options, name)]
    if options.command == "join":
        missing += [name for name in ("key", "superlink", "certs", "state") if not getattr(options, name)]
    if missing:
        raise SystemExit(f"give --gateway, or {', '.join(f'--{name}' for name in missing)}")
    member = join.Member(
        coordinator=options.coordinator.rstrip("/"),
        token=_token(options.token_file),
        name=options.name,
        seller_node_id=options.seller or options.name,
        sandbox=options.sandbox,
    )
    if options.command == "register":
        node_id = join.register(member, options.public_key.read_text("utf-8").strip(), facts)
        print(f"registered {options.name} as node {node_id}: {facts['sample_count']} samples", flush=True)
        return 0
    plan = join.Plan(
        **vars(member),
        data=_from_anywhere(options.data),
        key=options.key.resolve(),
        superlink=options.superlink,
        ca=(options.certs / "ca.crt").resolve(),
        certs=options.certs.resolve(),
        port=options.port or 9094,
        state=options.state.resolve(),
        policy=_resolved(options.policy),
        options=reading.as_config(),
    )
    return _run(plan, facts)


def _join(options: argparse.Namespace, reading: readers.Options, facts: dict[str, Any]) -> int:
    """The whole of it, with the gateway alone as the way to the exchange."""
    home: Path = options.home.resolve()
    gateway = options.gateway.rstrip("/")
    name = options.name or Path(options.data).name
    account = exchange.account(home, gateway, invite=options.invite, name=name)
    certs.make(home / "certs", ["localhost", "127.0.0.1"])  # for the node's own processes, on loopback
    with exchange.client(gateway, account["key"]) as http:
        address = exchange.superlink(http, home / "superlink-ca.crt")
        plan = join.Plan(
            coordinator=gateway,
            token=account["key"],
            name=name,
            seller_node_id=account["participant"],
            sandbox=False,
            data=_from_anywhere(options.data),
            key=home / "node.key",
            superlink=options.superlink or address,
            ca=home / "superlink-ca.crt",
            certs=home / "certs",
            port=options.port or _free_port(),
            state=home / "state",
            policy=_resolved(options.policy),
            options=reading.as_config(),
        )
        plan.state.mkdir(parents=True, exist_ok=True)
        # First the node, then its offer: whoever buys finds somebody at home.
        node_id = join.register(plan, keys.ensure(plan.key), facts)
        offer_id = exchange.publish(http, account["participant"], facts, title=options.title or name, price=options.price)
    print(f"joined as {account['participant']}: node {node_id}, offer {offer_id}, {facts['sample_count']} samples", flush=True)
    return join.keep_running(plan)


def _run(plan: join.Plan, facts: dict[str, Any]) -> int:
    plan.state.mkdir(parents=True, exist_ok=True)
    node_id = join.register(plan, keys.ensure(plan.key), facts)
    print(f"registered {plan.name} as node {node_id}: {facts['sample_count']} samples", flush=True)
    return join.keep_running(plan)


def _measured(spec: str, reading: readers.Options) -> dict[str, Any]:
    """Ends the program with a sentence and its code where the data cannot be sold."""
    try:
        dataset = readers.read(spec, reading)
        measure.check(dataset)
    except data.UnusableData as error:
        raise SystemExit(f"{spec}: {error} ({error.code})") from error
    return measure.facts(dataset) | {"tasks": tables.types_for(dataset)}


def _resolved(path: Path | None) -> Path | None:
    return None if path is None else path.resolve()


def _from_anywhere(spec: str) -> str:
    """The spec for a process with another working directory."""
    path = Path(spec)
    return str(path.resolve()) if path.exists() else spec


def _token(file: Path | None) -> str:
    return str(json.loads(file.read_text("utf-8"))["provider"]) if file else os.environ.get("NODE_TOKEN", "")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.flower.provider_node", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    inspect = commands.add_parser("inspect", help="print what would be told about a data set")
    register = commands.add_parser("register", help="register a node that another process runs, and end")
    node = commands.add_parser("join", help="register this machine as a provider node and stay connected")
    for command in (inspect, register, node):
        command.add_argument("--data", required=True, help=SPEC)
        command.add_argument("--label", default="", help="the label's column; default: the last one")
        command.add_argument("--no-header", action="store_true", help="the first row is a sample; columns are numbers from 0")
        command.add_argument("--classes", help="the classes in the order that all providers agreed on, separated by commas")
        command.add_argument("--drop-missing", action="store_true", help="leave samples out that lack a value")
    for command in (register, node):
        command.add_argument("--coordinator", help="http address of the training coordinator, where there is no gateway between")
        command.add_argument("--token-file", type=Path, help="JSON file of role to key; default: the key in NODE_TOKEN")
        command.add_argument("--name", help="default with --gateway: the data's name")
        command.add_argument("--seller", help="the seller's id in the marketplace; default: the name")
        command.add_argument("--sandbox", action="store_true", help="may stand in for a seller without a node")
    register.add_argument("--public-key", type=Path, required=True, help="the node's public key, in OpenSSH's form")
    node.add_argument("--gateway", help="http address of the exchange: the rest is asked for there")
    node.add_argument("--invite", help="the code of an invitation; needed once")
    node.add_argument("--home", type=Path, default=Path(".provider"), help="where account, keys and state are kept")
    node.add_argument("--price", type=float, default=1.0, help="credits for one training round")
    node.add_argument("--title", help="the offer's title; default: the name")
    node.add_argument("--key", type=Path, help="the node's private key; made where it is missing")
    node.add_argument("--superlink", help="host:port of the SuperLink")
    node.add_argument("--certs", type=Path, help="folder with ca.crt, and server.pem and server.key for this machine")
    node.add_argument("--port", type=int, help="port of the SuperNode's own runtime API, on loopback")
    node.add_argument("--state", type=Path)
    node.add_argument(
        "--policy", type=Path, help="TOML file of what this node trains, for whom, when, how often, from which price on"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
