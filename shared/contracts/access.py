"""Who may do what to whose: one row for each call of each service.

A test walks every route of every service as every role and holds what happens against this table; a route without a row fails it.
`Whose` limits holders that are bound to a participant; the bootstrap keys, operators and reviewers have no such limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Whose(StrEnum):
    """Which things a participant's key reaches, of those that its role reaches."""

    ALL = "all"  # the market's, or nobody's: everything
    OWN = "own"  # its own; a stranger's is answered as if it did not exist (404)
    NAME = "name"  # it acts in its own name, in another's is `forbidden` (403)
    SHOWN = "shown"  # lists and summaries show its own
    STAFF = "staff"  # nothing: `forbidden` (403), although the role's bootstrap key may


@dataclass(frozen=True)
class Access:
    roles: frozenset[str] | None
    """Roles that may; None: anybody, without a key."""
    whose: Whose = Whose.ALL


_STAFF: Final = frozenset({"operator", "reviewer", "service"})
_EVERYBODY: Final = _STAFF | {"provider", "model_owner"}
_PROVIDER: Final = frozenset({"operator", "provider"})
_BUYER: Final = frozenset({"operator", "model_owner"})
_PARTY: Final = _PROVIDER | _BUYER
_OPERATOR: Final = frozenset({"operator"})
_PUBLIC: Final = Access(None)
_READ: Final = Access(_EVERYBODY)

ALIKE: Final[dict[tuple[str, str], Access]] = {
    ("GET", "/healthz"): _PUBLIC,
    ("GET", "/readyz"): _PUBLIC,
    ("GET", "/metrics"): _PUBLIC,
    ("GET", "/openapi.json"): _PUBLIC,
    ("GET", "/docs"): _PUBLIC,
    ("GET", "/docs/oauth2-redirect"): _PUBLIC,
    ("GET", "/ops/dead_letters"): Access(_EVERYBODY, Whose.STAFF),
    ("POST", "/ops/dead_letters/{consumer}/{event_id}/replay"): Access(_OPERATOR),
}
"""What every service has."""

ACCESS: Final[dict[str, dict[tuple[str, str], Access]]] = {
    "marketplace": {
        ("POST", "/marketplace/offers"): Access(_PROVIDER, Whose.NAME),
        ("GET", "/marketplace/offers"): _READ,
        ("GET", "/marketplace/offers/{offer_id}"): _READ,
        ("PATCH", "/marketplace/offers/{offer_id}"): Access(_PROVIDER, Whose.OWN),
        ("GET", "/marketplace/offers/{offer_id}/why_not"): Access(_PROVIDER, Whose.OWN),
        ("POST", "/marketplace/round_intents"): Access(_BUYER, Whose.NAME),
        ("GET", "/marketplace/round_intents"): Access(_EVERYBODY, Whose.SHOWN),
        ("GET", "/marketplace/round_intents/{round_intent_id}"): Access(_EVERYBODY, Whose.OWN),
        ("PATCH", "/marketplace/round_intents/{round_intent_id}"): Access(_BUYER, Whose.OWN),
        ("POST", "/marketplace/match"): Access(_BUYER, Whose.OWN),
        ("POST", "/marketplace/policy/preview"): Access(_BUYER, Whose.OWN),
        ("POST", "/marketplace/policy/draft"): Access(_BUYER),
        ("GET", "/marketplace/contracts"): Access(_EVERYBODY, Whose.SHOWN),
        ("GET", "/marketplace/contracts/{contract_id}"): Access(_EVERYBODY, Whose.OWN),
        ("GET", "/marketplace/contracts/{contract_id}/timeline"): Access(_EVERYBODY, Whose.OWN),
        ("POST", "/marketplace/contracts/{contract_id}/replacements"): Access(_BUYER, Whose.OWN),
        ("GET", "/marketplace/contracts/{contract_id}/decision"): Access(_BUYER | {"reviewer"}, Whose.OWN),
        ("GET", "/marketplace/summary"): _READ,
    },
    "matching": {
        ("POST", "/match/select"): Access(frozenset({"operator", "service"})),
        ("POST", "/match/sweep"): Access(frozenset({"operator", "service"})),
        ("POST", "/match/why_not"): Access(frozenset({"operator", "service"})),
    },
    "escrow": {
        ("POST", "/marketplace/escrow/release"): Access(_PARTY, Whose.OWN),
        ("GET", "/escrow/contracts/{contract_id}/settlement"): Access(_EVERYBODY, Whose.OWN),
        ("POST", "/marketplace/escrow/refund"): Access(_BUYER, Whose.OWN),
        ("POST", "/marketplace/disputes"): Access(_PARTY, Whose.OWN),
        ("GET", "/marketplace/disputes"): Access(_EVERYBODY, Whose.SHOWN),
        ("PATCH", "/marketplace/disputes/{dispute_id}"): Access(_OPERATOR),
        ("POST", "/escrow/deposits"): Access(_OPERATOR),
        ("GET", "/escrow/accounts"): Access(_EVERYBODY, Whose.SHOWN),
        ("GET", "/escrow/accounts/{participant}"): Access(_EVERYBODY, Whose.OWN),
        ("GET", "/escrow/accounts/{participant}/statement"): Access(_EVERYBODY, Whose.OWN),
        ("POST", "/escrow/withdrawals"): Access(_PARTY, Whose.OWN),
        ("GET", "/escrow/withdrawals"): Access(_EVERYBODY, Whose.SHOWN),
        ("PATCH", "/escrow/withdrawals/{withdrawal_id}"): Access(_OPERATOR),
        ("GET", "/escrow/trial_balance"): Access(_STAFF),
        ("GET", "/escrow/holds"): Access(_EVERYBODY, Whose.SHOWN),
        ("GET", "/escrow/contracts/{contract_id}/ledger"): Access(_EVERYBODY, Whose.OWN),
        ("GET", "/escrow/summary"): _READ,
    },
    "training_coordinator": {
        ("POST", "/trigger_fl"): Access(_BUYER, Whose.OWN),
        ("POST", "/training/trigger"): Access(_BUYER, Whose.OWN),
        ("GET", "/training/status"): Access(_EVERYBODY, Whose.SHOWN),
        ("GET", "/training/runs"): Access(_EVERYBODY, Whose.SHOWN),
        ("GET", "/training/runs/{run_id}"): Access(_EVERYBODY, Whose.OWN),
        ("GET", "/training/runs/{run_id}/model"): Access(_BUYER, Whose.OWN),
        ("GET", "/training/runs/{run_id}/model_card"): Access(_BUYER, Whose.OWN),
        ("GET", "/training/superlink"): Access(_PROVIDER),
        ("POST", "/training/runs/{run_id}/stop"): Access(_BUYER, Whose.OWN),
        ("GET", "/training/contracts/{contract_id}/evidence"): Access(_EVERYBODY, Whose.OWN),
        ("GET", "/training/nodes"): _READ,
        ("POST", "/training/nodes"): Access(_PROVIDER, Whose.NAME),
        # The ServerApp's own: the run's token opens them, and no role does.
        ("POST", "/training/runs/{run_id}/claim"): Access(frozenset()),
        ("POST", "/training/runs/{run_id}/rounds"): Access(frozenset()),
        ("PUT", "/training/runs/{run_id}/model"): Access(frozenset()),
        ("GET", "/training/runs/{run_id}/checkpoint"): Access(frozenset()),
        ("POST", "/training/runs/{run_id}/finish"): Access(frozenset()),
    },
    "gateway": {
        ("GET", "/metrics_summary"): _READ,
        ("GET", "/marketplace/contracts/{contract_id}/evidence"): Access(_EVERYBODY, Whose.OWN),
        ("GET", "/.well-known/evidence-keys.json"): _PUBLIC,
        ("GET", "/training/status"): Access(_EVERYBODY, Whose.SHOWN),
        ("GET", "/ops/events"): Access(_EVERYBODY, Whose.SHOWN),
        ("GET", "/ops/events/recent"): Access(_EVERYBODY, Whose.SHOWN),
        ("POST", "/ops/dead_letters/replay"): Access(_OPERATOR),
        ("GET", "/health"): _PUBLIC,
        ("GET", "/ops/health"): _PUBLIC,
        ("GET", "/status"): _PUBLIC,
        ("GET", "/errors"): _PUBLIC,
        ("GET", "/errors/{code}"): _PUBLIC,
        ("GET", "/session"): _PUBLIC,
        ("POST", "/session"): _READ,
        ("DELETE", "/session"): _READ,
        ("GET", "/session/demo"): _PUBLIC,  # on this machine, in a demonstration; else `not_found`
        ("GET", "/session/me"): _READ,
        ("GET", "/session/oidc/start"): _PUBLIC,  # where the identity provider knows the gateway as a client; else `not_found`
        ("GET", "/session/oidc/callback"): _PUBLIC,
        ("GET", "/"): _PUBLIC,
        ("GET", "/app/{path:path}"): _PUBLIC,
        ("POST", "/identity/keys"): Access(_EVERYBODY, Whose.NAME),
        ("GET", "/identity/keys"): Access(_EVERYBODY, Whose.SHOWN),
        ("POST", "/identity/keys/{key_id}/revoke"): Access(_EVERYBODY, Whose.OWN),
        ("GET", "/identity/participants"): Access(_STAFF),
        ("POST", "/identity/participants/{participant}/revoke"): Access(_OPERATOR),
        ("GET", "/audit"): Access(_STAFF),
        ("GET", "/audit/export"): Access(_STAFF),
        ("POST", "/join/request_invite"): _PUBLIC,
        ("GET", "/join/requests"): Access(_STAFF),
        ("POST", "/join/requests/{request_id}/approve"): Access(_OPERATOR),
        ("POST", "/join/requests/{request_id}/reject"): Access(_OPERATOR),
        ("GET", "/join/invites"): Access(_STAFF),
        ("POST", "/join/invites/{invite_id}/revoke"): Access(_OPERATOR),
        ("POST", "/join/register"): _PUBLIC,
        ("GET", "/join/registrations"): Access(_STAFF),
        ("POST", "/join/registrations/{registration_id}/revoke"): Access(_OPERATOR),
    },
}
"""What each service has of its own. What the gateway only hands on is decided by the service that gets it."""

HANDED_ON: Final = frozenset(
    {
        "/marketplace/match",
        "/marketplace/escrow/release",
        "/marketplace/escrow/refund",
        "/marketplace/disputes",
        "/marketplace/{path:path}",
        "/escrow/{path:path}",
        "/training/{path:path}",
        "/trigger_fl",
        "/training/trigger",
    }
)
"""The gateway's routes to the services: a key is needed, the rest is theirs."""


def access_to(service: str, method: str, path: str) -> Access | None:
    """The row of a call, by its route's template."""
    return ACCESS[service].get((method, path)) or ALIKE.get((method, path))
