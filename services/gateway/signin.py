"""Sign-in with an outside identity provider: the authorization code flow with PKCE (RFC 7636, OpenID Connect Core 1.0, section 3.1).

The gateway is the issuer's client, and the browser gets the same cookie as for a key: no token ever reaches it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse

from services.gateway import audit, cookies, service, store
from services.gateway.oidc import Issuer
from services.gateway.session import LASTS_S
from services.gateway.settings import GatewaySettings
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import PRINCIPAL, Principal
from shared.kit.db import Pool

log = structlog.get_logger()
router = APIRouter(prefix="/session/oidc", include_in_schema=False)
"""Pages for a browser to go to, no calls of the API: a refusal leads back to the sign-in page with its code."""

UNDERWAY_S: Final = 600
"""How long somebody may take to sign in at the issuer."""
_LONGEST_CODE: Final = 4096
_SEE_OTHER: Final = 303


def derived(secret: str, what: str) -> str:
    """State, nonce and PKCE verifier of one sign-in, each told from the browser's secret alone: 43 characters, as a verifier needs."""
    return _text(hmac.digest(secret.encode(), what.encode(), "sha256"))


def challenge(verifier: str) -> str:
    """RFC 7636, section 4.2, S256."""
    return _text(hashlib.sha256(verifier.encode()).digest())


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@router.get("/start")
async def start(request: Request) -> RedirectResponse:
    """Sends the browser to the issuer. `not_found` where no client is set."""
    runtime, issuer = _issuer(request)
    try:
        endpoint = (await issuer.endpoints())[0]
    except Refusal as refusal:
        return _back(refusal.code)
    secret = secrets.token_urlsafe(32)
    async with runtime.pool.acquire(timeout=5) as conn, conn.transaction():
        await store.begin_sign_in(conn, hashlib.sha256(secret.encode()).digest(), UNDERWAY_S)
    asked = {
        "response_type": "code",
        "client_id": runtime.settings.oidc_client_id,
        "redirect_uri": _redirect_uri(request),
        "scope": runtime.settings.oidc_scope,
        "state": derived(secret, "state"),
        "nonce": derived(secret, "nonce"),
        "code_challenge": challenge(derived(secret, "verifier")),
        "code_challenge_method": "S256",
    }
    answer = _to(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}")
    cookies.put_sign_in(answer, request.scope, secret, lasts_s=UNDERWAY_S)
    return answer


@router.get("/callback")
async def callback(request: Request) -> RedirectResponse:
    """Where the issuer sends the browser back: to the dashboard with a session, or to its sign-in page with a code of the catalogue."""
    runtime, issuer = _issuer(request)
    try:
        who = await _who(request, runtime.pool, issuer)
        # No transaction is held while the issuer is asked; the session and its audit record are in one.
        async with runtime.pool.acquire(timeout=5) as conn, conn.transaction():
            text = await service.open_outside_session(conn, who, lasts_s=LASTS_S)
            request.scope[PRINCIPAL] = who
            await audit.record_sign_in(conn, request.scope, _SEE_OTHER)
    except Refusal as refusal:
        log.info("oidc.sign_in_refused", code=str(refusal.code))
        answer = _back(refusal.code)
    else:
        answer = _to("/app/")
        cookies.put(answer, request.scope, text, lasts_s=None)
    cookies.take_back_sign_in(answer, request.scope)
    return answer


async def _who(request: Request, pool: Pool, issuer: Issuer) -> Principal:
    """Raises `sign_in_not_started`, `sign_in_denied`, `id_token_invalid`, `role_claim_missing`, `service_unavailable`."""
    said = request.query_params
    secret = cookies.sign_in_of(request.scope)
    if secret is None or not hmac.compare_digest(said.get("state", "").encode(), derived(secret, "state").encode()):
        raise Refusal(ErrorCode.SIGN_IN_NOT_STARTED)
    async with pool.acquire(timeout=5) as conn, conn.transaction():
        if not await store.take_sign_in(conn, hashlib.sha256(secret.encode()).digest()):
            raise Refusal(ErrorCode.SIGN_IN_NOT_STARTED)
    code = said.get("code", "")
    if "error" in said or not 0 < len(code) <= _LONGEST_CODE:
        raise Refusal(ErrorCode.SIGN_IN_DENIED)
    token = await issuer.redeem(code, derived(secret, "verifier"), _redirect_uri(request))
    return await issuer.signed_in(token, derived(secret, "nonce"))


def _issuer(request: Request) -> tuple[Any, Issuer]:
    runtime = request.app.state.runtime
    if runtime.settings.oidc_client_id is None:
        raise Refusal(ErrorCode.NOT_FOUND)
    return runtime, runtime.extra["issuer"]


def _redirect_uri(request: Request) -> str:
    """The issuer knows it beforehand, so a made-up Host leads nowhere."""
    settings: GatewaySettings = request.app.state.runtime.settings
    base = settings.oidc_public_url or str(request.base_url).rstrip("/")
    return f"{base}/session/oidc/callback"


def _back(code: ErrorCode) -> RedirectResponse:
    return _to(f"/app/?sign_in_error={code}")


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, _SEE_OTHER, headers={"Cache-Control": "no-store"})
