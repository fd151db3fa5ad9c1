"""A whole stack: its servers, the database's roles and schemas, certificates, and every process, as one context."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import psutil

from deploy import token_keys
from deploy.local import processes
from deploy.local.ports import complaints
from deploy.local.processes import SERVICES, Stack
from deploy.local.supervisor import Supervisor
from deploy.nats.config import ADMIN
from deploy.nats.streams import make_streams
from deploy.postgres.roles import OWNERS, apply
from services.flower import certs
from shared.kit.migrate import migrate


class PortTaken(Exception):
    """Another process listens where this stack would."""


@dataclass(frozen=True)
class Running:
    """A stack that is up."""

    stack: Stack
    supervisor: Supervisor
    seconds: float
    """From nothing running to everything ready."""

    def memory_mb(self) -> dict[str, int]:
        """Resident memory of the services (without servers and Flower), in MB."""
        found = {}
        for name, pid in self.supervisor.pids().items():
            if name in SERVICES:
                with contextlib.suppress(psutil.Error):
                    found[name] = round(psutil.Process(pid).memory_info().rss / 2**20)
        return found


@contextlib.asynccontextmanager
async def running(stack: Stack, say: Callable[[str], None]) -> AsyncIterator[Running]:
    """Brings the stack up, and down again, whatever happens in between.

    Raises:
        PortTaken: with a sentence per port.
        GaveUp: a process cannot be kept running.
    """
    taken = complaints(processes.wanted_ports(stack.ports))
    if taken:
        raise PortTaken("\n".join(taken))
    began = time.monotonic()
    stack.state.mkdir(parents=True, exist_ok=True)
    stack.make_keys()
    token_keys.ensure(stack.signing_key_file, [stack.token_keys_file])
    token_keys.ensure(stack.grant_key_file, [])
    token_keys.ensure(stack.evidence_key_file, [stack.evidence_keys_file], kept=None)
    await asyncio.to_thread(certs.make, stack.state / "certs", ["localhost", "127.0.0.1"])
    await asyncio.to_thread(stack.postgres.prepare)
    stack.nats.prepare()
    supervisor = Supervisor(stack.state / "logs", say)
    try:
        everything = processes.services(stack)
        await supervisor.start(processes.servers(stack))
        say(f"postgres and nats are ready ({time.monotonic() - began:.1f} s)")
        await apply(stack.postgres.dsn(), stack.passwords())
        await asyncio.gather(*(asyncio.to_thread(migrate, name, stack.dsn(name)) for name in OWNERS))
        await make_streams(stack.nats.url_of(ADMIN))
        await supervisor.start(everything)
        seconds = time.monotonic() - began
        yield Running(stack, supervisor, seconds)
    finally:
        await supervisor.stop()
