"""Fixtures that every test may use: a real PostgreSQL, a real NATS, and clean rooms in them.

Servers live as long as the run. A test gets a database of its own and finds NATS without streams.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from uuid import uuid4

import asyncpg
import hypothesis
import nats
import pytest
import structlog

from deploy.local import ports
from deploy.postgres.roles import OWNERS, ensure_roles, own_schema, with_database
from shared.kit import db, migrate
from tests import backends, seen
from tests.backends import SECRET, Backend

NewDatabase = Callable[[str | None], Awaitable[str]]
ServiceDsn = Callable[[str], Awaitable[str]]
SchemaPool = Callable[[str], Awaitable[db.Pool]]


LAST = "test_every_code_was_triggered_by_a_test"

seen.watch()
# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("here")
# The default renderer draws every frame of a traceback with its locals, which takes longer than most tests.
structlog.configure(processors=[structlog.processors.format_exc_info, structlog.dev.ConsoleRenderer(colors=False)])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The look back at what the whole run has seen comes last, and only after a whole run."""
    last = [item for item in items if item.name == LAST]
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not (config.option.keyword or config.option.markexpr)
    items[:] = [item for item in items if item.name != LAST] + (last if whole else [])
    if not whole:
        config.hook.pytest_deselected(items=last)


def pytest_report_header() -> str:
    return f"backends: {backends.describe()}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Backend]:
    """The PostgreSQL server; `url` logs in as its administrator."""
    server = backends.open_postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def nats_server() -> Iterator[Backend]:
    """The NATS server, with JetStream."""
    server = backends.open_nats()
    yield server
    server.close()


@pytest.fixture(scope="session")
def crashable_postgres(postgres: Backend) -> Iterator[Backend]:
    """A PostgreSQL that a test may stop and start: `postgres` itself wherever it is ours."""
    server = backends.crashable(postgres, backends.embedded_postgres)
    yield server
    if server is not postgres:
        server.close()


@pytest.fixture(scope="session")
def crashable_nats(nats_server: Backend) -> Iterator[Backend]:
    """A NATS that a test may stop and start: `nats_server` itself wherever it is ours."""
    server = backends.crashable(nats_server, backends.embedded_nats)
    yield server
    if server is not nats_server:
        server.close()


@pytest.fixture
def free_port() -> int:
    return ports.free_port()


class Databases:
    """Databases on one server: fresh ones for tests, and a migrated template per service to make them from."""

    def __init__(self, server: Backend) -> None:
        self.server = server
        self._templates: dict[str, str] = {}
        self._numbers = itertools.count()

    async def create(self, template: str = "template0") -> str:
        name = f"test_{next(self._numbers)}_{uuid4().hex[:6]}"
        await self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    async def drop(self, name: str) -> None:
        await self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def dsn(self, name: str, user: str | None = None) -> str:
        return with_database(self.server.url, name, user, SECRET if user else None)

    async def template(self, service: str) -> str:
        """A database with the service's role, schema and migrations, made once per run."""
        if service not in self._templates:
            name = await self.create()
            conn = await asyncpg.connect(self.dsn(name))
            try:
                await ensure_roles(conn, {service: SECRET})
                await own_schema(conn, service)
            finally:
                await conn.close()
            await asyncio.to_thread(migrate.migrate, service, self.dsn(name, service))
            self._templates[service] = name
        return self._templates[service]

    async def _admin(self, statement: str) -> None:
        conn = await asyncpg.connect(self.server.url)
        try:
            await conn.execute(statement)
        finally:
            await conn.close()

    async def drop_templates(self) -> None:
        for name in self._templates.values():
            await self.drop(name)


@pytest.fixture(scope="session")
def databases(postgres: Backend) -> Iterator[Databases]:
    made = Databases(postgres)
    yield made
    if isinstance(postgres, backends.Given):  # nothing of ours stays on somebody else's server
        with asyncio.Runner() as runner:
            runner.run(made.drop_templates())


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[str]:
    """The administrator's DSN of an empty database of this test's own."""
    name = await databases.create()
    yield databases.dsn(name)
    await databases.drop(name)


@pytest.fixture
async def service_dsn(databases: Databases) -> AsyncIterator[ServiceDsn]:
    """`await service_dsn("escrow")`: logs in as the service's own role to its migrated schema, in a database of this
    test.

    Asked twice for the same service it is the same database, so that an app and a test's own pool meet there.
    """
    made: dict[str, str] = {}

    async def dsn(service: str) -> str:
        if service not in made:
            made[service] = await databases.create(await databases.template(service))
        return databases.dsn(made[service], service if service in OWNERS else None)

    yield dsn
    for name in made.values():
        await databases.drop(name)


@pytest.fixture
async def schema_pool(service_dsn: ServiceDsn) -> AsyncIterator[SchemaPool]:
    """`await schema_pool("escrow")`: a pool on what `service_dsn("escrow")` names, closed after the test."""
    pools: list[db.Pool] = []

    async def open_pool(service: str) -> db.Pool:
        pools.append(await db.open_pool(await service_dsn(service), service=service))
        return pools[-1]

    yield open_pool
    for pool in pools:
        pool.terminate()


async def _forget_streams(url: str) -> None:
    nc = await nats.connect(url)
    try:
        js = nc.jetstream()
        # Those that copy from others first, so that nothing is copied from a stream that is going.
        streams = await js.streams_info()
        for stream in sorted(streams, key=lambda info: not info.config.sources):
            await js.delete_stream(str(stream.config.name))
    finally:
        await nc.close()


@pytest.fixture
async def nats_url(nats_server: Backend) -> AsyncIterator[str]:
    """The URL of a NATS server without streams. What the test made there is deleted afterwards."""
    await _forget_streams(nats_server.url)
    yield nats_server.url
    await asyncio.to_thread(nats_server.start)  # in case the test left it crashed
    await _forget_streams(nats_server.url)
