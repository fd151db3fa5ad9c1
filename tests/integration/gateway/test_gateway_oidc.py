"""Tokens of an outside identity provider, against a real one on a port: what opens the door, what does not, and how its keys change."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.local import ports
from services.gateway import oidc
from services.gateway.settings import GatewaySettings
from tests.integration.gateway.conftest import Exchange, code, serve

AUDIENCE = "open-ecosystem"
OFFER = {"seller_node_id": "clinic-7", "dataset_fingerprint": "f"}
NEW: dict[str, Any] = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": Ed25519PrivateKey.generate,
}


@dataclass
class LocalIssuer:
    """An identity provider as its clients see it: a discovery document, keys, and tokens signed with them."""

    url: str
    keys: dict[str, tuple[str, Any]] = field(default_factory=dict)
    asked: int = 0
    says_it_is: str | None = None
    more_routes: list[Route] = field(default_factory=list)
    more_about: dict[str, Any] = field(default_factory=dict)
    serving: AsyncExitStack = field(default_factory=AsyncExitStack)

    def new_key(self, kid: str, algorithm: str = "RS256") -> None:
        self.keys[kid] = (algorithm, NEW[algorithm]())

    async def serve(self) -> None:
        routes = [
            Route("/realm/.well-known/openid-configuration", self._about),
            Route("/realm/keys", self._keys),
            *self.more_routes,
        ]
        port = int(self.url.split(":")[2].split("/")[0])
        await serve(uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=port, log_config=None, ws="none")), self.serving)

    async def _about(self, _: Request) -> JSONResponse:
        return JSONResponse({"issuer": self.says_it_is or self.url, "jwks_uri": f"{self.url}/keys", **self.more_about})

    async def _keys(self, _: Request) -> JSONResponse:
        self.asked += 1
        entries = [
            {
                **jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True),
                "kid": kid,
                "alg": algorithm,
                "use": "sig",
            }
            for kid, (algorithm, key) in self.keys.items()
        ]
        return JSONResponse({"keys": entries})

    def token(self, kid: str = "one", *, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
        """A good token of a provider; `claims` overwrite, None leaves out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "clinic-7", "role": "provider", "iat": now, "exp": now + 300}
        said = {name: value for name, value in {**good, **claims}.items() if value is not None}
        algorithm, own = self.keys[kid]
        return jwt.encode(said, key or own, algorithm=algorithm, headers={"kid": kid, **(header or {})})


@pytest.fixture(autouse=True)
async def issuer(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalIssuer]:
    """Runs before the gateway reads its settings."""
    made = LocalIssuer(f"http://127.0.0.1:{ports.free_port()}/realm")
    made.new_key("one")
    monkeypatch.setenv("OIDC_ISSUER", made.url)
    monkeypatch.setenv("OIDC_AUDIENCE", AUDIENCE)
    await made.serve()
    yield made
    await made.serving.aclose()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks the issuer whenever a key is not known."""
    monkeypatch.setattr(oidc, "PAUSE_S", 0.0)


async def ask(exchange: Exchange, token: str, method: str = "GET", path: str = "/session/me", **more: Any) -> httpx.Response:
    return await exchange.http.request(method, path, headers={"authorization": f"Bearer {token}"}, **more)


async def test_a_token_of_the_issuer_opens_every_service_as_its_role_and_participant(
    issuer: LocalIssuer, exchange: Exchange
) -> None:
    token = issuer.token()

    assert (await ask(exchange, token)).json() == {"role": "provider", "participant": "clinic-7", "key_id": "oidc:clinic-7"}
    made = await ask(exchange, token, "POST", "/marketplace/offers", json=OFFER)
    assert made.status_code == 201, made.text
    other = await ask(exchange, token, "POST", "/marketplace/offers", json={**OFFER, "seller_node_id": "clinic-8"})
    assert (other.status_code, code(other)) == (403, "forbidden")
    operator = issuer.token(sub="ada", role=["staff", "operator"], aud=["elsewhere", AUDIENCE])
    assert (await ask(exchange, operator)).json()["role"] == "operator"
    [record] = (await exchange.ok("GET", "/audit?actor=clinic-7"))["records"]
    assert record["key_id"] == "oidc:clinic-7"
    for path, body in (("/session", {}), ("/identity/keys", {"participant": "clinic-7", "role": "provider"})):
        lasting = await ask(exchange, token, "POST", path, json=body)
        assert (lasting.status_code, code(lasting)) == (403, "forbidden"), "nothing that outlives the token"


@pytest.mark.parametrize("algorithm", NEW)
async def test_tokens_are_verified_by_the_keys_own_algorithm(
    issuer: LocalIssuer, exchange: Exchange, hasty: None, algorithm: str
) -> None:
    issuer.new_key("other", algorithm)

    assert (await ask(exchange, issuer.token("other"))).status_code == 200


def unsigned(issuer: LocalIssuer) -> str:
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT", "kid": "one"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])


def signed_with_the_public_key(issuer: LocalIssuer) -> str:
    """HMAC with what everybody knows: a verifier that takes the header's word for the algorithm believes it."""
    public = issuer.keys["one"][1].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "typ": "JWT", "kid": "one"}, claims)
    )
    signature = jwt.get_algorithm_by_name("HS256").sign(head + b"." + body, pem)
    return b".".join([head, body, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def bad_tokens(issuer: LocalIssuer) -> dict[str, str]:
    good, now, stranger = issuer.token(), int(time.time()), NEW["RS256"]()
    head, body, signature = good.split(".")
    return {
        "expired": issuer.token(iat=now - 600, exp=now - 60),
        "not yet": issuer.token(nbf=now + 600),
        "without an end": issuer.token(exp=None),
        "wrong audience": issuer.token(aud="elsewhere"),
        "without an audience": issuer.token(aud=None),
        "wrong issuer": issuer.token(iss="http://127.0.0.1:1/realm"),
        "without a subject": issuer.token(sub=None),
        "alg none": unsigned(issuer),
        "alg hs256": signed_with_the_public_key(issuer),
        "other key": issuer.token(key=stranger),
        "unknown key": issuer.token(header={"kid": "nobodys"}),
        "kid of another type": f"{base64.urlsafe_b64encode(json.dumps({'alg': 'RS256', 'kid': []}).encode()).decode()}.{body}.{signature}",
        "truncated": good[:-20],
        "without a signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "ten kilobytes": issuer.token(note="x" * 10_240),
        "ten kilobytes of nothing": "a.b." + "c" * 10_236,
        "changed": f"{head}.{body[:-4]}AAAA.{signature}",
        "nested": f"{base64.urlsafe_b64encode(b'[' * 3000).decode()}.{body}.{signature}",
        "without a role": issuer.token(role=None),
        "of a service": issuer.token(role="service"),
        "of two roles": issuer.token(role=["provider", "operator"]),
        "of no name": issuer.token(sub="clinic\n7"),
        "of a long name": issuer.token(sub="x" * 201),
        "garbage": "a.b.c",
        "dots": "..",
    }


async def test_whatever_is_wrong_with_a_token_the_answer_is_the_same(issuer: LocalIssuer, exchange: Exchange) -> None:
    assert (await ask(exchange, issuer.token())).status_code == 200
    answers: dict[str, list[Any]] = {}
    for name, token in bad_tokens(issuer).items():
        for method, path in (("GET", "/session/me"), ("GET", "/marketplace/offers"), ("POST", "/identity/keys")):
            answer = await ask(exchange, token, method, path)
            said = answer.json()
            del said["request_id"]
            assert (answer.status_code, code(answer), answer.headers["www-authenticate"]) == (401, "unauthorized", "Bearer"), name
            answers.setdefault(path, []).append(said)

    assert all(said == group[0] for group in answers.values() for said in group)


async def test_a_role_and_a_participant_may_stand_deeper(
    issuer: LocalIssuer, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: oidc.Issuer = exchange.app.state.runtime.extra["issuer"]
    monkeypatch.setattr(known, "_role_claim", "realm_access.roles")
    monkeypatch.setattr(known, "_participant_claim", "org")

    me = await ask(exchange, issuer.token(sub="7f3a", org="lab-7", role=None, realm_access={"roles": ["x", "model_owner"]}))

    assert me.json() == {"role": "model_owner", "participant": "lab-7", "key_id": "oidc:7f3a"}
    for wrong in ({"roles": {"operator": 1}}, "operator", None, {"roles": [["operator"]]}):
        assert (await ask(exchange, issuer.token(org="lab-7", realm_access=wrong))).status_code == 401, wrong


async def test_a_participant_that_is_locked_out_stays_out(issuer: LocalIssuer, exchange: Exchange) -> None:
    assert (await ask(exchange, issuer.token())).status_code == 200
    await exchange.ok("POST", "/identity/participants/clinic-7/revoke")

    assert (await ask(exchange, issuer.token())).status_code == 401
    assert (await ask(exchange, issuer.token(sub="clinic-6"))).status_code == 200


async def test_the_issuer_replaces_its_key_without_a_restart_here(issuer: LocalIssuer, exchange: Exchange, hasty: None) -> None:
    old = issuer.token()
    assert (await ask(exchange, old)).status_code == 200

    issuer.new_key("two")
    assert (await ask(exchange, issuer.token("two"))).status_code == 200
    assert (await ask(exchange, old)).status_code == 200
    del issuer.keys["one"]
    exchange.app.state.runtime.extra["issuer"]._read_at -= oidc.KEEP_S
    assert (await ask(exchange, issuer.token("two"))).status_code == 200
    assert (await ask(exchange, old)).status_code == 401


async def test_made_up_keys_do_not_make_the_gateway_ask_the_issuer_again_and_again(issuer: LocalIssuer, exchange: Exchange) -> None:
    await asyncio.gather(*(ask(exchange, issuer.token()) for _ in range(20)))
    await asyncio.gather(*(ask(exchange, issuer.token(header={"kid": f"k{number}"})) for number in range(20)))

    assert issuer.asked == 1


async def test_while_the_issuer_is_away_known_keys_are_good_and_without_any_the_client_is_told(
    issuer: LocalIssuer, exchange: Exchange, hasty: None
) -> None:
    issuer.says_it_is = "http://127.0.0.1:1/realm"
    answer = await ask(exchange, issuer.token())
    assert (answer.status_code, code(answer)) == (503, "service_unavailable")
    assert answer.json()["details"] == {"service": "identity_provider"}
    assert (await exchange.call("GET", "/session/me")).status_code == 200, "keys work all the while"
    issuer.says_it_is = None
    assert (await ask(exchange, issuer.token())).status_code == 200
    await issuer.serving.aclose()

    known: oidc.Issuer = exchange.app.state.runtime.extra["issuer"]
    known._read_at -= oidc.KEEP_S
    assert (await ask(exchange, issuer.token())).status_code == 200
    known._read_at -= oidc.STALE_S
    assert (await ask(exchange, issuer.token())).status_code == 503


@pytest.mark.parametrize(
    ("issuer_url", "audience"),
    [("http://id.example", "a"), ("https://id.example", None), (None, "a"), ("https://id.example?x", "a"), ("id.example", "a")],
)
def test_an_issuer_that_anybody_could_play_is_no_setting(
    issuer_url: str | None, audience: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OIDC_ISSUER")
    monkeypatch.delenv("OIDC_AUDIENCE")
    plain: dict[str, Any] = {"database_url": "x", "keys_file": "x", "token_signing_key_file": "x"}
    assert GatewaySettings(**plain, oidc_issuer="https://id.example/realm", oidc_audience="a").oidc_role_claim == "role"

    with pytest.raises(ValidationError):
        GatewaySettings(**plain, oidc_issuer=issuer_url, oidc_audience=audience)


@pytest.mark.parametrize(
    "settings", [{"oidc_client_id": "c"}, {"oidc_client_secret_file": "x"}, {"oidc_scope": "profile"}, {"oidc_public_url": "here"}]
)
def test_a_client_without_an_issuer_is_no_setting(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OIDC_ISSUER")
    monkeypatch.delenv("OIDC_AUDIENCE")

    with pytest.raises(ValidationError):
        GatewaySettings(database_url="x", keys_file="x", token_signing_key_file="x", **settings)
