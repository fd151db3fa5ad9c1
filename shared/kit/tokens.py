"""Tokens that the gateway gives to services in place of a client's key: EdDSA JWTs (RFC 8037), good for one service and one minute.

The gateway signs with the key in one file; a service verifies with the public keys (a JWK set) in another. Both files are read
again when they change, and the set may hold several keys: so a key is replaced without a restart or a refused request. First the new
public key joins the set, then the gateway signs with the new key, then the old public key leaves the set.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ISSUER: Final = "gateway"
LIVES_S: Final = 60
LONGEST: Final = 2048
"""Characters; what is longer is not even looked at."""
LEEWAY_S: Final = 5
"""Between the clocks of two machines."""


class Role(StrEnum):
    PROVIDER = "provider"  # sells: offers, claims of delivered rounds
    MODEL_OWNER = "model_owner"  # buys: intents, matches, training, release
    OPERATOR = "operator"  # runs the exchange: may do everything
    REVIEWER = "reviewer"  # reads everything, changes nothing
    SERVICE = "service"  # one service calling another


@dataclass(frozen=True)
class Principal:
    """Who holds a key. Without a participant (the keys of KEYS_FILE) the role alone is the limit."""

    role: Role
    participant: str | None = None
    key_id: str = ""

    @property
    def name(self) -> str:
        """How the holder is named in timelines."""
        return self.participant or str(self.role)

    @property
    def bound_to(self) -> str | None:
        """The participant whose things alone are this holder's business; None for whom there is no such limit."""
        return self.participant if self.role in (Role.PROVIDER, Role.MODEL_OWNER) else None


def key_id_of(public: Ed25519PublicKey) -> str:
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def jwk_of(public: Ed25519PublicKey) -> dict[str, Any]:
    """The public key as an entry of a JWK set."""
    found: dict[str, Any] = jwt.algorithms.OKPAlgorithm.to_jwk(public, as_dict=True)
    return {**found, "kid": key_id_of(public), "alg": "EdDSA", "use": "sig"}


class _File:
    """A file whose content is read again when it has changed."""

    def __init__(self, path: Path, setting: str) -> None:
        self._path, self._setting, self._seen = path, setting, (0, 0)

    def changed(self) -> bytes | None:
        """The content where it is another than last time. Raises OSError."""
        found = self._path.stat()
        if (found.st_mtime_ns, found.st_ino) == self._seen:
            return None
        content = self._path.read_bytes()
        self._seen = (found.st_mtime_ns, found.st_ino)
        return content

    def unusable(self, error: Exception) -> SystemExit:
        return SystemExit(f"setting {self._setting}: {self._path} cannot be used ({error})")


class Signer:
    """Makes tokens. Raises SystemExit with one line where the key's file is missing or no Ed25519 key."""

    def __init__(self, path: Path) -> None:
        self._file = _File(path, "TOKEN_SIGNING_KEY_FILE")
        self._key: Ed25519PrivateKey
        self._kid: str
        try:
            self._read()
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise self._file.unusable(error) from error

    def _read(self) -> None:
        content = self._file.changed()
        if content is None:
            return
        key = serialization.load_pem_private_key(content, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 key")
        self._key, self._kid = key, key_id_of(key.public_key())

    def token(self, audience: str, who: Principal) -> str:
        """A token with which `audience` takes its bearer for `who`, for a minute."""
        self._read()
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "sub": who.participant or "",
            "role": str(who.role),
            "key": who.key_id,
            "iat": now,
            "exp": now + LIVES_S,
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._kid})


class Verifier:
    """Reads the tokens for one audience. Without a file there are no keys, and no token is good."""

    def __init__(self, path: Path | None, audience: str) -> None:
        self._file = None if path is None else _File(path, "TOKEN_KEYS_FILE")
        self._audience = audience
        self._keys: dict[str, Any] = {}
        try:
            self._read()
        except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
            assert self._file is not None
            raise self._file.unusable(error) from error

    def _read(self) -> None:
        content = self._file.changed() if self._file is not None else None
        if content is not None:
            entries = json.loads(content)["keys"]
            self._keys = {entry["kid"]: jwt.algorithms.OKPAlgorithm.from_jwk(entry) for entry in entries}

    def holder(self, token: str) -> Principal | None:
        """Whom the gateway says that the bearer is; None for anything but a valid token of this audience."""
        if len(token) > LONGEST or token.count(".") != 2:
            return None
        try:
            self._read()
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=self._audience,
                issuer=ISSUER,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "aud", "iss", "sub"], "strict_aud": True},
            )
            if claims["exp"] - claims["iat"] > LIVES_S:
                return None
            return Principal(Role(claims["role"]), claims["sub"] or None, str(claims["key"]))
        except (jwt.PyJWTError, OSError, ValueError, KeyError, TypeError):
            return None
