"""Trained models: checked without being opened, and kept in an object store, whole or not at all, named by their run.

Which store is a setting, `ARTEFACTS`: `directory` (`MODEL_DIR`), or `nats`, the JetStream object store that every replica reaches. A
model's row says where it is, so a model that was stored before the setting was changed is found as before.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

import nats.errors
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from nats.js.object_store import ObjectStore

from services.training_coordinator.settings import CoordinatorSettings
from shared.contracts.errors import ErrorCode, Refusal

MAX_UNPACKED: Final = 512 << 20
BUCKET: Final = "models"
READ_S: Final = 60.0
"""How long a model may take to come out of NATS; one whose parts are not all there would otherwise be waited for without an end."""
_IN_NATS: Final = f"nats:{BUCKET}/"


def check(body: bytes) -> None:
    """Raises `invalid_model` unless `body` is an .npz: a zip of NumPy arrays. Nothing is unpickled or unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            sound = bool(members) and sum(member.file_size for member in members) <= MAX_UNPACKED
            for member in members:
                with archive.open(member) as array:
                    sound = sound and member.filename.endswith(".npy") and array.read(6) == b"\x93NUMPY"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise Refusal(ErrorCode.INVALID_MODEL) from error
    if not sound:
        raise Refusal(ErrorCode.INVALID_MODEL)


class Store(Protocol):
    """Where models are. A place is a text that only its store can read. Raises `service_unavailable` while it cannot be reached."""

    async def put(self, run_id: str, body: bytes) -> str:
        """Stores the run's model in place of the one before, and says where."""

    async def get(self, place: str) -> bytes | None:
        """What is there, whole; None where nothing is."""


class Directory:
    """Files: a place is a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, run_id: str, body: bytes) -> str:
        return await asyncio.to_thread(self._write, run_id, body)

    def _write(self, run_id: str, body: bytes) -> str:
        """A crash leaves the old file or the new one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path, part = self._folder / f"{run_id}.npz", self._folder / f"{run_id}.part"
        with part.open("wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
        return str(path)

    async def get(self, place: str) -> bytes | None:
        try:
            return await asyncio.to_thread(Path(place).read_bytes)
        except (FileNotFoundError, IsADirectoryError):
            return None


class Objects:
    """The JetStream object store. A model's name leads to its parts once they are all there: a crash leaves the old one or the new."""

    def __init__(self, js: JetStreamContext) -> None:
        self._js = js

    async def put(self, run_id: str, body: bytes) -> str:
        with _or_unavailable():
            await (await self._bucket()).put(f"{run_id}.npz", body)
        return f"{_IN_NATS}{run_id}.npz"

    async def _bucket(self) -> ObjectStore:
        """Made with the first model."""
        try:
            return await self._js.object_store(BUCKET)
        except NotFoundError:
            return await self._js.create_object_store(BUCKET)

    async def get(self, place: str) -> bytes | None:
        """NATS's own client holds it against its SHA-256."""
        with _or_unavailable():
            try:
                async with asyncio.timeout(READ_S):
                    found = await (await self._js.object_store(BUCKET)).get(place.removeprefix(_IN_NATS))
            except NotFoundError:
                return None
        return bytes(found.data or b"")


@contextlib.contextmanager
def _or_unavailable() -> Iterator[None]:
    """Raises `service_unavailable` where NATS does not do what it is asked."""
    try:
        yield
    except (nats.errors.Error, TimeoutError) as error:
        raise Refusal(ErrorCode.SERVICE_UNAVAILABLE) from error


class Artefacts:
    """The store of the setting for what is new, and the right one for what is there."""

    def __init__(self, settings: CoordinatorSettings, js: JetStreamContext) -> None:
        self._directory, self._objects = Directory(settings.model_dir), Objects(js)
        self._new: Store = self._objects if settings.artefacts == "nats" else self._directory

    async def put(self, run_id: str, body: bytes) -> tuple[str, str]:
        """(place, SHA-256)."""
        return await self._new.put(run_id, body), hashlib.sha256(body).hexdigest()

    async def get(self, place: str) -> bytes | None:
        store: Store = self._objects if place.startswith(_IN_NATS) else self._directory
        return await store.get(place)
