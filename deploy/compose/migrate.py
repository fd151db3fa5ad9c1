"""Brings both servers to what this code expects: roles, schemas, migrations, streams. `python -m deploy.compose.migrate`.

Reads `/run/secrets` (`SECRETS_DIR`). Running it again changes nothing.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

from deploy.nats.streams import make_streams
from deploy.postgres import roles
from shared.kit.db import SchemaMismatch, check_schema, open_pool
from shared.kit.migrate import migrate


def secret(name: str) -> str:
    """The content of a secret's file; ends with one line when it is missing or empty."""
    path = Path(os.environ.get("SECRETS_DIR", "/run/secrets")) / name
    try:
        text = path.read_text("utf-8").strip()
    except OSError as error:
        raise SystemExit(f"secret {name}: cannot read {path}: {error.strerror}") from error
    if not text:
        raise SystemExit(f"secret {name}: {path} is empty")
    return text


async def bring_up_to_date() -> None:
    admin = secret("admin_database_url")
    passwords = {role: secret(f"{role}_db_password") for role in roles.OWNERS}
    await roles.apply(admin, passwords)
    await roles.allow_watching(admin, roles.WATCHER, secret(f"{roles.WATCHER}_db_password"))
    for service in roles.OWNERS:
        dsn = roles.with_database(admin, roles.DATABASE, service, passwords[service])
        await asyncio.to_thread(migrate, service, dsn)
        pool = await open_pool(dsn, service=service, size=1)
        try:
            await check_schema(pool, service)
        finally:
            pool.terminate()
        print(f"schema '{service}' is up to date", flush=True)
    await make_streams(secret("nats_url"))
    print("streams are up to date", flush=True)


def main() -> None:
    try:
        asyncio.run(bring_up_to_date())
    except SchemaMismatch as error:
        raise SystemExit(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"a migration failed (dbmate exit code {error.returncode})") from error


if __name__ == "__main__":
    main()
