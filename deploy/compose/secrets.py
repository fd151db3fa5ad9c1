"""Makes every secret of the Compose stack that is missing: `python -m deploy.compose.secrets /secrets`.

A folder per container, each a volume of its own, so that a container sees its own secrets and no others. What is there stays;
what follows from it (the NATS server's users) is written anew, as the code that it follows from may be newer.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy import token_keys
from deploy.nats import config
from deploy.postgres.roles import DATABASE, OWNERS
from services.flower import certs
from services.flower.provider_node import keys
from shared.kit.auth import Role

CLINICS: Final = ("clinic-a", "clinic-b", "clinic-c")
SERVICES: Final = tuple(config.SAYS)
POSTGRES: Final = "postgres:5432"
NATS: Final = "nats:4222"
OWNER_ONLY: Final = 0o400
ALL: Final = 0o444
"""Servers that run as a user of their own (Postgres, Grafana) must read a file that is not theirs; only root can
enter a volume from outside."""


def folder_of(service: str) -> str:
    return service.replace("_", "-")


class Store:
    """The folders, below one root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.made: list[str] = []

    def path(self, place: str) -> Path:
        path = self._root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def put(self, place: str, text: str, mode: int = OWNER_ONLY) -> None:
        """Writes what is new; a reader sees the old file or the new one."""
        path = self.path(place)
        if path.exists() and path.read_text("utf-8") == text:
            return
        part = path.with_name(f".{path.name}.part")
        part.unlink(missing_ok=True)
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
        part.chmod(mode)
        part.replace(path)
        self.made.append(place)

    def secret(self, place: str, mode: int = OWNER_ONLY) -> str:
        """The secret in the file; a new one where there is none, or an empty one."""
        path = self.path(place)
        if not path.exists() or not path.read_text("utf-8").strip():
            self.put(place, secrets.token_urlsafe(24), mode)
        return path.read_text("utf-8").strip()

    def copy(self, source: str, place: str, mode: int = OWNER_ONLY) -> None:
        self.put(place, self.path(source).read_text("utf-8"), mode)


def make(store: Store) -> None:
    """Brings every folder to what its container expects."""
    _api_keys(store)
    _token_keys(store)
    _postgres(store)
    _nats(store)
    _flower(store)
    store.secret("grafana/admin_password", ALL)


def _api_keys(store: Store) -> None:
    kept = store.path("migrate/keys.json")
    if not kept.exists():
        store.put("migrate/keys.json", json.dumps({role: f"oe_{role}_{secrets.token_urlsafe(18)}" for role in Role}, indent=2))
    for service in SERVICES:
        store.copy("migrate/keys.json", f"{folder_of(service)}/keys.json")
    provider = json.loads(kept.read_text("utf-8"))[Role.PROVIDER]
    store.put("enroll/keys.json", json.dumps({Role.PROVIDER: provider}))


def _token_keys(store: Store) -> None:
    """Only the gateway can sign; everybody else can verify."""
    signing, public = _token_files(store)
    if token_keys.ensure(signing, public):
        store.made.append("gateway/signing_key.pem")
    if token_keys.ensure(*_evidence_files(store), kept=None):
        store.made.append("gateway/evidence_key.pem")
    if token_keys.ensure(*_grant_files(store)):
        store.made.append("training-coordinator/grant_key.pem")


def _grant_files(store: Store) -> tuple[Path, list[Path]]:
    """Only the coordinator can grant; each clinic's executor can tell whether it did."""
    return store.path("training-coordinator/grant_key.pem"), [
        store.path(f"{clinic}-executor/grant_keys.json") for clinic in CLINICS
    ]


def _evidence_files(store: Store) -> tuple[Path, list[Path]]:
    return store.path("gateway/evidence_key.pem"), [store.path("gateway/evidence_keys.json")]


def _token_files(store: Store) -> tuple[Path, list[Path]]:
    public = [store.path(f"{folder_of(service)}/token_keys.json") for service in SERVICES if service != "gateway"]
    return store.path("gateway/signing_key.pem"), public


def _postgres(store: Store) -> None:
    admin = store.secret("postgres/password", ALL)
    store.put("migrate/admin_database_url", f"postgresql://postgres:{admin}@{POSTGRES}/postgres")
    for role in (*OWNERS, "exporter"):
        password = store.secret(f"migrate/{role}_db_password")
        store.put(f"{folder_of(role)}/database_url", f"postgresql://{role}:{password}@{POSTGRES}/{DATABASE}")


def _nats(store: Store) -> None:
    passwords: Mapping[str, str] = {user: store.secret(f"nats/{user}_password") for user in (config.ADMIN, *SERVICES)}
    settings = config.server(listen="0.0.0.0:4222", monitor="0.0.0.0:8222", store="/data", passwords=passwords)
    store.put("nats/nats.conf", json.dumps(settings, indent=2))
    store.put("migrate/nats_url", f"nats://{config.ADMIN}:{passwords[config.ADMIN]}@{NATS}")
    for service in SERVICES:
        store.put(f"{folder_of(service)}/nats_url", f"nats://{service}:{passwords[service]}@{NATS}")


def _flower(store: Store) -> None:
    """An authority of its own for each server, so that nobody's key opens another's connections."""
    _certificate(store, "superlink", ["superlink", "localhost"])
    _certificate(store, "fleet", ["fleet", "localhost"])
    for place in ("training-coordinator/superlink-ca.crt", "fleet/superlink-ca.crt", "superlink-executor/ca.crt"):
        store.copy("superlink/ca.crt", place)
    store.secret("superlink/executor_secret")
    store.copy("superlink/executor_secret", "superlink-executor/executor_secret")
    for clinic in CLINICS:
        _certificate(store, clinic, [clinic, "localhost"])
        store.copy("fleet/ca.crt", f"{clinic}/fleet-ca.crt")
        public = keys.ensure(store.path(f"{clinic}/node_key"))
        store.put(f"enroll/{clinic}.pub", public)
        store.secret(f"{clinic}/executor_secret")
        for name in ("ca.crt", "executor_secret"):
            store.copy(f"{clinic}/{name}", f"{clinic}-executor/{name}")


def _certificate(store: Store, place: str, names: list[str]) -> None:
    if certs.make(store.path(f"{place}/ca.crt").parent, names):
        store.made.append(f"{place}/server.pem")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.compose.secrets", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--rotate-tokens", action="store_true", help="sign tokens with a new key; nothing needs a restart")
    parser.add_argument("--rotate-evidence", action="store_true", help="sign evidence with a new key; the old public ones stay")
    options = parser.parse_args()
    store = Store(options.root)
    make(store)
    if options.rotate_tokens:
        token_keys.rotate(*_token_files(store))
        store.made.append("gateway/signing_key.pem")
    if options.rotate_evidence:
        token_keys.rotate(*_evidence_files(store), kept=None)
        store.made.append("gateway/evidence_key.pem")
    print(f"secrets made: {', '.join(store.made) or 'none, all were there'}")


if __name__ == "__main__":
    main()
