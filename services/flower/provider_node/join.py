"""Registers the node and keeps its SuperNode running until it is told to stop."""

from __future__ import annotations

import ctypes
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from services.flower.environment import clean
from services.flower.provider_node import grants

ROOT = Path(__file__).resolve().parents[3]
"""The SuperNode's own modules are found from here, wherever the provider's shell is."""
REGISTER_PATIENCE_S = 120.0
PAUSES_S = (0.5, 1, 2, 5, 5, 10)
"""Between restarts. After a kill the SuperLink refuses the node's key for up to 60 s, while the old session has not lapsed."""


@dataclass(frozen=True)
class Member:
    """Who the node is to the exchange, and where the exchange is told."""

    coordinator: str
    token: str
    name: str
    seller_node_id: str
    sandbox: bool


@dataclass(frozen=True)
class Plan(Member):
    """How the node runs."""

    data: str
    key: Path
    superlink: str
    ca: Path
    certs: Path
    port: int
    state: Path
    options: Mapping[str, str | bool] = field(default_factory=dict)
    """What is what in the data's files, as Flower's flat node configuration."""
    policy: Path | None = None


def register(plan: Member, public_key: str, facts: dict[str, Any]) -> str:
    """Tells the coordinator who this is and what was measured; tries again while it is away. Returns the node's id."""
    body = {
        "name": plan.name,
        "seller_node_id": plan.seller_node_id,
        "public_key": public_key,
        **facts,
        "sandbox": plan.sandbox,
    }
    end, pause = time.monotonic() + REGISTER_PATIENCE_S, 0.2
    with httpx.Client(headers={"authorization": f"Bearer {plan.token}"}, timeout=10) as http:
        while True:
            try:
                answer = http.post(f"{plan.coordinator}/training/nodes", json=body)
                if answer.is_success:
                    if isinstance(plan, Plan):
                        grants.keep(plan.state, answer.json().get("grant_keys"))
                    return str(answer.json()["node_id"])
                if answer.status_code < 500:
                    raise SystemExit(f"the coordinator refuses this node: {answer.text}")
                trouble = answer.text
            except httpx.TransportError as error:
                trouble = repr(error)
            if time.monotonic() > end:
                raise SystemExit(f"the coordinator at {plan.coordinator} does not answer: {trouble}")
            time.sleep(pause)
            pause = min(pause * 1.5, 3)


def command(plan: Plan) -> list[str]:
    """The SuperNode's argv."""
    return [
        sys.executable,
        "-m",
        "services.flower.provider_node.supernode",
        "--superlink",
        plan.superlink,
        "--root-certificates",
        str(plan.ca),
        "--auth-supernode-private-key",
        str(plan.key),
        "--isolation",
        "subprocess",
        "--port",
        str(plan.port),
        "--ssl-ca-certfile",
        str(plan.certs / "ca.crt"),
        "--ssl-certfile",
        str(plan.certs / "server.pem"),
        "--ssl-keyfile",
        str(plan.certs / "server.key"),
        "--node-config",
        " ".join(
            [
                f"data={json.dumps(plan.data)}",
                *(f"{key}={json.dumps(value)}" for key, value in plan.options.items()),
                grants.node_config(plan.state, plan.policy),
            ]
        ),
    ]


def _die_with_parent() -> None:
    """Linux: the child is ended when this process is, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def keep_running(plan: Plan) -> int:
    """Runs the SuperNode and starts it again when it ends by itself. Returns after SIGTERM or Ctrl-C."""
    stopping = threading.Event()
    child: subprocess.Popen[bytes] | None = None

    def stop(*_: object) -> None:
        stopping.set()
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    failures = 0
    while not stopping.is_set():
        began = time.monotonic()
        child = subprocess.Popen(  # noqa: S603
            command(plan),
            cwd=ROOT,
            env=clean(plan.state / "flwr"),
            preexec_fn=_die_with_parent if sys.platform != "win32" else None,
        )
        if stopping.is_set():
            child.terminate()
        status = child.wait()
        if stopping.is_set():
            break
        failures = 0 if time.monotonic() - began > 30 else failures + 1
        pause = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
        print(f"SuperNode of {plan.name} ended with status {status}; again in {pause} s", flush=True)
        stopping.wait(pause)
    return 0
