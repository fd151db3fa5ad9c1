"""A whole stack of real processes on ports and in a folder of its own, for tests."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx
import psutil

from deploy.local.ports import Ports, complaints
from deploy.local.processes import ROOT, Stack, wanted_ports
from tests.seen import note

START_WITHIN_S = 150


def free_base() -> int:
    """A base whose ports are all free: bases are far apart, so that two stacks never overlap."""
    for base in range(20000 + os.getpid() % 97 * 100, 32000, 100):
        if not complaints(wanted_ports(Ports(base))):
            return base
    raise RuntimeError("no free ports")


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@dataclass
class RealStack:
    """A stack run by `python -m deploy.local up`, as `make start` does it."""

    stack: Stack
    process: subprocess.Popen[bytes]
    log: IO[bytes]
    clients: list[httpx.Client] = field(default_factory=list)

    @classmethod
    def launch(cls, state: Path, **settings: str) -> RealStack:
        base = free_base()
        env = {**os.environ, "STATE_DIR": str(state), "PORT_BASE": str(base), **settings}
        state.mkdir(parents=True, exist_ok=True)
        log = (state / "up.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "up"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        made = cls(Stack(state, Ports(base)), process, log)
        made.until_ready()
        return made

    def until_ready(self) -> None:
        end = time.monotonic() + START_WITHIN_S
        while not (self.stack.state / "ready").exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.close()
                raise RuntimeError((self.stack.state / "up.log").read_text("utf-8"))
            time.sleep(0.1)

    def client(self, role: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.stack.key(role)}"}
        hooks = {"response": [note]}
        client = httpx.Client(base_url=self.stack.gateway_url, headers=headers, timeout=60, trust_env=False, event_hooks=hooks)
        self.clients.append(client)
        return self.clients[-1]

    def processes(self) -> dict[str, psutil.Process]:
        """The supervised processes by a word of their command line."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                words = " ".join(child.cmdline())
            except psutil.Error:  # it has just ended
                continue
            for name in ("marketplace", "matching", "escrow", "training_coordinator", "gateway"):
                if words.endswith(f"services.{name}"):
                    found[name] = child
            for name in ("clinic-a", "clinic-b", "clinic-c"):
                if f"--name {name} " in words:
                    found[name] = child
            if "nats-server" in words:
                found["nats"] = child
            elif "bin/postgres" in words:
                found["postgres"] = child
            elif "superlink" in words and "--name" not in words:
                found["superlink"] = child
        return found

    def kill(self, name: str) -> None:
        """kill -9, with everything that the process started."""
        victim = self.processes()[name]
        family = victim.children(recursive=True)
        victim.kill()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def close(self) -> list[psutil.Process]:
        """Ctrl-C, and what is left afterwards (nothing)."""
        for client in self.clients:
            client.close()
        family = []
        if self.process.poll() is None:
            family = psutil.Process(self.process.pid).children(recursive=True)
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.log.close()
        end = time.monotonic() + 5
        while (left := [process for process in family if _lives(process)]) and time.monotonic() < end:
            time.sleep(0.05)
        for process in left:
            process.kill()
        self.stack.postgres.forget()
        return left


def problem(response: httpx.Response) -> str:
    """The code of a refusal."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    return str(response.json()["code"])
