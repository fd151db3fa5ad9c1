"""The key with which the gateway signs tokens, and the sets of public keys with which the services verify them.

`ensure` makes both where they are missing; `rotate` puts a new key beside the old one. Nothing is restarted: whoever reads the files
notices that they have changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kit.tokens import jwk_of

KEPT: Final = 2
"""Public keys in a set: the present one, and the one before, whose last tokens may still be on their way."""


def ensure(signing: Path, public: Sequence[Path], *, kept: int | None = KEPT) -> bool:
    """Makes the signing key where there is none, and each set that lacks its public key. True when a key was made."""
    made = not signing.exists()
    if made:
        rotate(signing, public, kept=kept)
        return True
    key = serialization.load_pem_private_key(signing.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    _publish(key, public, kept)
    return False


def rotate(signing: Path, public: Sequence[Path], *, kept: int | None = KEPT) -> None:
    """A new key: every service knows it before the first token is signed with it.

    Each set keeps the `kept` newest public keys, or all of them: what outlives its key (evidence) is checked with old ones, too.
    """
    key = Ed25519PrivateKey.generate()
    _publish(key, public, kept)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(signing, pem.decode(), 0o400)


def _publish(key: Ed25519PrivateKey, public: Sequence[Path], kept: int | None) -> None:
    new = jwk_of(key.public_key())
    for path in public:
        known: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["keys"] if path.exists() else []
        if new not in known:
            _write(path, json.dumps({"keys": [new, *known][:kept]}, indent=1), 0o400)


def _write(path: Path, text: str, mode: int) -> None:
    """A reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
