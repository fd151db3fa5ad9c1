"""Keeps the processes of a stack running: starts them in order, starts again what dies, ends all of it together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import psutil

from deploy.local import spawn
from deploy.local.processes import ROOT, Process

READY_WITHIN_S: Final = 120
LOOK_S: Final = 0.05
STOP_WITHIN_S: Final = 8
TOO_OFTEN: Final = 6
"""A process that ends this often without having become ready in between cannot be helped by another start."""

_KEPT: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "PYTHONDONTWRITEBYTECODE",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
)


class GaveUp(Exception):
    """The stack cannot run; the message says which process and shows the end of its log."""


class Supervisor:
    """One stack's processes. `say` gets a line per thing worth knowing."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self._logs, self._say = logs, say
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._stops: dict[str, signal.Signals] = {}
        self._keepers: list[asyncio.Task[None]] = []
        # A thread per child: in the loop's own small pool they would leave no room for anything else.
        self._waiters = ThreadPoolExecutor(64, "wait")
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def pids(self) -> dict[str, int]:
        return {name: child.pid for name, child in self._children.items() if child.poll() is None}

    async def start(self, processes: Sequence[Process]) -> None:
        """Starts all of them at once and returns when every one is ready. Raises `GaveUp`."""
        ready = []
        for process in processes:
            up = asyncio.Event()
            self._keepers.append(asyncio.create_task(self._keep(process, up), name=f"keep-{process.name}"))
            ready.append(asyncio.create_task(up.wait()))
        everything = asyncio.gather(*ready)
        first: set[asyncio.Future[Any]] = {everything, self.failed}
        done, _ = await asyncio.wait(first, timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        if self.failed in done:
            everything.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await everything
            self.failed.result()
        if not everything.done():
            everything.cancel()
            late = [process.name for process, task in zip(processes, ready, strict=True) if not task.done() or task.cancelled()]
            raise GaveUp(f"not ready after {READY_WITHIN_S} s: {', '.join(late)}\n{self._tail(late[0]) if late else ''}")

    async def _keep(self, process: Process, up: asyncio.Event) -> None:
        """Runs one process for as long as the stack lives."""
        failures = 0
        while True:
            child = self._launch(process)
            watcher = asyncio.create_task(self._until_ready(process, up))
            try:
                await self._ended(child)
            finally:
                watcher.cancel()
            failures = 0 if up.is_set() else failures + 1
            if failures >= TOO_OFTEN:
                if not self.failed.done():
                    message = f"{process.name} ended {failures} times (status {child.returncode})\n{self._tail(process.name)}"
                    self.failed.set_exception(GaveUp(message))
                return
            self._say(f"{process.name} ended with status {child.returncode}: starting it again")
            await asyncio.sleep(min(0.2 * 2**failures, 3))
            up.clear()

    def _launch(self, process: Process) -> subprocess.Popen[bytes]:
        env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._logs.mkdir(parents=True, exist_ok=True)
        with (self._logs / f"{process.name}.log").open("ab") as log:
            child = spawn.start(
                process.argv, log=log, env=env | dict(process.env), cwd=ROOT, user=process.user, dies_by=process.stop
            )
        self._children[process.name] = child
        self._stops[process.name] = process.stop
        return child

    @staticmethod
    async def _until_ready(process: Process, up: asyncio.Event) -> None:
        while not await process.ready():  # noqa: ASYNC110 - another process has no event for us
            await asyncio.sleep(LOOK_S)
        up.set()

    async def _ended(self, child: subprocess.Popen[bytes]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._waiters, child.wait)

    def _tail(self, name: str) -> str:
        path = self._logs / f"{name}.log"
        lines = path.read_text("utf-8", "replace").splitlines()[-15:] if path.exists() else []
        return "\n".join([f"the end of {path}:", *lines])

    async def stop(self) -> None:
        """Ends everything, servers last, and whatever the processes started themselves. Returns when nothing is left."""
        for task in self._keepers:
            task.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        servers = [name for name in ("nats", "postgres") if name in self._children]
        others = [name for name in self._children if name not in servers]
        await asyncio.to_thread(self._end, others)
        await asyncio.to_thread(self._end, servers)
        self._waiters.shutdown(wait=False)

    def _end(self, names: Sequence[str]) -> None:
        family: list[psutil.Process] = []
        for name in names:
            with contextlib.suppress(psutil.Error):
                family += psutil.Process(self._children[name].pid).children(recursive=True)
            with contextlib.suppress(ProcessLookupError):
                if self._children[name].poll() is None:
                    self._children[name].send_signal(self._stops[name])
        deadline = time.monotonic() + STOP_WITHIN_S
        for name in names:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._children[name].wait(max(0.1, deadline - time.monotonic()))
        for name in names:
            if self._children[name].poll() is None:
                self._children[name].kill()
                self._children[name].wait()
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
