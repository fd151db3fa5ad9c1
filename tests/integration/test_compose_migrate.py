"""The job that brings both servers to what the code expects: on new volumes, on old ones, and on those of another version."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import asyncpg
import nats as nats_client
import pytest

from deploy.compose import migrate
from deploy.compose.secrets import Store, make
from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.nats import config
from deploy.postgres import roles
from shared.contracts.events import STREAMS
from shared.kit.db import SchemaMismatch, migration_dirs, wanted_versions
from shared.kit.messaging import FEED
from shared.kit.migrate import dbmate
from tests.backends import SECRET, Backend, Embedded

PASSWORDS: Final = dict.fromkeys((config.ADMIN, *config.SAYS), SECRET)


@pytest.fixture(scope="module")
def streams() -> Iterator[Nats]:
    made: list[Nats] = []

    def make_server(state: Path) -> Nats:
        made.append(Nats(state, free_port(), free_port(), PASSWORDS, durable=False))
        return made[0]

    server = Embedded(make_server, crash=signal.SIGKILL)
    yield made[0]
    server.close()


@pytest.fixture
async def prepared(postgres: Backend, streams: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The job's secrets, and the administrator's DSN of the database that it makes."""
    files = {f"{role}_db_password": SECRET for role in (*roles.OWNERS, roles.WATCHER)}
    files |= {"admin_database_url": postgres.url, "nats_url": streams.url_of(config.ADMIN)}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    yield roles.with_database(postgres.url, roles.DATABASE)
    admin = await asyncpg.connect(postgres.url)
    await admin.execute(f'DROP DATABASE IF EXISTS "{roles.DATABASE}" WITH (FORCE)')
    await admin.close()


async def versions(dsn: str, service: str) -> set[str]:
    conn = await asyncpg.connect(dsn)
    try:
        return {row["version"] for row in await conn.fetch(f"SELECT version FROM {service}.schema_migrations")}
    finally:
        await conn.close()


async def test_new_volumes_get_every_schema_and_every_stream(prepared: str, streams: Nats) -> None:
    await migrate.bring_up_to_date()
    await migrate.bring_up_to_date()

    for service in ("marketplace", "escrow", "training_coordinator"):
        assert await versions(prepared, service) == wanted_versions(service)
    nc = await nats_client.connect(streams.url_of(config.ADMIN))
    assert {info.config.name for info in await nc.jetstream().streams_info()} == {*STREAMS, FEED}
    await nc.close()


async def test_an_old_volume_is_migrated_and_keeps_its_rows(prepared: str, postgres: Backend) -> None:
    await roles.apply(postgres.url, dict.fromkeys(roles.OWNERS, SECRET))
    old = roles.with_database(postgres.url, roles.DATABASE, "marketplace", SECRET)
    first = migration_dirs("marketplace")[0]
    command = [dbmate(), "--no-dump-schema", "--migrations-dir", str(first), "--migrations-table", "schema_migrations", "migrate"]
    env = {"DATABASE_URL": f"{old.replace('postgresql', 'postgres')}?search_path=marketplace&sslmode=disable"}
    await asyncio.to_thread(subprocess.run, command, env=env, check=True, capture_output=True)
    conn = await asyncpg.connect(prepared)
    await conn.execute("INSERT INTO marketplace.inbox (consumer, event_id) VALUES ('kept', gen_random_uuid())")
    assert await versions(prepared, "marketplace") < wanted_versions("marketplace")

    await migrate.bring_up_to_date()

    assert await versions(prepared, "marketplace") == wanted_versions("marketplace")
    assert await conn.fetchval("SELECT count(*) FROM marketplace.inbox") == 1
    await conn.close()


async def test_a_database_of_a_newer_version_is_refused_with_the_versions_named(prepared: str) -> None:
    await migrate.bring_up_to_date()
    conn = await asyncpg.connect(prepared)
    await conn.execute("INSERT INTO escrow.schema_migrations (version) VALUES ('9999')")
    await conn.close()

    newest = max(wanted_versions("escrow"))
    with pytest.raises(
        SchemaMismatch, match=rf"schema 'escrow' is at version 9999, this code needs {newest}.*unknown here: \['9999'\]"
    ):
        await migrate.bring_up_to_date()


@pytest.mark.parametrize("content, complaint", [(None, "cannot read"), ("", "is empty"), (" \n", "is empty")])
async def test_a_secret_that_is_missing_or_empty_is_named(
    prepared: str, tmp_path: Path, content: str | None, complaint: str
) -> None:
    path = tmp_path / "escrow_db_password"
    path.unlink() if content is None else path.write_text(content)

    with pytest.raises(SystemExit, match=rf"^secret escrow_db_password: .*{complaint}"):
        await migrate.bring_up_to_date()


# --- what makes the secrets -------------------------------------------------------------------------------------------
def everything(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_secrets_are_made_once_and_what_is_missing_is_made_again(tmp_path: Path) -> None:
    make(Store(tmp_path))
    first = everything(tmp_path)
    again = Store(tmp_path)
    make(again)
    assert again.made == []
    assert everything(tmp_path) == first

    (tmp_path / "escrow/keys.json").unlink()
    (tmp_path / "nats/escrow_password").write_text("")
    make(Store(tmp_path))

    second = everything(tmp_path)
    assert second["escrow/keys.json"] == first["escrow/keys.json"]
    assert second["nats/escrow_password"] != first["nats/escrow_password"]
    assert second["nats/escrow_password"].decode() in second["escrow/nats_url"].decode()
    assert second["nats/escrow_password"].decode() in second["nats/nats.conf"].decode()
    assert second["marketplace/nats_url"] == first["marketplace/nats_url"]


def test_no_secret_is_readable_by_others_but_those_of_servers_with_a_user_of_their_own(tmp_path: Path) -> None:
    make(Store(tmp_path))

    public = {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_mode & 0o077
    }
    assert {path for path in public if not path.endswith((".crt", ".pem"))} == {"postgres/password", "grafana/admin_password"}


def test_every_key_and_password_is_another(tmp_path: Path) -> None:
    make(Store(tmp_path))
    keys = json.loads((tmp_path / "gateway/keys.json").read_text()).values()
    passwords = [path.read_text() for path in tmp_path.rglob("*password")]
    executors = [(tmp_path / name / "executor_secret").read_text() for name in ("superlink", "clinic-a", "clinic-b", "clinic-c")]

    found = [*keys, *passwords, *executors]
    assert len(set(found)) == len(found)
    assert min(map(len, found)) >= 24
