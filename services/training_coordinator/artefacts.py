"""Trained models on disk: checked, written whole or not at all, named by their run."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path
from typing import Final

from shared.contracts.errors import ErrorCode, Refusal

MAX_UNPACKED: Final = 512 << 20


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


def write(folder: Path, run_id: str, body: bytes) -> tuple[Path, str]:
    """Stores the model; a crash leaves the old file or the new one. Returns its path and SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    path, part = folder / f"{run_id}.npz", folder / f"{run_id}.part"
    with part.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    return path, hashlib.sha256(body).hexdigest()


def is_there(path: str) -> bool:
    return Path(path).is_file()
