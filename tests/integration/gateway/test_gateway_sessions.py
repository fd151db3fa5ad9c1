"""What a browser holds in place of a key: a cookie that no script reads, that no other site's page can use, and that ends with the key."""

from __future__ import annotations

import hashlib
import json
from http.cookies import SimpleCookie
from typing import Any

import asyncpg
import httpx
import pytest

from shared.kit.auth import Keys, Role
from tests.integration.gateway.conftest import KEYS, Exchange, code
from tests.integration.gateway.test_gateway_keys import key_for

OURS = {"sec-fetch-site": "same-origin"}
OFFER = {"seller_node_id": "clinic-9", "dataset_fingerprint": "f"}


async def sign_in(exchange: Exchange, key: str, body: Any = None) -> httpx.Response:
    answer = await exchange.http.post("/session", json=body or {}, headers={"authorization": f"Bearer {key}"})
    exchange.http.cookies.clear()  # each request says itself what a browser would add
    return answer


def name_at(exchange: Exchange) -> str:
    return f"oe_session_{exchange.url.rpartition(':')[2]}"


def cookie_of(answer: httpx.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers["set-cookie"])


async def session(exchange: Exchange, key: str) -> dict[str, str]:
    """The header with which a browser goes on."""
    answer = await sign_in(exchange, key)
    assert answer.status_code == 201, answer.text
    name = name_at(exchange)
    return {"cookie": f"{name}={cookie_of(answer)[name].value}"}


async def test_a_session_does_what_its_key_does_in_every_service(exchange: Exchange) -> None:
    made = await key_for(exchange, "clinic-9", "provider")
    cookie = await session(exchange, made["key"])

    assert (await exchange.http.get("/session")).json() == {"demo": False, "oidc": False, "me": None}
    me = {"role": "provider", "participant": "clinic-9", "key_id": made["key_id"]}
    assert (await exchange.http.get("/session", headers=cookie)).json()["me"] == me
    assert (await exchange.http.get("/session/me", headers=cookie)).json() == me
    made_offer = await exchange.http.post("/marketplace/offers", json=OFFER, headers=cookie | OURS)
    assert made_offer.status_code == 201, made_offer.text
    refused = await exchange.http.post("/escrow/deposits", json={"participant": "clinic-9", "amount": 1}, headers=cookie | OURS)
    assert (refused.status_code, code(refused)) == (403, "forbidden")
    records = (await exchange.ok("GET", "/audit?actor=clinic-9"))["records"]
    assert {record["key_id"] for record in records} == {made["key_id"]}


async def test_the_cookie_is_for_the_browser_alone_and_its_secret_is_not_kept(exchange: Exchange) -> None:
    made = await key_for(exchange, "clinic-9", "provider")

    short, kept = [await sign_in(exchange, made["key"], {"keep": keep}) for keep in (False, True)]
    wrong = await sign_in(exchange, made["key"], {"keep": "yes"})

    assert (wrong.status_code, code(wrong)) == (400, "invalid_keep")
    for answer, lasts in ((short, ""), (kept, "2592000")):
        [given] = cookie_of(answer).values()
        assert (given["httponly"], given["samesite"], given["path"], given["max-age"]) == (True, "strict", "/", lasts)
        assert not given["secure"], "there is no TLS here: a browser would not send it back"
        assert answer.headers["cache-control"] == "no-store"
        assert given.value not in answer.text
    value = cookie_of(short)[name_at(exchange)].value
    conn = await asyncpg.connect(exchange.dsns["gateway"])
    rows = await conn.fetch("SELECT * FROM gateway.session")
    await conn.close()
    assert value.split("_", 2)[2] not in str([dict(row) for row in rows])
    assert hashlib.sha256(value.split("_", 2)[2].encode()).digest() in {row["secret_sha256"] for row in rows}


FORGED: list[dict[str, str]] = [
    {},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},  # another port of this host
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "cross-site", "origin": "HERE"},
    {"origin": "https://elsewhere.example"},
    {"origin": "null"},
    {"origin": "http://[broken"},
    {"origin": "HERE.elsewhere.example"},
]


async def test_a_change_that_another_sites_page_had_made_is_refused_and_changes_nothing(exchange: Exchange) -> None:
    cookie = await session(exchange, KEYS["operator"])

    for forged in FORGED:
        headers = {**cookie, **{name: value.replace("HERE", exchange.url) for name, value in forged.items()}}
        for method, path, body in (
            ("POST", "/marketplace/offers", OFFER),
            ("POST", "/identity/keys", {"participant": "mallory", "role": "operator"}),
            ("DELETE", "/session", None),
        ):
            # As a form of another site would send it: JSON that is called text.
            content = json.dumps(body) if body else None
            answer = await exchange.http.request(method, path, content=content, headers={**headers, "content-type": "text/plain"})
            assert (answer.status_code, code(answer)) == (403, "csrf_refused"), (forged, path)

    assert (await exchange.ok("GET", "/marketplace/offers"))["count"] == 0
    assert (await exchange.ok("GET", "/identity/keys"))["count"] == 0
    for ours in (OURS, {"origin": exchange.url}, OURS | {"origin": exchange.url}):
        assert (await exchange.http.post("/marketplace/offers", json=OFFER, headers=cookie | ours)).status_code == 201
    key = {"authorization": f"Bearer {KEYS['operator']}"}
    by_key = await exchange.http.post("/marketplace/offers", json=OFFER, headers=key | cookie | {"sec-fetch-site": "cross-site"})
    assert by_key.status_code == 201, "no other site's page can send a key"


async def test_a_session_ends_when_it_is_ended_and_with_its_key(exchange: Exchange) -> None:
    made = await key_for(exchange, "lab-9", "model_owner")
    ended, other, boot = [await session(exchange, key) for key in (made["key"], made["key"], KEYS["reviewer"])]

    async def who(cookie: dict[str, str]) -> int:
        return (await exchange.http.get("/session/me", headers=cookie)).status_code

    assert [await who(cookie) for cookie in (ended, other, boot)] == [200, 200, 200]
    answer = await exchange.http.delete("/session", headers=ended | OURS)
    assert answer.status_code == 204
    assert cookie_of(answer)[name_at(exchange)]["max-age"] == "0"
    assert [await who(cookie) for cookie in (ended, other)] == [401, 200]
    again = await exchange.http.delete("/session", headers=ended | OURS)
    assert (again.status_code, code(again)) == (401, "unauthorized")
    await exchange.ok("POST", f"/identity/keys/{made['key_id']}/revoke")
    assert [await who(cookie) for cookie in (other, boot)] == [401, 200]
    exchange.app.state.runtime.keys = Keys({Role(role): f"another-{key}" for role, key in KEYS.items()})
    assert await who(boot) == 401


async def test_a_session_that_is_over_is_nobodys(exchange: Exchange) -> None:
    cookie = await session(exchange, KEYS["reviewer"])
    conn = await asyncpg.connect(exchange.dsns["gateway"])
    await conn.execute("UPDATE gateway.session SET expires_at = now()")

    assert (await exchange.http.get("/session/me", headers=cookie)).status_code == 401
    await session(exchange, KEYS["reviewer"])
    assert await conn.fetchval("SELECT count(*) FROM gateway.session") == 1
    await conn.close()


@pytest.mark.parametrize(
    "value", ["", "x", "oes_", "oes_a_b", "oek_a_b", "oes_" + "a" * 10_000, "oes_a_%00", "oes__", '"; DROP TABLE session; --']
)
async def test_a_wrong_cookie_is_nobodys(exchange: Exchange, value: str) -> None:
    answer = await exchange.http.get("/session/me", headers={"cookie": f"{name_at(exchange)}={value}"})

    assert (answer.status_code, code(answer)) == (401, "unauthorized")


async def test_a_session_is_no_key_and_makes_no_session(exchange: Exchange) -> None:
    cookie = await session(exchange, KEYS["reviewer"])
    as_key = {"authorization": f"Bearer {cookie['cookie'].partition('=')[2]}"}

    assert (await exchange.http.get("/session/me", headers=as_key)).status_code == 401
    wrong = await exchange.http.get("/session/me", headers={**cookie, "authorization": "Bearer x"})
    assert wrong.status_code == 401, "what a request says itself counts"
    further = await exchange.http.post("/session", json={}, headers=cookie | OURS)
    assert (further.status_code, code(further)) == (403, "forbidden")
