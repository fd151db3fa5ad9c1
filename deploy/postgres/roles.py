"""A login role and a schema per service in one database, and no grants across.

Running it again changes nothing but passwords. `python -m deploy.postgres.roles` reads the administrator's DSN from
`ADMIN_DATABASE_URL` and each service's password from `<SERVICE>_DB_PASSWORD`, or either from the file that `<NAME>_FILE` names.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg

DATABASE: Final = "open_ecosystem"
OWNERS: Final = ("gateway", "marketplace", "escrow", "training_coordinator")
"""The services with a schema. Matching keeps nothing."""


WATCHER: Final = "exporter"
"""Reads the server's statistics, and no table of anybody."""


def with_database(dsn: str, database: str, user: str | None = None, password: str | None = None) -> str:
    """The same server, another database, and another login where one is given."""
    parts = urlsplit(dsn)
    place = parts.netloc if user is None else f"{user}:{password}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, place, f"/{database}", parts.query, ""))


async def _literal(conn: Any, text: str) -> str:
    """Utility statements take no parameters."""
    return str(await conn.fetchval("SELECT quote_literal($1::text)", text))


async def ensure_roles(admin: Any, passwords: Mapping[str, str]) -> None:
    """A role per service that may log in and nothing else."""
    for role, password in passwords.items():
        if await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role) is None:
            await admin.execute(f'CREATE ROLE "{role}"')
        secret = await _literal(admin, password)
        await admin.execute(f'ALTER ROLE "{role}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {secret}')


async def ensure_database(admin: Any, name: str) -> None:
    if await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name) is None:
        await admin.execute(f'CREATE DATABASE "{name}"')


async def own_schema(conn: Any, role: str) -> None:
    """In the database of `conn`: a schema of the role's name that it owns, and that it sees alone."""
    database = await conn.fetchval("SELECT current_database()")
    await conn.execute(
        f"""
        REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO "{role}";
        CREATE SCHEMA IF NOT EXISTS "{role}" AUTHORIZATION "{role}";
        ALTER ROLE "{role}" IN DATABASE "{database}" SET search_path = "{role}";
        """
    )


async def apply(admin_dsn: str, passwords: Mapping[str, str], *, database: str = DATABASE) -> None:
    """Brings the server to what this file says."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        await ensure_roles(admin, passwords)
        await ensure_database(admin, database)
    finally:
        await admin.close()
    conn = await asyncpg.connect(with_database(admin_dsn, database))
    try:
        for role in passwords:
            await own_schema(conn, role)
    finally:
        await conn.close()


async def allow_watching(admin_dsn: str, role: str, password: str, *, database: str = DATABASE) -> None:
    """A login that sees the statistics of everything and the rows of nothing."""
    admin = await asyncpg.connect(with_database(admin_dsn, database))
    try:
        await ensure_roles(admin, {role: password})
        await admin.execute(f'GRANT pg_monitor TO "{role}"; GRANT CONNECT ON DATABASE "{database}" TO "{role}"')
    finally:
        await admin.close()


def _setting(name: str) -> str:
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text("utf-8").strip()
    raise SystemExit(f"setting {name}: is missing")


def main() -> None:
    passwords = {role: _setting(f"{role.upper()}_DB_PASSWORD") for role in OWNERS}
    asyncio.run(apply(_setting("ADMIN_DATABASE_URL"), passwords))
    print(f"database '{DATABASE}': a schema and a login for {', '.join(OWNERS)}", file=sys.stderr)


if __name__ == "__main__":
    main()
