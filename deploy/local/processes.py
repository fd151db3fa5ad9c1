"""What runs in the local stack: one table of processes, what each waits for, and how one tells that it is ready."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from deploy.local.nats import Nats
from deploy.local.ports import Ports
from deploy.local.postgres import STOP_FAST, Postgres
from deploy.local.spawn import User
from deploy.nats.config import ADMIN, SAYS
from deploy.postgres.roles import DATABASE, OWNERS

ROOT: Final = Path(__file__).resolve().parents[2]
ROLES: Final = ("provider", "model_owner", "operator", "reviewer", "service")
CLINICS: Final = ("clinic-a", "clinic-b", "clinic-c")
SERVICES: Final = ("marketplace", "matching", "escrow", "training_coordinator", "gateway")

Ready = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Process:
    """One supervised process. `after` names what must be ready before it starts."""

    name: str
    argv: Sequence[str]
    ready: Ready
    env: Mapping[str, str] = field(default_factory=dict)
    after: Sequence[str] = ()
    user: User | None = None
    stop: signal.Signals = signal.SIGTERM


@dataclass(frozen=True)
class Stack:
    """Where a stack keeps its state and where it listens."""

    state: Path
    ports: Ports
    extra_env: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys_file(self) -> Path:
        return self.state / "keys.json"

    @property
    def signing_key_file(self) -> Path:
        return self.state / "tokens/signing.pem"

    @property
    def token_keys_file(self) -> Path:
        return self.state / "tokens/public.json"

    @property
    def grant_key_file(self) -> Path:
        return self.state / "tokens/grants.pem"

    @property
    def evidence_key_file(self) -> Path:
        return self.state / "tokens/evidence.pem"

    @property
    def evidence_keys_file(self) -> Path:
        return self.state / "tokens/evidence_keys.json"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.gateway}"

    def key(self, role: str) -> str:
        return str(json.loads(self.keys_file.read_text("utf-8"))[role])

    def secret(self, name: str) -> str:
        """A password that is made once and kept in the state folder."""
        path = self.state / "secrets.json"
        known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        if name not in known:
            known[name] = secrets.token_urlsafe(18)
            _write_private(path, json.dumps(known, indent=2))
        return known[name]

    @property
    def postgres(self) -> Postgres:
        return Postgres(self.state / "postgres", self.ports.postgres, self.secret("postgres"))

    @property
    def nats(self) -> Nats:
        passwords = {user: self.secret(f"nats-{user}") for user in (ADMIN, *SAYS)}
        return Nats(self.state / "nats", self.ports.nats, self.ports.nats_monitor, passwords)

    def dsn(self, service: str) -> str:
        return self.postgres.dsn(DATABASE, service, self.secret(f"postgres-{service}"))

    def passwords(self) -> dict[str, str]:
        return {service: self.secret(f"postgres-{service}") for service in OWNERS}

    def make_keys(self) -> None:
        """One bearer key per role, made once."""
        if not self.keys_file.exists():
            _write_private(self.keys_file, json.dumps({role: f"oe_{role}_{secrets.token_urlsafe(18)}" for role in ROLES}, indent=2))


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def _answers(url: str) -> Ready:
    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=2, verify=False) as http:  # noqa: S501 - liveness on loopback
                return (await http.get(url)).status_code == 200
        except httpx.HTTPError:
            return False

    return ready


def servers(stack: Stack) -> list[Process]:
    """The servers that everything else needs."""
    postgres, nats = stack.postgres, stack.nats
    return [
        Process("postgres", postgres.argv(), postgres.is_ready, user=postgres.user, stop=STOP_FAST),
        Process("nats", nats.argv(), nats.is_ready),
    ]


def services(stack: Stack) -> list[Process]:
    """Every service, the SuperLink and the three sandbox clinics."""
    ports, state = stack.ports, stack.state
    python = sys.executable
    coordinator = f"http://127.0.0.1:{ports.training_coordinator}"
    nats = stack.nats
    common = {
        "KEYS_FILE": str(stack.keys_file),
        "TOKEN_KEYS_FILE": str(stack.token_keys_file),
        "STARTER_CREDIT": "1000",
        "SANDBOX": "true",
        "DEMO_MODE": "true",
        "SUPERLINK": f"127.0.0.1:{ports.superlink}",
        "SUPERLINK_CA": str(state / "certs/ca.crt"),
        "MODEL_DIR": str(state / "models"),
        "COORDINATOR_URL": coordinator,
        "MARKETPLACE_URL": f"http://127.0.0.1:{ports.marketplace}",
        "MATCHING_URL": f"http://127.0.0.1:{ports.matching}",
        "ESCROW_URL": f"http://127.0.0.1:{ports.escrow}",
        "TRAINING_URL": coordinator,
        **stack.extra_env,
    }
    found = [
        Process(
            "superlink",
            [
                *(python, "-m", "services.flower.superlink", "--port", str(ports.superlink)),
                *("--state", str(state / "superlink"), "--certs", str(state / "certs")),
            ],
            _answers(f"https://127.0.0.1:{ports.superlink}/health"),
        )
    ]
    for name in SERVICES:
        port = str(getattr(ports, name))
        env = {**common, "PORT": port, "NATS_URL": nats.url_of(name)}
        if name == "gateway":
            env["TOKEN_SIGNING_KEY_FILE"] = str(stack.signing_key_file)
            env["EVIDENCE_SIGNING_KEY_FILE"] = str(stack.evidence_key_file)
            env["EVIDENCE_KEYS_FILE"] = str(stack.evidence_keys_file)
        if name == "training_coordinator":
            env["GRANT_SIGNING_KEY_FILE"] = str(stack.grant_key_file)
        if name in OWNERS:
            env["DATABASE_URL"] = stack.dsn(name)
        path = "/healthz" if name == "gateway" else "/readyz"
        found.append(Process(name, [python, "-m", f"services.{name}"], _answers(f"http://127.0.0.1:{port}{path}"), env=env))
    for number, clinic in enumerate(CLINICS):
        found.append(
            Process(
                clinic,
                [
                    *(python, "-m", "services.flower.provider_node", "join", "--name", clinic, "--sandbox"),
                    *("--data", f"sandbox:digits:{number}/{len(CLINICS)}", "--coordinator", coordinator),
                    *("--token-file", str(stack.keys_file), "--key", str(state / "nodes" / clinic / "key")),
                    *("--superlink", f"127.0.0.1:{ports.superlink}", "--certs", str(state / "certs")),
                    *("--port", str(ports.node(number)), "--state", str(state / "nodes" / clinic)),
                ],
                _is_online(stack, coordinator, clinic),
            )
        )
    return found


def _is_online(stack: Stack, coordinator: str, clinic: str) -> Ready:
    async def ready() -> bool:
        headers = {"authorization": f"Bearer {stack.key('reviewer')}"}
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=2, headers=headers) as http:
                nodes = (await http.get(f"{coordinator}/training/nodes")).json()["nodes"]
        except (httpx.HTTPError, ValueError, KeyError):
            return False
        return any(node["name"] == clinic and node["online"] for node in nodes)

    return ready


def wanted_ports(ports: Ports) -> list[tuple[str, int]]:
    named = ["postgres", "nats", "nats_monitor", "superlink", *SERVICES]
    return [(name, getattr(ports, name)) for name in named] + [(clinic, ports.node(n)) for n, clinic in enumerate(CLINICS)]
