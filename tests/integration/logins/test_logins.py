"""Each service logs in with its own name and gets at its own things, on both servers, and at nobody else's."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import asyncpg
import nats
import pytest
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.nats import config
from deploy.nats.streams import make_streams
from deploy.postgres import roles
from shared.contracts.events import STREAMS, Event
from shared.kit.messaging import FEED, ensure_streams
from shared.kit.migrate import migrate
from shared.kit.service import connect_nats
from shared.kit.streams import stream_of
from tests.backends import SECRET, Backend, Embedded
from tests.conftest import Databases

SERVICES: Final = tuple(config.SAYS)
OWNERS: Final = roles.OWNERS
PASSWORDS: Final = {user: f"{user}-{SECRET}" for user in (config.ADMIN, *SERVICES)}
SOON_S: Final = 1.0


# --- Postgres ---------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def exchange_dsn(postgres: Backend, databases: Databases) -> Iterator[str]:
    """The administrator's DSN of a database with every role and every schema, made as Compose makes it."""
    with asyncio.Runner() as runner:
        name = runner.run(databases.create())
        runner.run(roles.apply(postgres.url, dict.fromkeys(roles.OWNERS, SECRET), database=name))
        runner.run(roles.allow_watching(postgres.url, roles.WATCHER, SECRET, database=name))
        for owner in OWNERS:
            migrate(owner, databases.dsn(name, owner))
        yield databases.dsn(name)
        runner.run(databases.drop(name))


async def login(dsn: str, role: str) -> asyncpg.Connection[asyncpg.Record]:
    return await asyncpg.connect(roles.with_database(dsn, dsn.rsplit("/", 1)[1], role, SECRET))


@pytest.mark.parametrize("role", OWNERS)
async def test_a_role_works_in_its_own_schema(exchange_dsn: str, role: str) -> None:
    conn = await login(exchange_dsn, role)

    assert await conn.fetchval("SELECT current_schema()") == role
    assert await conn.fetchval("SELECT count(*) FROM outbox") == 0
    await conn.close()


@pytest.mark.parametrize("role, other", list(itertools.permutations(OWNERS, 2)))
async def test_a_role_neither_sees_nor_changes_another_schema(exchange_dsn: str, role: str, other: str) -> None:
    conn = await login(exchange_dsn, role)
    for statement in (
        f"SELECT * FROM {other}.outbox",
        f"INSERT INTO {other}.inbox (consumer, event_id) VALUES ('x', gen_random_uuid())",
        f"DELETE FROM {other}.dead_letter",
        f"CREATE TABLE {other}.mine (id int)",
        f"DROP SCHEMA {other} CASCADE",
        f"SET ROLE {other}",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(statement)
    await conn.close()


@pytest.mark.parametrize("role", [*roles.OWNERS, roles.WATCHER])
async def test_a_role_rules_over_nothing(exchange_dsn: str, role: str) -> None:
    conn = await login(exchange_dsn, role)
    for statement in (
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT rolpassword FROM pg_authid",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(statement)
    await conn.close()


@pytest.mark.parametrize("owner", OWNERS)
async def test_the_exporter_sees_statistics_and_nobodys_rows(exchange_dsn: str, owner: str) -> None:
    conn = await login(exchange_dsn, roles.WATCHER)

    assert await conn.fetchval("SELECT count(*) FROM pg_stat_user_tables WHERE schemaname = $1", owner) > 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await conn.fetch(f"SELECT * FROM {owner}.outbox")
    await conn.close()


async def test_a_wrong_password_is_refused(exchange_dsn: str) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(roles.with_database(exchange_dsn, "postgres", "escrow", "wrong"))


# --- NATS -------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def guarded() -> Iterator[Nats]:
    """A NATS server with the users that Compose gives it, and every stream."""
    made: list[Nats] = []

    def make(state: Path) -> Nats:
        made.append(Nats(state, free_port(), free_port(), PASSWORDS, durable=False))
        return made[0]

    server = Embedded(make, crash=signal.SIGKILL)
    asyncio.run(make_streams(made[0].url_of(config.ADMIN)))
    yield made[0]
    server.close()


class Login:
    """A connection as one user, and what the server held against it."""

    def __init__(self) -> None:
        self.complaints: asyncio.Queue[str] = asyncio.Queue()
        self.nc: Client

    async def _heard(self, error: Exception) -> None:
        await self.complaints.put(str(error).lower())

    async def open(self, server: Nats, user: str) -> Login:
        self.nc = await nats.connect(
            server.url_of(user), inbox_prefix=config.inbox_prefix(user), error_cb=self._heard, allow_reconnect=False
        )
        return self

    async def refused(self) -> str:
        """What the server refused, named by it."""
        async with asyncio.timeout(SOON_S * 5):
            return await self.complaints.get()


@pytest.fixture
async def login_as(guarded: Nats) -> AsyncIterator[dict[str, Login]]:
    logins = {user: await Login().open(guarded, user) for user in SERVICES}
    yield logins
    for login in logins.values():
        await login.nc.close()


def own_facts(service: str) -> list[str]:
    prefixes = tuple(subject.removesuffix(">") for subject in config.SAYS[service])
    return [subject for subject in Event.EVENTS if subject.startswith(prefixes)] if prefixes else []


@pytest.mark.parametrize("service", [service for service in SERVICES if config.SAYS[service]])
async def test_a_service_publishes_its_own_facts(login_as: dict[str, Login], service: str) -> None:
    js = login_as[service].nc.jetstream(timeout=SOON_S * 5)
    for subject in own_facts(service):
        event = Event.EVENTS[subject]
        ack = await js.publish(f"{subject}.x" if stream_of(event) == "OFFERS" else subject, b"{}")
        assert ack.stream == stream_of(event)


@pytest.mark.parametrize("service, other", list(itertools.permutations(SERVICES, 2)))
async def test_a_service_publishes_nobody_elses_facts(login_as: dict[str, Login], service: str, other: str) -> None:
    login = login_as[service]
    for subject in own_facts(other):
        await login.nc.publish(subject, b"{}")
        await login.nc.flush()
        assert "permissions violation for publish" in await login.refused()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_listens_to_nothing_but_answers_to_itself(login_as: dict[str, Login], service: str) -> None:
    login = login_as[service]
    others = [f"{config.inbox_prefix(other)}.>" for other in SERVICES if other != service]
    for subject in (">", "escrow.>", "_INBOX.>", "$JS.>", "$SYS.>", *others):
        await login.nc.subscribe(subject)
        await login.nc.flush()
        assert "permissions violation for subscription" in await login.refused()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_follows_the_streams_that_it_hears(guarded: Nats, service: str) -> None:
    nc = await connect_nats(guarded.url_of(service), service)
    js = nc.jetstream(timeout=SOON_S * 5)
    for heard in config.subscriptions(service):
        await js.add_consumer(heard.stream, durable_name=heard.consumer)
        pull = await js.pull_subscribe_bind(durable=heard.consumer, stream=heard.stream)
        assert (await pull.consumer_info()).name == heard.consumer
    if stream := config.FOLLOWS.get(service):
        sub = await js.subscribe(">" if stream == FEED else "marketplace.>", stream=stream, ordered_consumer=True)
        await sub.unsubscribe()
    await nc.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_follows_no_other_stream(login_as: dict[str, Login], service: str) -> None:
    login = login_as[service]
    js = login.nc.jetstream(timeout=0.2)
    heard = {sub.stream for sub in config.subscriptions(service)} | {config.FOLLOWS.get(service)}
    for stream in {*STREAMS, FEED} - heard:
        with pytest.raises(nats.errors.TimeoutError):  # the server tells the connection, and answers nothing
            await js.add_consumer(stream, durable_name="spy")
        assert f"consumer.durable.create.{stream.lower()}" in await login.refused()
        with pytest.raises(nats.errors.TimeoutError):
            await js.get_msg(stream, 1)
        assert f"stream.msg.get.{stream.lower()}" in await login.refused()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_may_not_change_or_delete_streams(login_as: dict[str, Login], service: str) -> None:
    login = login_as[service]
    js = login.nc.jetstream(timeout=0.2)
    for attempt in (js.delete_stream, js.purge_stream):
        for stream in (*STREAMS, FEED):
            with pytest.raises(nats.errors.TimeoutError):
                await attempt(stream)
            assert "permissions violation" in await login.refused()
    with pytest.raises(nats.errors.TimeoutError):
        await js.update_stream(name="ESCROW", subjects=["escrow.>"], max_msgs=1)
    assert "stream.update.escrow" in await login.refused()


async def test_a_service_puts_back_a_stream_that_is_gone(guarded: Nats) -> None:
    """A new NATS volume while the services run: whoever notices first makes the stream, and the outboxes fill it."""
    admin = await nats.connect(guarded.url_of(config.ADMIN))
    await admin.jetstream().delete_stream("DEAD_LETTERS")
    nc = await connect_nats(guarded.url_of("escrow"), "escrow")
    js = nc.jetstream(timeout=SOON_S * 5)
    with pytest.raises(NotFoundError):
        await js.stream_info("DEAD_LETTERS")

    await ensure_streams(js)

    assert (await js.stream_info("DEAD_LETTERS")).config.subjects == ["dead_letter.>"]
    await nc.close()
    await admin.close()


async def test_nobody_without_a_password_gets_in(guarded: Nats) -> None:
    nc = Client()
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        await nc.connect(guarded.url, allow_reconnect=False)
    await nc.close()
