"""The grant in every training message: what the coordinator signed for this node, and what it is worth here and now.

An EdDSA JWT (RFC 8037). Its signature is the coordinator's; everything else is the node's own to judge: is it for this node, this
bundle, this task and this round, and not over. Runs where the provider's own executor let the bundle in, so its word holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt

from .refusals import NodeRefusal, Refused

ISSUER: Final = "training_coordinator"
LEEWAY_S: Final = 60
"""How far the clocks of coordinator and node may be apart."""
LONGEST: Final = 4096
"""Characters; what is longer is not even looked at."""
_TEXTS: Final = ("jti", "run", "contract", "model_owner", "offer", "seller", "dataset", "task", "bundle")
_NUMBERS: Final = ("offer_version", "first_round", "last_round", "price_per_round")


@dataclass(frozen=True)
class Grant:
    """The claims that a node acts on. `price_per_round` is in micro-credits."""

    jti: str
    run: str
    contract: str
    model_owner: str
    offer: str
    seller: str
    dataset: str
    task: str
    bundle: str
    offer_version: int
    first_round: int
    last_round: int
    price_per_round: int

    def check(self, *, server_round: int, serves: bool, bundle: str) -> None:
        """Raises `NodeRefusal` unless the grant is for this round and bundle, and `serves`: the message's task is the grant's."""
        if self.bundle != bundle:
            raise NodeRefusal(Refused.GRANT_FOR_ANOTHER_BUNDLE, f"granted to bundle {self.bundle[:12]}, this is {bundle[:12]}")
        if not serves:
            raise NodeRefusal(Refused.GRANT_FOR_ANOTHER_TASK, f"granted for {self.task}")
        if not self.first_round <= server_round <= self.last_round:
            covered = f"rounds {self.first_round} to {self.last_round}"
            raise NodeRefusal(Refused.GRANT_ROUND_NOT_COVERED, f"granted for {covered}, not for round {server_round}")


def read(token: str, keys: Path, *, node_id: str) -> Grant:
    """The grant in a token. `keys` holds the coordinator's public keys, a JWK set.

    Raises:
        NodeRefusal: it is missing, not signed by one of the keys, another node's, expired or not yet valid.
    """
    if not token:
        raise NodeRefusal(Refused.GRANT_MISSING, "the message has no grant")
    try:
        claims = _claims(token, keys, node_id)
    except jwt.InvalidAudienceError:
        raise NodeRefusal(Refused.GRANT_FOR_ANOTHER_NODE, f"this is node {node_id}") from None
    except jwt.ExpiredSignatureError:
        raise NodeRefusal(Refused.GRANT_EXPIRED, "its time is over, by this node's clock") from None
    except jwt.ImmatureSignatureError:
        raise NodeRefusal(Refused.GRANT_NOT_YET_VALID, "it was signed later than now, by this node's clock") from None
    except (jwt.PyJWTError, OSError, ValueError, KeyError, TypeError) as error:
        raise NodeRefusal(Refused.GRANT_INVALID, f"it cannot be verified ({type(error).__name__})") from None
    return Grant(**{name: claims[name] for name in (*_TEXTS, *_NUMBERS)})


def _claims(token: str, keys: Path, node_id: str) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise ValueError("too long")
    known = {key["kid"]: key for key in json.loads(keys.read_text("utf-8"))["keys"]}
    key: Any = jwt.algorithms.OKPAlgorithm.from_jwk(known[jwt.get_unverified_header(token)["kid"]])
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=["EdDSA"],
        audience=node_id,
        issuer=ISSUER,
        leeway=LEEWAY_S,
        options={"require": ["exp", "iat", "aud", "iss", "jti"], "strict_aud": True},
    )
    if not all(isinstance(claims[name], str) for name in _TEXTS) or not all(type(claims[name]) is int for name in _NUMBERS):
        raise ValueError("a claim has another type")
    return claims
