"""Sign-in by the code flow, against a real issuer that checks client, verifier and redirect: who gets in, and who is sent back."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import httpx
import pytest
from limits import parse
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.local import ports
from tests.integration.gateway.conftest import Exchange, code
from tests.integration.gateway.test_gateway_oidc import AUDIENCE, OFFER, LocalIssuer
from tests.seen import told

CLIENT, SECRET = "dashboard", "a secret with / and :"


@dataclass
class CodeFlow(LocalIssuer):
    """The issuer with a page where everybody signs in at once as `claims` say."""

    claims: dict[str, Any] = field(default_factory=dict)
    says_no: str | None = None
    token_status: int = 200
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def open(self) -> None:
        self.more_routes = [Route("/realm/authorize", self._authorize), Route("/realm/token", self._token, methods=["POST"])]
        self.more_about = {"authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token"}

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", CLIENT, "openid")
        assert asked["code_challenge_method"] == "S256"
        answer = f"error={self.says_no}"
        if self.says_no is None:
            given = secrets.token_urlsafe(8)
            self.codes[given] = asked
            answer = f"code={given}"
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}&state={quote(asked['state'])}&session_state=x")

    async def _token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        asked = self.codes.pop(form["code"][0], None)
        basic = base64.b64encode(f"{CLIENT}:{quote(SECRET, safe='').replace('%20', '+')}".encode()).decode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"][0].encode()).digest()).rstrip(b"=").decode()
        if (
            asked is None
            or request.headers.get("authorization") != f"Basic {basic}"
            or digest != asked["code_challenge"]
            or form["redirect_uri"] != [asked["redirect_uri"]]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        said = {"aud": CLIENT, "nonce": asked["nonce"], **self.claims}
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self.token(**said)}, self.token_status)


@pytest.fixture(autouse=True)
async def issuer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[CodeFlow]:
    """Runs before the gateway reads its settings."""
    made = CodeFlow(f"http://127.0.0.1:{ports.free_port()}/realm")
    made.new_key("one")
    made.open()
    secret = tmp_path / "client-secret"
    secret.write_text(f"{SECRET}\n")
    for name, value in {"ISSUER": made.url, "AUDIENCE": AUDIENCE, "CLIENT_ID": CLIENT, "CLIENT_SECRET_FILE": str(secret)}.items():
        monkeypatch.setenv(f"OIDC_{name}", value)
    await made.serve()
    yield made
    await made.serving.aclose()


async def to_callback(exchange: Exchange) -> str:
    """What the issuer sends the browser back to."""
    begun = await exchange.http.get("/session/oidc/start")
    assert begun.status_code == 303, begun.text
    async with httpx.AsyncClient(trust_env=False) as browser:
        return str((await browser.get(begun.headers["location"])).headers["location"])


async def refused(exchange: Exchange, callback: str, wanted: str) -> None:
    """The callback leads to the sign-in page with that code, and to no session."""
    answer = await exchange.http.get(callback)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/app/?sign_in_error={told(wanted)}")
    assert "oe_session" not in str(answer.headers.get_list("set-cookie"))
    assert (await exchange.http.get("/session")).json()["me"] is None
    assert (await exchange.http.get(f"/errors/{wanted}")).status_code == 200
    assert await rows(exchange, "session") == []


async def rows(exchange: Exchange, table: str) -> list[dict[str, Any]]:
    conn = await asyncpg.connect(exchange.dsns["gateway"])
    try:
        return [dict(row) for row in await conn.fetch(f"SELECT * FROM gateway.{table}")]
    finally:
        await conn.close()


async def test_who_signs_in_with_the_organisation_acts_as_the_role_and_no_token_reaches_the_browser(exchange: Exchange) -> None:
    assert (await exchange.http.get("/session")).json() == {"demo": False, "oidc": True, "me": None}

    callback = await to_callback(exchange)
    answer = await exchange.http.get(callback)

    assert (answer.status_code, answer.headers["location"], answer.headers["cache-control"]) == (303, "/app/", "no-store")
    assert answer.content == b""
    [session] = [text for text in answer.headers.get_list("set-cookie") if text.startswith("oe_session")]
    assert "HttpOnly" in session
    assert "SameSite=strict" in session
    assert "eyJ" not in session
    me = {"role": "provider", "participant": "clinic-7", "key_id": "oidc:clinic-7"}
    assert (await exchange.http.get("/session")).json()["me"] == me
    ours = {"sec-fetch-site": "same-origin"}
    made = await exchange.http.post("/marketplace/offers", json=OFFER, headers=ours)
    assert made.status_code == 201, made.text
    for path, body in (
        ("/escrow/deposits", {"participant": "clinic-7", "amount": 1}),
        ("/marketplace/offers", {**OFFER, "seller_node_id": "clinic-8"}),
        ("/identity/keys", {"participant": "clinic-7", "role": "provider"}),
        ("/session", {}),
    ):
        other = await exchange.http.post(path, json=body, headers=ours)
        assert (other.status_code, code(other)) == (403, "forbidden"), path
    forged = await exchange.http.post("/marketplace/offers", json=OFFER)
    assert (forged.status_code, code(forged)) == (403, "csrf_refused")
    records = (await exchange.ok("GET", "/audit?actor=clinic-7"))["records"]
    [record] = [record for record in records if record["path"] == "/session/oidc/callback"]
    assert (record["role"], record["key_id"], record["status"]) == ("provider", "oidc:clinic-7", 303)
    [kept] = await rows(exchange, "session")
    assert 11.9 < (kept["expires_at"] - kept["created_at"]).total_seconds() / 3600 <= 12

    assert (await exchange.http.delete("/session", headers=ours)).status_code == 204
    assert (await exchange.http.get("/session")).json()["me"] is None


async def test_who_is_locked_out_loses_the_session_and_gets_no_other(exchange: Exchange) -> None:
    assert (await exchange.http.get(await to_callback(exchange))).headers["location"] == "/app/"
    assert (await exchange.http.get("/session/me")).status_code == 200
    await exchange.ok("POST", "/identity/participants/clinic-7/revoke")
    assert (await exchange.http.get("/session/me")).status_code == 401

    answer = await exchange.http.get(await to_callback(exchange))
    assert answer.headers["location"] == f"/app/?sign_in_error={told('sign_in_denied')}"
    assert len(await rows(exchange, "session")) == 1


async def test_an_answer_opens_one_session_in_the_browser_that_began(exchange: Exchange) -> None:
    exchange.http.cookies.clear()
    callback = await to_callback(exchange)
    begun = dict(exchange.http.cookies)
    exchange.http.cookies.clear()
    await refused(exchange, callback, "sign_in_not_started")  # another browser
    exchange.http.cookies.update(begun)
    await refused(exchange, callback.replace("state=", "state=x"), "sign_in_not_started")
    await refused(exchange, "/session/oidc/callback?code=x&state=%00%c3", "sign_in_not_started")
    exchange.http.cookies.update(begun)
    assert (await exchange.http.get(callback)).headers["location"] == "/app/"
    exchange.http.cookies.clear()
    exchange.http.cookies.update(begun)
    replayed = await exchange.http.get(callback)

    assert replayed.headers["location"] == "/app/?sign_in_error=sign_in_not_started"
    assert len(await rows(exchange, "session")) == 1
    assert await rows(exchange, "oidc_sign_in") == []


async def test_a_sign_in_that_took_too_long_is_over(exchange: Exchange) -> None:
    callback = await to_callback(exchange)
    conn = await asyncpg.connect(exchange.dsns["gateway"])
    await conn.execute("UPDATE gateway.oidc_sign_in SET expires_at = now()")
    await conn.close()

    await refused(exchange, callback, "sign_in_not_started")


NOW = int(time.time())


@pytest.mark.parametrize(
    ("claims", "wanted"),
    [
        ({"nonce": "another"}, "id_token_invalid"),
        ({"nonce": None}, "id_token_invalid"),
        ({"iat": NOW - 900, "exp": NOW - 600}, "id_token_invalid"),
        ({"aud": AUDIENCE}, "id_token_invalid"),
        ({"aud": [CLIENT, "other"], "azp": "other"}, "id_token_invalid"),
        ({"iss": "http://127.0.0.1:1/realm"}, "id_token_invalid"),
        ({"header": {"kid": "nobodys"}}, "id_token_invalid"),
        ({"role": None}, "role_claim_missing"),
        ({"role": "service"}, "role_claim_missing"),
        ({"role": ["provider", "operator"]}, "role_claim_missing"),
    ],
)
async def test_an_id_token_that_is_not_for_this_sign_in_opens_nothing(
    issuer: CodeFlow, exchange: Exchange, claims: dict[str, Any], wanted: str
) -> None:
    issuer.claims = claims

    await refused(exchange, await to_callback(exchange), wanted)


async def test_what_the_issuer_refuses_or_cannot_answer_is_told_apart(issuer: CodeFlow, exchange: Exchange) -> None:
    issuer.says_no = "access_denied"
    await refused(exchange, await to_callback(exchange), "sign_in_denied")
    issuer.says_no = None
    callback = await to_callback(exchange)
    issuer.codes.clear()
    await refused(exchange, callback, "sign_in_denied")
    issuer.token_status = 500
    await refused(exchange, await to_callback(exchange), "service_unavailable")
    issuer.token_status = 200
    callback = await to_callback(exchange)
    await issuer.serving.aclose()
    await refused(exchange, callback, "service_unavailable")


async def test_while_the_issuer_is_away_a_sign_in_does_not_begin(issuer: CodeFlow, exchange: Exchange) -> None:
    await issuer.serving.aclose()

    await refused(exchange, "/session/oidc/start", "service_unavailable")
    assert (await exchange.call("GET", "/session/me")).status_code == 200, "keys work all the while"


async def test_the_redirect_comes_from_the_setting_where_there_is_one(exchange: Exchange) -> None:
    runtime = exchange.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"oidc_public_url": "https://exchange.example"})

    begun = await exchange.http.get("/session/oidc/start")

    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["redirect_uri"] == ["https://exchange.example/session/oidc/callback"]
    [cookie] = begun.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=600" in cookie


async def test_without_a_client_there_is_no_such_sign_in(exchange: Exchange) -> None:
    runtime = exchange.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"oidc_client_id": None})

    assert (await exchange.http.get("/session")).json()["oidc"] is False
    for path in ("start", "callback"):
        answer = await exchange.http.get(f"/session/oidc/{path}")
        assert (answer.status_code, code(answer)) == (404, "not_found")


async def test_an_address_begins_as_many_sign_ins_as_it_may_ask_to_join(exchange: Exchange) -> None:
    runtime = exchange.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"join_rate_limit": parse("1/minute")})

    assert (await exchange.http.get("/session/oidc/start")).status_code == 303
    over = await exchange.http.get("/session/oidc/start")
    assert (over.status_code, code(over)) == (429, "rate_limited")
