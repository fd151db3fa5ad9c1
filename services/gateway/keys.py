"""What an API key looks like, and how its secret is made and known again. Pure, but for chance."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "oek"
OUTSIDE: Final = "oidc:"
"""What stands in a key's place, before the subject, for somebody whom an outside identity provider vouches for."""


@dataclass(frozen=True)
class NewKey:
    """A key as it is made: `text` is shown once, `digest` is kept."""

    key_id: str
    text: str
    digest: bytes


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def make(prefix: str = PREFIX) -> NewKey:
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(24)
    return NewKey(key_id, f"{prefix}_{key_id}_{secret}", digest_of(secret))


def parts(text: str, prefix: str = PREFIX) -> tuple[str, str] | None:
    """Id and secret of what looks like a key."""
    found = text.split("_", 2)
    if len(found) != 3 or found[0] != prefix or len(text) > 200 or not text.isascii() or "\0" in text:
        return None
    return found[1], found[2]


def opens(secret: str, digest: bytes) -> bool:
    """In constant time."""
    return hmac.compare_digest(digest_of(secret), digest)
