"""Thousands of clients that say nothing, and some that say a byte a second, keep nobody else from being served. On loopback alone."""

from __future__ import annotations

import contextlib
import resource
import selectors
import socket
import threading
import time
from collections.abc import Callable

from tests.e2e.stack import RealStack

IDLE = 10_000
SLOW = 50
HEAD_S = 15
"""After which the gateway ends a connection whose request has no complete head (shared/kit/protocol.py)."""


def _as_many_as_allowed() -> int:
    """Files of this process may be raised up to the hard limit; some are left for everything else."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return min(IDLE, most - 1000) if most != resource.RLIM_INFINITY else IDLE


def _until(condition: Callable[[], bool], within_s: float) -> bool:
    end = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _trickle(clients: list[socket.socket], stop: threading.Event) -> None:
    for byte in b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: " + b"y" * 600:
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(bytes([byte]))
        if stop.wait(1):
            return


def _ended(clients: list[socket.socket], within_s: float) -> list[bytes]:
    """What each client heard last before its connection was closed; those that were not are missing."""
    heard: list[bytes] = []
    with selectors.DefaultSelector() as waiting:
        for client in clients:
            client.setblocking(False)
            waiting.register(client, selectors.EVENT_READ)
        end = time.monotonic() + within_s
        while waiting.get_map() and time.monotonic() < end:
            for key, _ in waiting.select(1):
                said = b""
                with contextlib.suppress(ConnectionError):
                    said = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                heard.append(said[:12])
                waiting.unregister(key.fileobj)
    return heard


def test_a_flood_of_idle_and_slow_clients_keeps_nobody_out(real_stack: RealStack) -> None:
    gateway = real_stack.processes()["gateway"]
    place, others = ("127.0.0.1", real_stack.stack.ports.gateway), real_stack.client("reviewer")
    before, count = gateway.num_fds(), _as_many_as_allowed()
    stop = threading.Event()
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(place, 30)) for _ in range(SLOW)]
        trickling = threading.Thread(target=_trickle, args=(slow, stop))
        trickling.start()
        stack.callback(trickling.join)
        stack.callback(stop.set)
        started, waits, idle = time.monotonic(), [], []
        for number in range(count):
            idle.append(stack.enter_context(socket.create_connection(place, 30)))
            if number % (count // 20) == 0:
                asked = time.monotonic()
                assert others.get("/session/me").status_code == 200
                waits.append(time.monotonic() - asked)
        opened_s, held = time.monotonic() - started, 0

        def all_there() -> bool:
            nonlocal held
            held = max(held, gateway.num_fds() - before)  # the kernel queues what the gateway has still to accept
            return held > count * 0.9

        there = _until(all_there, HEAD_S - opened_s)
        print(f"{count} idle connections in {opened_s:.1f} s, {held} of them held; others waited {max(waits):.2f} s at most")
        assert there or opened_s > HEAD_S / 2, "the flood did not happen"

        ended = _ended(idle, 120) + _ended(slow, 60)
        assert len(ended) == count + SLOW, "connections that say nothing are kept"
        assert set(ended) <= {b"HTTP/1.1 408", b""}
        assert ended.count(b"HTTP/1.1 408") >= count
        assert others.get("/session/me").status_code == 200
    assert _until(lambda: gateway.num_fds() < before + 50, 60), "connections that are closed are kept open here"
