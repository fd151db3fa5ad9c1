"""Which service owns a path, which paths are nobody's business outside, and what a newcomer may be called. Pure."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Upstream(StrEnum):
    """The services behind the gateway."""

    MARKETPLACE = "marketplace"
    MATCHING = "matching"
    ESCROW = "escrow"
    TRAINING = "training_coordinator"


_OWNERS: Final = (
    # The first prefix that fits decides.
    ("/marketplace/escrow", Upstream.ESCROW),
    ("/marketplace/disputes", Upstream.ESCROW),
    ("/marketplace", Upstream.MARKETPLACE),
    ("/escrow", Upstream.ESCROW),
    ("/training", Upstream.TRAINING),
    ("/trigger_fl", Upstream.TRAINING),
)

_SERVER_APP: Final = re.compile(r"/training/runs/[^/]+/(claim|rounds|finish|checkpoint)/*")
_MODEL: Final = re.compile(r"/training/runs/[^/]+/model/*")


def owner_of(method: str, path: str) -> Upstream | None:
    """The service to hand a request to; None where there is nothing for a client.

    What the ServerApp says to the coordinator (it claims a run, reports rounds, uploads the model) has no way through. Neither
    have `.` and `..`: an HTTP client on the way would fold them, and the path that was looked at would not be the one that is asked.
    """
    if any(segment in {".", ".."} for segment in path.split("/")) or _SERVER_APP.fullmatch(path):
        return None
    if method not in {"GET", "HEAD"} and _MODEL.fullmatch(path):
        return None
    for prefix, owner in _OWNERS:
        if path == prefix or path.startswith(f"{prefix}/"):
            return owner
    return None


# --- joining ----------------------------------------------------------------------------------------------------------
_WORD: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"{_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])")


def email(text: str) -> str:
    """An address to which an answer can be sent (RFC 5321, without quoted parts and bare hosts). Raises ValueError."""
    if not _EMAIL.fullmatch(text) or len(text.partition("@")[0]) > 64:
        raise ValueError("must be an e-mail address")
    return text


def node_key(line: str) -> str:
    """A node's public key without its comment, or nothing. Raises ValueError for anything but an ECDSA P-384 key."""
    if not line:
        return ""
    try:
        key = serialization.load_ssh_public_key(line.encode())
    except (UnsupportedAlgorithm, ValueError) as error:
        raise ValueError("not an OpenSSH public key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise ValueError("not a P-384 key")
    return " ".join(line.split()[:2])


def slug(name: str) -> str:
    """A name as part of an id: lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "participant"
