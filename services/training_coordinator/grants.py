"""What the coordinator grants to a run: one signed word per node, which its ServerApp hands on with every message."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared.contracts.events import ContractTerms, GrantIssued
from shared.contracts.values import new_id
from shared.kit.signing import SigningKey

ISSUER: Final = "training_coordinator"
START_S: Final = 300
"""Until the first round: the nodes' arrival, and what the coordinator itself may be away."""
PAUSE_S: Final = 180
"""Between two rounds, at most: as long as the ServerApp waits for a coordinator that is away (`oe_app.report`)."""


@dataclass(frozen=True)
class Issued:
    """A grant as it is stored."""

    offer_id: str
    node_id: str
    jti: str
    token: str
    expires_at: datetime
    signed_by: Mapping[str, Any]
    """The public key (a JWK): it outlives the private one, so that the grant can be checked after a rotation."""

    def fact(self) -> GrantIssued:
        """What the timeline says of it: enough to know the token again, and not the token."""
        digest = hashlib.sha256(self.token.encode()).hexdigest()
        return GrantIssued(
            offer_id=self.offer_id,
            node_id=self.node_id,
            jti=self.jti,
            token_sha256=digest,
            expires_at=int(self.expires_at.timestamp()),
        )


class Issuer:
    """Signs with the coordinator's key, for the bundle that it hands to Flower."""

    def __init__(self, key: SigningKey, bundle_sha256: str) -> None:
        self._key, self._bundle = key, bundle_sha256

    def keys(self) -> dict[str, Any]:
        """The public keys, as a JWK set: what a node verifies with."""
        return {"keys": [self._key.jwk()]}

    def issue(self, job: Mapping[str, Any], terms: ContractTerms) -> Sequence[Issued]:
        """A grant for each node of a job, good for its rounds and for as long as these may take."""
        now = datetime.now(UTC).replace(microsecond=0)
        first = int(job.get("first_round", 1))
        last = first + int(job["rounds"]) - 1
        expires = now + timedelta(seconds=START_S + (last - first + 1) * (float(job["round_timeout_s"]) + PAUSE_S))
        sellers = {seller.offer_id: seller for seller in terms.sellers}
        issued = []
        for node in job["nodes"]:
            seller, jti = sellers[node["offer_id"]], new_id("grant")
            token, signed_by = self._key.word(
                {
                    "iss": ISSUER,
                    "aud": node["node_id"],
                    "iat": int(now.timestamp()),
                    "exp": int(expires.timestamp()),
                    "jti": jti,
                    "run": job["run_id"],
                    "contract": terms.contract_id,
                    "model_owner": terms.model_owner_id,
                    "offer": seller.offer_id,
                    "offer_version": seller.offer_version,
                    "seller": seller.seller_node_id,
                    "price_per_round": seller.price_per_round,
                    "dataset": node["dataset_fingerprint"],
                    "task": job["task"],
                    "first_round": first,
                    "last_round": last,
                    "bundle": self._bundle,
                }
            )
            issued.append(Issued(node["offer_id"], node["node_id"], jti, token, expires, signed_by))
        return issued


def with_grants(job: Mapping[str, Any], tokens: Mapping[str, str]) -> dict[str, Any]:
    """The job as the ServerApp gets it: each node with its grant, by its offer."""
    return {**job, "nodes": [{**node, "grant": tokens.get(node["offer_id"], "")} for node in job["nodes"]]}
