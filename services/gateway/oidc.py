"""Bearer tokens of an outside identity provider: OpenID Connect tokens, verified with the keys that the issuer publishes.

What is checked is RFC 8725's list: one issuer, one audience, a key and algorithm of the issuer's own set (asymmetric ones alone), an end.
The keys are read by discovery, kept for a while, and read again early where a token names one that is not known: so an issuer
replaces its keys without a restart here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import httpx
import jwt
import structlog

from services.gateway import keys, store
from services.gateway.settings import GatewaySettings
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import Principal, Role
from shared.kit.db import Pool
from shared.kit.service import Runtime
from shared.kit.tokens import LEEWAY_S

log = structlog.get_logger()

LONGEST: Final = 8192
"""Characters; what is longer is not even looked at."""
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
KEEP_S: Final = 300.0
"""For so long a set of keys is not asked for again."""
STALE_S: Final = 3600.0
"""For so long keys are believed while their issuer cannot be reached."""
PAUSE_S: Final = 10.0
"""Between two questions for a key that is not known: tokens that name keys at will are no way to keep the issuer busy."""
_LARGEST: Final = 256 * 1024
_ROLES: Final = frozenset(Role) - {Role.SERVICE}


class Issuer:
    """One issuer, and what it said last about its keys."""

    def __init__(self, settings: GatewaySettings, http: httpx.AsyncClient) -> None:
        assert settings.oidc_issuer is not None
        self._issuer, self._audience = settings.oidc_issuer, settings.oidc_audience
        self._role_claim, self._participant_claim = settings.oidc_role_claim, settings.oidc_participant_claim
        self._http = http
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = self._asked_at = float("-inf")
        self._reading = asyncio.Lock()

    async def holder(self, token: str) -> Principal | None:
        """Who the issuer says that the bearer is; None for anything but a valid token for us.

        Raises:
            Refusal: `service_unavailable` where the issuer's keys are not to be had.
        """
        if len(token) > LONGEST or token.count(".") != 2:
            return None
        try:
            kid = jwt.get_unverified_header(token)["kid"]
            claimed = jwt.decode(token, options={"verify_signature": False})
            if claimed.get("iss") != self._issuer or not isinstance(kid, str):
                return None
            key = await self._key(kid)
            if key is None or key.algorithm_name not in ALGORITHMS:
                return None
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "aud", "iss", "sub"]},
            )
            return self._principal(claims)
        except (jwt.PyJWTError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def _principal(self, claims: Mapping[str, Any]) -> Principal | None:
        """One role of ours, and a name that everything behind can hold."""
        said: Any = claims
        for part in self._role_claim.split("."):
            said = said.get(part) if isinstance(said, dict) else None
        roles = {said} if isinstance(said, str) else set(said) if isinstance(said, list) else set()
        known = [role for role in _ROLES if role in roles]
        subject, participant = claims["sub"], claims.get(self._participant_claim)
        if len(known) != 1 or not _is_name(subject) or not _is_name(participant):
            return None
        return Principal(known[0], participant, f"{keys.OUTSIDE}{subject}")

    async def _key(self, kid: str) -> jwt.PyJWK | None:
        """The issuer's key of that name. Raises `service_unavailable`."""
        if kid in self._keys and time.monotonic() - self._read_at < KEEP_S:
            return self._keys[kid]
        async with self._reading:
            now = time.monotonic()
            fresh = kid in self._keys and now - self._read_at < KEEP_S
            if not fresh and now - self._asked_at >= PAUSE_S:
                self._asked_at = now
                try:
                    self._keys = await self._read()
                    self._read_at = now
                except (httpx.HTTPError, httpx.InvalidURL, jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
                    log.warning("oidc.issuer_unusable", issuer=self._issuer, error=repr(error))
        if time.monotonic() - self._read_at > STALE_S:
            raise Refusal(ErrorCode.SERVICE_UNAVAILABLE, service="identity_provider")
        return self._keys.get(kid)

    async def _read(self) -> dict[str, jwt.PyJWK]:
        """By discovery (OpenID Connect Discovery 1.0, section 4). Keys of kinds that are not ours are left out."""
        about = await self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if about["issuer"] != self._issuer:
            raise ValueError("the document is another issuer's")
        found: dict[str, jwt.PyJWK] = {}
        for entry in (await self._get(about["jwks_uri"]))["keys"]:
            if entry.get("use", "sig") == "sig" and "kid" in entry and entry.get("kty") != "oct":
                with contextlib.suppress(jwt.PyJWTError):
                    found[str(entry["kid"])] = jwt.PyJWK(entry)
        return found

    async def _get(self, url: str) -> dict[str, Any]:
        async with self._http.stream("GET", url) as answer:
            answer.raise_for_status()
            content = b""
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > _LARGEST:
                    raise ValueError("the answer does not end")
        found = json.loads(content)
        if not isinstance(found, dict):
            raise ValueError("the answer is no object")
        return found


def _is_name(value: Any) -> bool:
    """ASCII, as `sub` is by its definition: what services are told about a caller has to stay short."""
    return isinstance(value, str) and 1 <= len(value) <= 200 and value.isascii() and value.isprintable() and value == value.strip()


@contextlib.asynccontextmanager
async def opened(runtime: Runtime) -> AsyncIterator[None]:
    """Where the settings name an issuer, its tokens open the gateway. Nothing is asked before the first one comes."""
    settings: GatewaySettings = runtime.settings
    if settings.oidc_issuer is None:
        yield
        return
    async with httpx.AsyncClient(timeout=httpx.Timeout(3)) as http:
        runtime.extra["issuer"] = Issuer(settings, http)
        yield


async def holder(runtime: Runtime, pool: Pool, token: str) -> Principal | None:
    """Whose token this is; None without an issuer, and for a participant that is locked out here."""
    issuer: Issuer | None = runtime.extra.get("issuer")
    who = None if issuer is None else await issuer.holder(token)
    if who is None or who.participant is None or await store.is_locked_out(pool, who.participant):
        return None
    return who
