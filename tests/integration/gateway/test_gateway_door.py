"""What the one door lets through, shows and keeps to itself."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx

from services.gateway.domain import Upstream
from shared.contracts.catalogue import CATALOGUE
from tests.integration.gateway.conftest import KEYS, Exchange, code, until


async def test_nobody_gets_through_without_a_key(exchange: Exchange) -> None:
    paths = [
        "/marketplace/offers",
        "/escrow/trial_balance",
        "/training/nodes",
        "/metrics_summary",
        "/ops/events",
        "/ops/events/recent",
        "/ops/dead_letters",
        "/session/me",
    ]
    for path in paths:
        for headers in ({}, {"authorization": "Bearer x"}, {"authorization": KEYS["operator"]}, {"authorization": "Basic eA=="}):
            response = await exchange.http.get(path, headers=headers)
            assert (response.status_code, code(response)) == (401, "unauthorized"), (path, headers)
            assert response.headers["www-authenticate"] == "Bearer"


NOBODYS = [
    ("GET", "/nowhere", 404, "not_found"),
    ("GET", "/marketplace/nowhere", 404, "not_found"),
    ("GET", "/matchmaking", 404, "not_found"),
    ("POST", "/match/select", 404, "not_found"),
    ("POST", "/training/runs/run-1/claim", 404, "not_found"),
    ("POST", "/training/runs/run-1/rounds", 404, "not_found"),
    ("POST", "/training/runs/run-1/finish", 404, "not_found"),
    ("PUT", "/training/runs/run-1/model", 404, "not_found"),
    ("DELETE", "/marketplace/offers", 405, "method_not_allowed"),
    ("POST", "/health", 405, "method_not_allowed"),
    ("GET", "/errors/no_such_code", 404, "error_code_not_found"),
    ("GET", "/ops/events/recent?limit=0", 400, "invalid_limit"),
    ("GET", "/ops/events/recent?limit=501", 400, "invalid_limit"),
    ("GET", "/ops/events/recent?limit=x", 400, "invalid_limit"),
    ("GET", "/ops/events/recent?kind=gossip", 400, "invalid_kind"),
    ("GET", "/ops/events?last_event_id=-1", 400, "invalid_last_event_id"),
    ("GET", "/session/demo", 404, "not_found"),
]


async def test_a_path_that_is_nobodys_is_refused_by_its_code(exchange: Exchange) -> None:
    for method, path, status, expected in NOBODYS:
        response = await exchange.call(method, path)

        assert (response.status_code, code(response)) == (status, expected), (method, path)
        assert response.json()["request_id"] == response.headers["x-request-id"]


async def test_a_path_that_climbs_is_not_followed(exchange: Exchange) -> None:
    """Written to the socket, as an HTTP client would fold it on the way."""
    for path in ("/marketplace/../escrow/trial_balance", "/marketplace/%2e%2e/escrow/trial_balance", "/marketplace/./offers"):
        reader, writer = await asyncio.open_connection("127.0.0.1", exchange.http.base_url.port)
        key = KEYS["operator"]
        writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()

        assert answer.startswith("HTTP/1.1 404 "), path
        assert '"code": "not_found"' in answer


async def test_a_body_that_is_too_large_is_refused_before_it_is_passed_on(exchange: Exchange) -> None:
    response = await exchange.call("POST", "/marketplace/offers", content=b" " * ((1 << 20) + 1))

    assert (response.status_code, code(response)) == (413, "body_too_large")


async def test_a_caller_that_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up(exchange: Exchange) -> None:
    exchange.limit_to("3/hour")

    answers = [await exchange.call("GET", "/session/me", "reviewer") for _ in range(4)]
    guesses = [await exchange.http.get("/session/me", headers={"authorization": f"Bearer {n}"}) for n in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert code(answers[3]) == "rate_limited"
    assert 0 < int(answers[3].headers["retry-after"]) <= 3600
    assert [guess.status_code for guess in guesses] == [401, 401, 401, 429]
    assert (await exchange.call("GET", "/session/me", "operator")).status_code == 200


async def test_the_catalogue_tells_every_code_with_what_to_do(exchange: Exchange) -> None:
    listed = (await exchange.http.get("/errors")).json()

    assert listed["count"] == len(CATALOGUE)
    one = (await exchange.http.get("/errors/insufficient_funds")).json()
    assert one in listed["errors"]
    assert one["status"] == 402
    assert all(entry["message"] and entry["cause"] and entry["remedy"] for entry in listed["errors"])


async def test_one_document_describes_every_public_call_and_no_private_one(exchange: Exchange) -> None:
    document = (await exchange.http.get("/openapi.json")).json()

    paths = set(document["paths"])
    assert {"/marketplace/offers", "/marketplace/match", "/marketplace/escrow/release", "/metrics_summary", "/ops/events"} <= paths
    assert not {path for path in paths if path.startswith("/match/") or path.endswith(("/claim", "/rounds", "/finish"))}
    refs = {word.split('"')[0] for word in json.dumps(document).split("#/components/schemas/")[1:]}
    assert refs <= set(document["components"]["schemas"])
    page = await exchange.http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text
    assert "https://" not in page.text


async def test_whoever_has_a_key_may_ask_who_they_are(exchange: Exchange) -> None:
    for role in ("provider", "model_owner", "operator", "reviewer"):
        assert (await exchange.ok("GET", "/session/me", role))["role"] == role


async def test_health_says_which_service_keeps_the_loop_from_being_complete(exchange: Exchange) -> None:
    for path in ("/health", "/ops/health", "/status"):
        response = await exchange.http.get(path)
        states = {entry["name"]: entry["status"] for entry in response.json()["services"]}
        assert (response.status_code, response.json()["status"]) == (503, "down")
        assert states == {"marketplace": "ok", "matching": "ok", "escrow": "ok", "training_coordinator": "down"}


# --- the feed ---------------------------------------------------------------------------------------------------------
async def _facts(exchange: Exchange, count: int) -> list[dict[str, Any]]:
    async def there() -> Any:
        events = (await exchange.ok("GET", "/ops/events/recent"))["events"]
        return events if len(events) >= count else None

    events: list[dict[str, Any]] = await until(there)
    return events


async def test_recent_events_are_told_newest_first_and_by_kind(exchange: Exchange) -> None:
    await exchange.deposit("lab", 10)
    await exchange.match()

    events = await _facts(exchange, 6)

    assert [event["id"] for event in events] == sorted((event["id"] for event in events), reverse=True)
    assert {event["kind"] for event in events} == {
        "escrow.funds_deposited",
        "marketplace.offer_published",
        "marketplace.intent_opened",
        "marketplace.intent_changed",
        "marketplace.contract_created",
        "escrow.funds_held",
    }
    [held] = (await exchange.ok("GET", "/ops/events/recent?kind=escrow.funds_held"))["events"]
    assert held["message"] == f"4 credits are locked for {held['data']['contract_id']}"
    assert (await exchange.ok("GET", "/ops/events/recent?limit=1"))["events"] == events[:1]


async def _frames(response: httpx.Response, count: int) -> list[dict[str, Any]]:
    found = []
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            found.append(json.loads(line.removeprefix("data: ")))
        if len(found) == count:
            break
    return found


async def test_a_broken_feed_goes_on_where_it_stopped(exchange: Exchange) -> None:
    for _ in range(4):
        await exchange.deposit("lab", 1)
    ids = [event["id"] for event in reversed(await _facts(exchange, 4))]
    headers = {"authorization": f"Bearer {KEYS['reviewer']}", "last-event-id": str(ids[1])}

    async with exchange.http.stream("GET", "/ops/events", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        frames = await _frames(response, 2)
    url = "/ops/events?last_event_id=0&kind=escrow.funds_deposited"
    async with exchange.http.stream("GET", url, headers={"authorization": headers["authorization"]}) as response:
        whole = await _frames(response, 4)

    assert [frame["id"] for frame in frames] == ids[2:]
    assert [frame["id"] for frame in whole] == ids


# --- dead letters -----------------------------------------------------------------------------------------------------
async def test_dead_letters_are_listed_and_only_an_operator_replays_what_is_there(exchange: Exchange) -> None:
    letters = await exchange.ok("GET", "/ops/dead_letters", "reviewer")
    assert letters == {"count": 0, "dead_letters": [], "unreachable": ["training_coordinator"]}

    body = {"service": "escrow", "consumer": "escrow-contracts", "event_id": str(uuid4())}
    response = await exchange.call("POST", "/ops/dead_letters/replay", json=body)
    assert (response.status_code, code(response)) == (404, "dead_letter_not_found")
    response = await exchange.call("POST", "/ops/dead_letters/replay", "reviewer", json=body)
    assert (response.status_code, code(response)) == (403, "forbidden")
    for field, value in (("consumer", 1), ("event_id", []), ("service", "nobody")):
        response = await exchange.call("POST", "/ops/dead_letters/replay", json={**body, field: value})
        assert response.status_code == 400
        assert response.json()["details"]["fields"][0]["field"] == field


async def test_a_bug_in_a_service_shows_nothing_of_the_inside(exchange: Exchange) -> None:
    app = exchange.services[Upstream.MARKETPLACE]
    pool = app.state.runtime.pool
    app.state.runtime.pool = object()
    try:
        response = await exchange.call("GET", "/marketplace/summary")
    finally:
        app.state.runtime.pool = pool

    assert (response.status_code, code(response)) == (500, "internal_error")
    assert "object" not in response.text
