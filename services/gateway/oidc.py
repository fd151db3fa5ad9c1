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
from urllib.parse import quote_plus

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

    def __init__(self, settings: GatewaySettings, http: httpx.AsyncClient, client_secret: str = "") -> None:
        assert settings.oidc_issuer is not None
        self._issuer, self._audience = settings.oidc_issuer, settings.oidc_audience
        self._role_claim, self._participant_claim = settings.oidc_role_claim, settings.oidc_participant_claim
        self._client_id, self._client_secret = settings.oidc_client_id, client_secret
        self._http = http
        self._about: dict[str, Any] = {}
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = self._asked_at = float("-inf")
        self._reading = asyncio.Lock()

    async def holder(self, token: str) -> Principal | None:
        """Who the issuer says that the bearer is; None for anything but a valid token for us.

        Raises:
            Refusal: `service_unavailable` where the issuer's keys are not to be had.
        """
        claims = await self._claims(token, self._audience)
        return None if claims is None else self._principal(claims)

    async def endpoints(self) -> tuple[str, str]:
        """Where a browser signs in, and where a code is redeemed. Raises `service_unavailable`."""
        await self._refresh()
        found = self._about.get("authorization_endpoint"), self._about.get("token_endpoint")
        if not all(
            isinstance(url, str) and url.startswith(("https://", self._issuer.partition("://")[0] + "://")) for url in found
        ):
            log.warning("oidc.issuer_unusable", issuer=self._issuer, error="endpoints of the code flow are missing or not HTTPS")
            raise Refusal(ErrorCode.SERVICE_UNAVAILABLE, service="identity_provider")
        return str(found[0]), str(found[1])

    async def redeem(self, code: str, verifier: str, redirect_uri: str) -> str:
        """The ID token for a code (OpenID Connect Core 1.0, section 3.1.3).

        Raises:
            Refusal: `sign_in_denied` where the issuer refuses the code, `service_unavailable` where it cannot answer.
        """
        endpoint = (await self.endpoints())[1]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        client_id = self._client_id or ""
        how: dict[str, Any] = {}
        methods = self._about.get("token_endpoint_auth_methods_supported")
        if self._client_secret and (not isinstance(methods, list) or "client_secret_basic" in methods):
            how["auth"] = (quote_plus(client_id), quote_plus(self._client_secret))  # RFC 6749, section 2.3.1
        else:
            form |= {"client_id": client_id} | ({"client_secret": self._client_secret} if self._client_secret else {})
        try:
            answer = await self._ask("POST", endpoint, data=form, **how)
            return str(answer["id_token"])
        except httpx.HTTPStatusError as error:
            log.warning("oidc.code_refused", issuer=self._issuer, status=error.response.status_code)
            if error.response.is_client_error:
                raise Refusal(ErrorCode.SIGN_IN_DENIED) from None
            raise Refusal(ErrorCode.SERVICE_UNAVAILABLE, service="identity_provider") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, RecursionError) as error:
            log.warning("oidc.issuer_unusable", issuer=self._issuer, error=type(error).__name__)
            raise Refusal(ErrorCode.SERVICE_UNAVAILABLE, service="identity_provider") from None

    async def signed_in(self, id_token: str, nonce: str) -> Principal:
        """Whom an ID token for us is about. Raises `id_token_invalid`, `role_claim_missing`, `service_unavailable`."""
        claims = await self._claims(id_token, self._client_id)
        if claims is None or claims.get("nonce") != nonce or claims.get("azp", self._client_id) != self._client_id:
            raise Refusal(ErrorCode.ID_TOKEN_INVALID)
        who = self._principal(claims)
        if who is None:
            raise Refusal(ErrorCode.ROLE_CLAIM_MISSING)
        return who

    async def _claims(self, token: str, audience: str | None) -> Mapping[str, Any] | None:
        """What a valid token of the issuer for `audience` says. Raises `service_unavailable`."""
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
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "aud", "iss", "sub"]},
            )
        except (jwt.PyJWTError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return claims

    def _principal(self, claims: Mapping[str, Any]) -> Principal | None:
        """One role of ours, and a name that everything behind can hold."""
        said: Any = claims
        for part in self._role_claim.split("."):
            said = said.get(part) if isinstance(said, dict) else None
        roles = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        known = [role for role in _ROLES if role in roles]
        subject, participant = claims["sub"], claims.get(self._participant_claim)
        if len(known) != 1 or not _is_name(subject) or not _is_name(participant):
            return None
        return Principal(known[0], participant, f"{keys.OUTSIDE}{subject}")

    async def _key(self, kid: str) -> jwt.PyJWK | None:
        """The issuer's key of that name. Raises `service_unavailable`."""
        await self._refresh(kid)
        return self._keys.get(kid)

    def _is_fresh(self, kid: str | None) -> bool:
        return (kid is None or kid in self._keys) and time.monotonic() - self._read_at < KEEP_S

    async def _refresh(self, kid: str | None = None) -> None:
        """Asks the issuer where what it said is old, or does not have the key. Raises `service_unavailable`."""
        if self._is_fresh(kid):
            return
        async with self._reading:
            now = time.monotonic()
            if not self._is_fresh(kid) and now - self._asked_at >= PAUSE_S:
                self._asked_at = now
                try:
                    self._about, self._keys = await self._read()
                    self._read_at = now
                except (httpx.HTTPError, httpx.InvalidURL, jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
                    log.warning("oidc.issuer_unusable", issuer=self._issuer, error=repr(error))
        if time.monotonic() - self._read_at > STALE_S:
            raise Refusal(ErrorCode.SERVICE_UNAVAILABLE, service="identity_provider")

    async def _read(self) -> tuple[dict[str, Any], dict[str, jwt.PyJWK]]:
        """By discovery (OpenID Connect Discovery 1.0, section 4). Keys of kinds that are not ours are left out."""
        about = await self._ask("GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if about["issuer"] != self._issuer:
            raise ValueError("the document is another issuer's")
        found: dict[str, jwt.PyJWK] = {}
        for entry in (await self._ask("GET", about["jwks_uri"]))["keys"]:
            if entry.get("use", "sig") == "sig" and "kid" in entry and entry.get("kty") != "oct":
                with contextlib.suppress(jwt.PyJWTError):
                    found[str(entry["kid"])] = jwt.PyJWK(entry)
        return about, found

    async def _ask(self, method: str, url: str, **how: Any) -> dict[str, Any]:
        async with self._http.stream(method, url, **how) as answer:
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
    secret = ""
    if (file := settings.oidc_client_secret_file) is not None:
        try:
            secret = file.read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise SystemExit(f"setting OIDC_CLIENT_SECRET_FILE: {file} cannot be read ({error})") from error
    async with httpx.AsyncClient(timeout=httpx.Timeout(3)) as http:
        runtime.extra["issuer"] = Issuer(settings, http, secret)
        yield


async def holder(runtime: Runtime, pool: Pool, token: str) -> Principal | None:
    """Whose token this is; None without an issuer, and for a participant that is locked out here."""
    issuer: Issuer | None = runtime.extra.get("issuer")
    who = None if issuer is None else await issuer.holder(token)
    if who is None or who.participant is None or await store.is_locked_out(pool, who.participant):
        return None
    return who
