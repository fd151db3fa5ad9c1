"""Which ports the stack uses, whether they are free, and who sits on one that is not."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Ports:
    """Every port follows from one base, so that two stacks fit on one machine."""

    base: int = 8000

    gateway = property(lambda self: self.base)
    marketplace = property(lambda self: self.base + 1)
    matching = property(lambda self: self.base + 2)
    escrow = property(lambda self: self.base + 3)
    training_coordinator = property(lambda self: self.base + 4)
    superlink = property(lambda self: self.base + 5)
    nats = property(lambda self: self.base + 22)
    nats_monitor = property(lambda self: self.base + 23)
    postgres = property(lambda self: self.base + 32)

    def node(self, number: int) -> int:
        return self.base + 40 + number


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection of an earlier run that is not fully closed is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def holder(port: int) -> str | None:
    """The process that listens on `port`, as `name (pid)`; None where the system does not tell us."""
    with contextlib.suppress(psutil.Error):
        for conn in psutil.net_connections("tcp"):
            if conn.laddr and conn.laddr.port == port and conn.status == psutil.CONN_LISTEN and conn.pid:
                return f"{psutil.Process(conn.pid).name()} (pid {conn.pid})"
    return None


def complaints(wanted: Iterable[tuple[str, int]]) -> list[str]:
    """A sentence for each port that is taken."""
    return [
        f"port {port}, wanted for {name}, is taken by {holder(port) or 'another process'}"
        for name, port in wanted
        if not is_free(port)
    ]
