"""An Ed25519 key in a file, read again when it changes. What is signed for people to check later has a key of its own: tokens have theirs.

`deploy.token_keys` makes such a key, and the JWK set with its public half.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kit.tokens import jwk_of, key_id_of


class SigningKey:
    """Signs with the key that is in the file now. Raises SystemExit with one line where there is none at the start."""

    def __init__(self, path: Path, setting: str) -> None:
        self._path, self._seen = path, (0, 0)
        self._key: Ed25519PrivateKey
        try:
            self._read()
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SystemExit(f"setting {setting}: {path} cannot be used ({error})") from error

    def _read(self) -> None:
        found = self._path.stat()
        if (found.st_mtime_ns, found.st_ino) == self._seen:
            return
        key = serialization.load_pem_private_key(self._path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 key")
        self._key, self._seen = key, (found.st_mtime_ns, found.st_ino)

    def jwk(self) -> dict[str, Any]:
        """The public half, as an entry of a JWK set."""
        self._read()
        return jwk_of(self._key.public_key())

    def jwt(self, claims: Mapping[str, Any]) -> str:
        """The claims as an EdDSA JWT."""
        return self.word(claims)[0]

    def word(self, claims: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The claims as an EdDSA JWT, and the public key that checks it: a rotation cannot come between the two."""
        self._read()
        public = self._key.public_key()
        return jwt.encode(dict(claims), self._key, algorithm="EdDSA", headers={"kid": key_id_of(public)}), jwk_of(public)

    def sign(self, content: bytes) -> tuple[str, bytes]:
        """The id of the key, and the signature."""
        self._read()
        return key_id_of(self._key.public_key()), self._key.sign(content)
