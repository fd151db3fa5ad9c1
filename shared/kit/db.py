"""The connection pool of a service, and the check that its schema is the one this code was written for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import structlog

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

log = structlog.get_logger()

ROOT: Final = Path(__file__).resolve().parents[2]

OUTAGE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # how a pool may learn that the connection it takes back has died
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    OSError,
    TimeoutError,
)
"""Errors that say nothing about the work in hand: the database is away, or too busy to talk."""


def is_outage(error: BaseException) -> bool:
    """Whether trying again later can help. asyncpg's complaint about an argument is an InterfaceError too: a bug, no outage."""
    return isinstance(error, OUTAGE) and not isinstance(error, ValueError)


class SchemaMismatch(Exception):
    """The database has another version of the schema than this code."""


async def _prepare(conn: Any) -> None:
    await conn.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


async def _as_it_is(_: Any) -> None:
    """No question to the server: nobody here changes a session, but for the relay, which undoes it. What asyncpg does by itself stays,
    the rollback of an open transaction."""


async def open_pool(dsn: str, *, service: str, size: int = 10) -> Pool:
    """A pool whose connections see the service's own schema first and speak jsonb as Python objects."""
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        init=_prepare,
        reset=_as_it_is,
        command_timeout=30,
        server_settings={"search_path": service, "application_name": service},
    )


def migration_dirs(service: str) -> list[Path]:
    """The directories whose files make up a service's schema: the kit's own tables first."""
    folders = [ROOT / "shared/kit/migrations", ROOT / "services" / service / "migrations"]
    return [folder for folder in folders if folder.is_dir()]


def wanted_versions(service: str) -> set[str]:
    return {path.name.split("_", 1)[0] for folder in migration_dirs(service) for path in folder.glob("*.sql")}


async def check_schema(pool: Pool, service: str) -> None:
    """Raises `SchemaMismatch` unless exactly this code's migrations are applied."""
    try:
        rows = await pool.fetch("SELECT version FROM schema_migrations")
    except asyncpg.UndefinedTableError:
        rows = []
    applied, wanted = {row["version"] for row in rows}, wanted_versions(service)
    if applied != wanted:
        raise SchemaMismatch(
            f"schema '{service}' is at version {max(applied, default='none')}, this code needs {max(wanted, default='none')}"
            f" (missing: {sorted(wanted - applied) or 'none'}, unknown here: {sorted(applied - wanted) or 'none'});"
            f" run: python -m shared.kit.migrate {service}"
        )
