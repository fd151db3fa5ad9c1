"""Settings of the gateway beside those of every service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from limits import RateLimitItem, parse
from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, InstanceOf, model_validator

from shared.kit.db import ROOT
from shared.kit.settings import DatabaseSettings

BaseUrl = Annotated[str, Field(pattern=r"^https?://[^/\s]+/?$"), AfterValidator(lambda url: url.rstrip("/"))]

Issuer = Annotated[str, Field(pattern=r"^(https://[^\s?#]+|http://(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(/[^\s?#]*)?)$")]
"""Plain HTTP only on this machine: whoever can answer in the issuer's place makes tokens at will."""

Allowance = Annotated[InstanceOf[RateLimitItem], BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)]


class GatewaySettings(DatabaseSettings):
    port: int = 8000
    token_signing_key_file: Path
    """An Ed25519 key (PEM): what services are told about a caller is signed with it."""
    evidence_signing_key_file: Path | None = None
    """An Ed25519 key (PEM) for evidence; without it, that of the tokens. Evidence outlives tokens: give it a key that stays."""
    evidence_keys_file: Path | None = None
    """A JWK set: public keys that evidence was signed with before, published beside the present one."""
    marketplace_url: BaseUrl = "http://127.0.0.1:8001"
    matching_url: BaseUrl = "http://127.0.0.1:8002"
    escrow_url: BaseUrl = "http://127.0.0.1:8003"
    training_url: BaseUrl = "http://127.0.0.1:8004"
    prometheus_url: BaseUrl | None = None
    """Where there is a Prometheus, rates and percentiles come from it; else the gateway scrapes the services itself."""
    grafana_url: str | None = None
    """Only shown to people, as a link."""
    dashboard_dir: Path = Field(
        default=ROOT / "services/dashboard/dist", validation_alias=AliasChoices("DASHBOARD_DIR", "DASHBOARD_DIST")
    )
    """The built single page app; without one, `/` leads to the API's pages."""
    demo_mode: bool = False
    """Hands the demonstration's keys to browsers on this machine."""
    demo_via_host: bool = False
    """In a container whose port is published on its machine's loopback alone: that machine's browser comes from the address of the
    default route."""
    forward_timeout_s: Annotated[float, Field(gt=0)] = 35
    """Longer than the longest long poll of a service (30 s)."""
    settle_timeout_s: Annotated[float, Field(gt=0, le=30)] = 10
    """How long an answer may wait for the escrow's word in the contract's timeline."""
    summary_timeout_s: Annotated[float, Field(gt=0)] = 1.5
    """How long a service may take to answer when several are asked at once."""
    rate_limit: Allowance = parse("200/second")
    """Requests of one key, or of one address without a valid key: `200/second`, `1000 per minute`."""
    join_rate_limit: Allowance = parse("30/minute")
    """Requests to join and registrations of one address, which need no key."""
    oidc_issuer: Issuer | None = None
    """Whose OpenID Connect tokens open the gateway beside its own keys: the issuer as its tokens name it."""
    oidc_audience: Annotated[str, Field(min_length=1)] | None = None
    """Who the tokens must be for."""
    oidc_role_claim: Annotated[str, Field(min_length=1)] = "role"
    """Where a token says the role (`provider`, `model_owner`, `operator`, `reviewer`), a text or a list; `.` goes into an object:
    `realm_access.roles`."""
    oidc_participant_claim: Annotated[str, Field(min_length=1)] = "sub"
    """Where a token says the participant, the name under which its bearer trades."""
    oidc_client_id: Annotated[str, Field(min_length=1)] | None = None
    """As what the gateway signs people in at the issuer, for the dashboard; without one there is no such sign-in."""
    oidc_client_secret_file: Path | None = None
    """The client's secret; without it the gateway is a public client, and PKCE alone binds a code to its sign-in."""
    oidc_scope: Annotated[str, Field(pattern=r"^(.+ )?openid( .+)?$")] = "openid"
    """What a sign-in asks the issuer for: more where the role's claim needs it."""
    oidc_public_url: BaseUrl | None = None
    """Where browsers find the gateway, for `<it>/session/oidc/callback`; without it, what they ask for (`Host`)."""

    @model_validator(mode="after")
    def _names_the_audience(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError("OIDC_ISSUER and OIDC_AUDIENCE are set together: without an audience a token for anybody would do")
        if self.oidc_client_id is not None and self.oidc_issuer is None:
            raise ValueError("OIDC_CLIENT_ID needs OIDC_ISSUER")
        if self.oidc_client_secret_file is not None and self.oidc_client_id is None:
            raise ValueError("OIDC_CLIENT_SECRET_FILE needs OIDC_CLIENT_ID")
        return self
