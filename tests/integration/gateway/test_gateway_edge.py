"""What every answer of the door carries, and what it never does."""

from __future__ import annotations

import base64
import hashlib
import re

from services.gateway.app import HEADERS
from services.gateway.domain import Upstream
from tests.integration.gateway.conftest import Exchange


async def test_every_answer_has_the_security_headers_and_none_a_banner(exchange: Exchange) -> None:
    exchange.switch(Upstream.ESCROW, on=False)
    answers = [
        await exchange.call("GET", "/marketplace/offers"),
        await exchange.call("POST", "/marketplace/offers", json={}),
        await exchange.call("GET", "/escrow/summary"),
        await exchange.http.get("/health"),
        await exchange.http.get("/nowhere"),
        await exchange.http.get("/a%00b"),
        await exchange.http.get("/session/me"),
        await exchange.http.get("/docs"),
        await exchange.http.get("/"),
        await exchange.http.get("/app/"),
        await exchange.http.post("/join/register", json={}),
    ]
    exchange.limit_to("1/hour")
    answers += [await exchange.http.get("/errors"), await exchange.http.get("/errors")]

    assert {answer.status_code for answer in answers} >= {200, 307, 400, 401, 404, 429, 503}
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value] or name == "Content-Security-Policy", (answer.url, name)
        assert len(answer.headers.get_list("content-security-policy")) == 1, answer.url
        assert "default-src 'none'" in answer.headers["content-security-policy"] or "/app/" in str(answer.url)
        assert "server" not in answer.headers


async def test_no_other_origin_may_read_anything(exchange: Exchange) -> None:
    origin = {"origin": "https://elsewhere.example", "access-control-request-method": "GET"}
    for method, path in (
        ("OPTIONS", "/marketplace/offers"),
        ("OPTIONS", "/session/me"),
        ("GET", "/errors"),
        ("OPTIONS", "/join/register"),
    ):
        answer = await exchange.http.request(method, path, headers=origin)
        assert not [name for name in answer.headers if name.startswith("access-control-")], (method, path)
        assert answer.status_code != 200 or method == "GET"


async def test_the_page_of_calls_runs_its_own_script_and_no_other(exchange: Exchange) -> None:
    page = await exchange.http.get("/docs")

    policy = page.headers["content-security-policy"]
    for tag in ("script", "style"):
        for part in re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", page.text, re.S):
            assert base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r'\s(?:style|on[a-z]+)="', page.text), "the policy allows no inline attribute"
