"""A real PostgreSQL and a real NATS for the tests, from the first place that has them.

1. `TEST_DATABASE_URL` (an administrator's DSN) and `TEST_NATS_URL`: servers that are there already.
2. Docker, through testcontainers, where an engine answers and has the images or can pull them (`TEST_BACKENDS=embedded` passes it by).
3. The embedded servers of `deploy.local`.

Each can be crashed and started again by a test. A server of kind 1 is not ours to crash: `crashable` then gives an embedded
one instead.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from deploy.local import postgres, spawn
from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres

POSTGRES_IMAGE: Final = "postgres:18"
NATS_IMAGE: Final = "nats:2-alpine"
READY_WITHIN_S: Final = 60
SECRET: Final = "only-for-tests"


class Backend(Protocol):
    """A server that tests talk to."""

    url: str
    source: str
    """Where it came from, for the header of the test run."""

    def stop(self) -> None:
        """Crashes it: no goodbye to its clients, nothing flushed. Returns when it is gone."""

    def start(self) -> None:
        """Starts it again with the same data at the same address. Returns when it answers."""

    def close(self) -> None:
        """Ends it for good and deletes what it kept."""


class Given:
    """A server that somebody else runs."""

    def __init__(self, url: str, variable: str) -> None:
        self.url, self._variable = url, variable
        self.source = f"{variable} ({urlsplit(url).hostname})"

    def stop(self) -> None:
        raise RuntimeError(
            f"the server of {self._variable} is not ours to crash: use the fixture crashable_postgres or crashable_nats"
        )

    start = stop

    def close(self) -> None:
        pass


class Embedded:
    """A server of `deploy.local` below a temporary folder."""

    source = "embedded"

    def __init__(self, make: Callable[[Path], Postgres | Nats], *, crash: signal.Signals) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="open-ecosystem-test-"))
        self._server, self._crash = make(self._folder / "server"), crash
        self.url = self._server.dsn() if isinstance(self._server, Postgres) else self._server.url
        self._log = (self._folder / "log").open("ab")
        self._server.prepare()
        self._process = self._launch()

    def _launch(self) -> subprocess.Popen[bytes]:
        server = self._server
        user = server.user if isinstance(server, Postgres) else None
        process = spawn.start(server.argv(), log=self._log, user=user, dies_by=self._crash)
        await_ready(server.is_ready, lambda: process.poll() is not None, self._folder / "log")
        return process

    def stop(self) -> None:
        self._process.send_signal(self._crash)
        self._process.wait(20)

    def start(self) -> None:
        if self._process.poll() is not None:
            self._process = self._launch()

    def close(self) -> None:
        if self._process.poll() is None:
            self.stop()
        self._log.close()
        self._server.forget()
        shutil.rmtree(self._folder, ignore_errors=True)


class Container:
    """A server in Docker, at a port that survives a restart."""

    def __init__(self, container: Any, url: str, ready: Callable[[], Any]) -> None:
        self.url, self.source = url, f"docker {container.image}"
        self._container, self._ready = container, ready
        container.start()
        self._wait()

    def _wait(self) -> None:
        await_ready(self._ready, lambda: False, None)

    def stop(self) -> None:
        self._container.get_wrapped_container().kill()
        self._container.get_wrapped_container().wait()

    def start(self) -> None:
        self._container.get_wrapped_container().start()
        self._wait()

    def close(self) -> None:
        self._container.stop()


def await_ready(ready: Callable[[], Any], ended: Callable[[], bool], log: Path | None) -> None:
    """Asks until the server answers; fails with the end of its log when it ended or does not answer."""

    async def ask() -> bool:
        deadline = asyncio.get_running_loop().time() + READY_WITHIN_S
        while asyncio.get_running_loop().time() < deadline and not ended():
            if await ready():
                return True
            await asyncio.sleep(0.05)
        return False

    # In a thread of its own: the caller may be inside a running event loop.
    with ThreadPoolExecutor(1) as pool:
        if not pool.submit(asyncio.run, ask()).result():
            tail = log.read_text("utf-8", "replace")[-2000:] if log else ""
            raise RuntimeError(f"the test server does not answer\n{tail}")


@cache
def docker_answers() -> bool:
    """Whether there is an engine to talk to."""
    if "DOCKER_HOST" not in os.environ and not Path("/var/run/docker.sock").exists():
        return False
    import docker

    try:
        with _docker() as client:
            return bool(client.ping())
    except docker.errors.DockerException:
        return False


@contextmanager
def _docker() -> Iterator[Any]:
    import docker

    client: Any = docker.DockerClient.from_env(timeout=20)  # type: ignore[attr-defined, no-untyped-call]
    try:
        yield client
    finally:
        client.close()


@cache
def docker_lacks() -> str | None:
    """Why the servers cannot run in Docker; None when they can: an engine answers, and both images are there or can be pulled."""
    if os.environ.get("TEST_BACKENDS") == "embedded":
        return "TEST_BACKENDS=embedded"
    if not docker_answers():
        return "no Docker engine answers"
    from testcontainers.core.config import testcontainers_config

    with _docker() as client:
        for image in (POSTGRES_IMAGE, NATS_IMAGE):
            if not _obtainable(client, image):
                return f"the Docker engine has no {image} and cannot pull it"
        # Without its image nothing removes the containers of a run that was killed; those of any other are removed by us.
        if not _obtainable(client, testcontainers_config.ryuk_image):
            testcontainers_config.ryuk_disabled = True
    return None


def _obtainable(client: Any, image: str) -> bool:
    import docker

    try:
        client.images.get(image)
    except docker.errors.ImageNotFound:
        try:
            client.images.pull(image)
        except docker.errors.DockerException:
            return False
    return True


def embedded_postgres() -> Backend:
    return Embedded(lambda state: Postgres(state, free_port(), SECRET, durable=False), crash=postgres.STOP_IMMEDIATE)


def embedded_nats() -> Backend:
    return Embedded(lambda state: Nats(state, free_port(), free_port(), durable=False), crash=signal.SIGKILL)


def _docker_postgres() -> Backend:
    from testcontainers.core.container import DockerContainer

    port = free_port()
    container = (
        DockerContainer(POSTGRES_IMAGE)
        .with_env("POSTGRES_PASSWORD", SECRET)
        .with_bind_ports(5432, port)
        .with_command("postgres -c fsync=off -c full_page_writes=off -c max_connections=200")
    )
    server = Postgres(Path(), port, SECRET)  # only to ask whether it answers
    return Container(container, server.dsn(), server.is_ready)


def _docker_nats() -> Backend:
    from testcontainers.core.container import DockerContainer

    port, monitor = free_port(), free_port()
    container = (
        DockerContainer(NATS_IMAGE).with_bind_ports(4222, port).with_bind_ports(8222, monitor).with_command("-js -sd /data -m 8222")
    )
    server = Nats(Path(), port, monitor)
    return Container(container, server.url, server.is_ready)


def open_postgres() -> Backend:
    if url := os.environ.get("TEST_DATABASE_URL"):
        return Given(url, "TEST_DATABASE_URL")
    return embedded_postgres() if docker_lacks() else _docker_postgres()


def open_nats() -> Backend:
    if url := os.environ.get("TEST_NATS_URL"):
        return Given(url, "TEST_NATS_URL")
    return embedded_nats() if docker_lacks() else _docker_nats()


def crashable(backend: Backend, embedded: Callable[[], Backend]) -> Backend:
    """`backend`, or an embedded one where it is not ours to crash."""
    return embedded() if isinstance(backend, Given) else backend


def describe() -> str:
    """What the next run will use, without starting it."""
    lack = docker_lacks()
    fallback = f"embedded servers ({lack})" if lack else f"docker ({POSTGRES_IMAGE}, {NATS_IMAGE})"
    chosen = {name: f"{name}" if os.environ.get(name) else fallback for name in ("TEST_DATABASE_URL", "TEST_NATS_URL")}
    return f"postgres: {chosen['TEST_DATABASE_URL']}; nats: {chosen['TEST_NATS_URL']}"
