"""Brings a service's schema to the version of this code: `python -m shared.kit.migrate escrow`.

Plain SQL files, applied in order by dbmate, each in a transaction. The tables that the kit needs (outbox, inbox, …) come first.
`DATABASE_URL` must log in as the role that owns the schema.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shared.kit.db import migration_dirs
from shared.kit.settings import read_secret_files


def dbmate() -> str:
    """The dbmate that the lock installed beside this interpreter."""
    beside = Path(sys.executable).parent / "dbmate"
    found = str(beside) if beside.exists() else shutil.which("dbmate")
    if not found:
        raise SystemExit("dbmate is not installed: run 'make env'")
    return found


def migrate(service: str, dsn: str) -> None:
    """Applies every migration that is missing. Raises `subprocess.CalledProcessError` where one fails."""
    parts = urlsplit(dsn)
    scheme = "postgres"
    query = dict(parse_qsl(parts.query)) | {"search_path": service}
    query.setdefault("sslmode", "disable")
    url = urlunsplit((scheme, parts.netloc, parts.path, urlencode(query), ""))
    command = [dbmate(), "--no-dump-schema", "--migrations-table", "schema_migrations"]
    for folder in migration_dirs(service):
        command += ["--migrations-dir", str(folder)]
    # The URL holds a password, so it travels in the environment and not in argv.
    subprocess.run([*command, "migrate"], check=True, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.DEVNULL)  # noqa: S603


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shared.kit.migrate", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("service", help="marketplace, escrow, training_coordinator …")
    service = parser.parse_args().service
    read_secret_files()
    dsn = os.environ.get("DATABASE_URL")
    if not dsn:
        raise SystemExit("setting DATABASE_URL: is missing")
    try:
        migrate(service, dsn)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"migrations of '{service}' failed (dbmate exit code {error.returncode})") from error
    print(f"schema '{service}' is up to date")


if __name__ == "__main__":
    main()
