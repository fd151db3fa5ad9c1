"""What every service's HTTP promises: strict bodies, one transaction, idempotency, and refusals that show nothing of the inside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, SecretStr

from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.values import Credits, Fraction, Name, Paid
from shared.kit.auth import Anyone, Provider, Role
from shared.kit.messaging import enqueue
from shared.kit.paging import Paging, listing
from shared.kit.routing import Transaction, router
from shared.kit.service import Service, build
from shared.kit.settings import DatabaseSettings
from tests.integration.kit.conftest import Rig, deposit

KEYS = {str(role): f"key-of-{role}-0123456789" for role in Role}
routes = router()


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    title: Name
    price_per_round: Credits = 0
    quality_score: Fraction = 0.5


class Stored(BaseModel):
    title: str
    price: Paid


slow, go_on = asyncio.Event(), asyncio.Event()


@routes.post("/things", status_code=201)
async def post_thing(body: Thing, tx: Transaction, who: Provider) -> Stored:
    await tx.execute("INSERT INTO effect VALUES (1)")
    await enqueue(tx, deposit(body.price_per_round))
    if body.title == "bug":
        raise KeyError("a secret of the inside")
    if body.title == "refuse":
        raise Refusal(ErrorCode.INSUFFICIENT_FUNDS, needed=2, available=1)
    if body.title == "slow":
        slow.set()
        await go_on.wait()
    return Stored(title=body.title, price=body.price_per_round)


@routes.post("/asides")
async def post_aside(request: Request, _: Provider) -> dict[str, int]:
    """Needs the database on the side, while its Idempotency-Key holds a connection already."""
    await asyncio.sleep(0.05)  # all that run at once have begun
    return {"answer": await request.app.state.runtime.pool.fetchval("SELECT 42")}


@routes.get("/things")
async def list_things(_: Anyone, page: Paging) -> dict[str, Any]:
    rows = [n for n in range(10, 0, -1) if page.before is None or n < page.before][: page.fetch]
    return listing("things", page, rows, rows)


@pytest.fixture
async def app(rig: Rig, nats_url: str, tmp_path: Path) -> AsyncIterator[FastAPI]:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KEYS))
    settings = DatabaseSettings(port=1, nats_url=nats_url, keys_file=keys, database_url=SecretStr(rig.dsn))
    made = build(Service(name="kit", title="Kit", routers=[routes]), settings)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": f"Bearer {KEYS['provider']}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kit", headers=headers) as client:
        yield client


async def effects(rig: Rig) -> int:
    return int(await rig.pool.fetchval("SELECT count(*) FROM effect"))


def code(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "code", "message", "details", "instance", "request_id"}
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["x-request-id"]
    return str(body["code"])


@pytest.mark.parametrize(
    "raw, expected",
    [
        (b"{", "malformed_json"),
        (b"\xff\xfe", "malformed_json"),
        (b'{"title": ' + b"[" * 100_000, "json_too_deep"),
        (b'{"title": ' + b"[" * 31 + b"1" + b"]" * 31 + b"}", "invalid_title"),
        (b'{"title": ' + b"[" * 32 + b"1" + b"]" * 32 + b"}", "json_too_deep"),
        (b'{"title": ' * 33 + b"1" + b"}" * 33, "json_too_deep"),
        (b"[" * 33 + b"]" * 33, "json_too_deep"),
        (b"[]", "json_object_required"),
        (b"null", "json_object_required"),
        (b'"text"', "json_object_required"),
        (b'{"title": "a", "titel": "b"}', "unknown_field"),
        (b'{"title": "a", "price_per_round": NaN}', "invalid_price_per_round"),
        (b'{"title": "a", "price_per_round": 1e999}', "invalid_price_per_round"),
        (b'{"title": "a", "price_per_round": -0.000001}', "invalid_price_per_round"),
        (b'{"title": "a", "price_per_round": 0.0000001}', "invalid_price_per_round"),
        (b'{"title": "a", "price_per_round": 1.0000000000000000000000000000000001}', "invalid_price_per_round"),
        (b'{"title": "a", "price_per_round": 1' + b"0" * 30 + b"}", "invalid_price_per_round"),
        (b'{"title": "a", "price_per_round": "1"}', "invalid_price_per_round"),
        (b'{"title": "a", "price_per_round": true}', "invalid_price_per_round"),
        (b'{"title": "a", "quality_score": Infinity}', "invalid_quality_score"),
        (b'{"title": "a\\u0000"}', "invalid_title"),
        (b'{"title": "\\ud800"}', "invalid_title"),
        (b'{"\\ud800": 1, "title": "a"}', "unknown_field"),
        (b'{"title": ["a"]}', "invalid_title"),
        (b"{" + b" " * (1 << 20) + b"}", "body_too_large"),
    ],
)
async def test_a_bad_body_is_refused_with_its_code_and_changes_nothing(
    rig: Rig, http: httpx.AsyncClient, raw: bytes, expected: str
) -> None:
    response = await http.post("/things", content=raw)

    assert code(response) == expected
    assert await effects(rig) == 0


async def test_all_wrong_fields_are_named_in_the_order_of_declaration(http: httpx.AsyncClient) -> None:
    response = await http.post("/things", json={"quality_score": 7, "titel": "x", "title": "", "price_per_round": -1})

    assert code(response) == "invalid_title"
    fields = response.json()["details"]["fields"]
    assert [field["code"] for field in fields] == [
        "invalid_title",
        "invalid_price_per_round",
        "invalid_quality_score",
        "unknown_field",
    ]
    assert fields[-1]["hint"] == "title"


async def test_money_keeps_its_six_decimals(http: httpx.AsyncClient) -> None:
    response = await http.post("/things", content=b'{"title": " a ", "price_per_round": 999999999.123456}')

    assert response.status_code == 201
    assert response.json() == {"title": "a", "price": 999999999.123456}
    assert "999999999.123456" in response.text


async def test_a_bug_shows_nothing_of_the_inside_and_leaves_nothing_behind(rig: Rig, http: httpx.AsyncClient) -> None:
    response = await http.post("/things", json={"title": "bug"})

    assert response.status_code == 500
    assert code(response) == "internal_error"
    assert "secret" not in response.text
    assert await effects(rig) == 0


async def test_a_refusal_rolls_back_and_carries_its_details(rig: Rig, http: httpx.AsyncClient) -> None:
    response = await http.post("/things", json={"title": "refuse"})

    assert response.status_code == 402
    assert code(response) == "insufficient_funds"
    assert response.json()["details"] == {"needed": 2, "available": 1}
    assert await effects(rig) == 0


async def test_the_same_key_and_body_get_the_first_answer_and_one_effect(rig: Rig, http: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await http.post("/things", json={"title": "a"}, headers=key)
    again = await http.post("/things", json={"title": "a"}, headers=key)
    other = await http.post("/things", json={"title": "b"}, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotency-hit"] == "true"
    assert "idempotency-hit" not in first.headers
    assert code(other) == "idempotency_key_reused"
    assert await effects(rig) == 1


async def test_a_refused_request_may_be_tried_again_with_its_key(rig: Rig, http: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k-2"}
    assert code(await http.post("/things", json={"title": "refuse"}, headers=key)) == "insufficient_funds"

    assert code(await http.post("/things", json={"title": "refuse"}, headers=key)) == "insufficient_funds"


async def test_a_key_in_use_is_in_progress(rig: Rig, http: httpx.AsyncClient) -> None:
    slow.clear()
    go_on.clear()
    key = {"Idempotency-Key": "k-3"}
    first = asyncio.create_task(http.post("/things", json={"title": "slow"}, headers=key))
    await asyncio.wait_for(slow.wait(), 5)

    second = await http.post("/things", json={"title": "slow"}, headers=key)
    go_on.set()

    assert code(second) == "idempotency_in_progress"
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 201
    assert await effects(rig) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\u00e9"])
async def test_a_bad_idempotency_key_is_refused(http: httpx.AsyncClient, key: str) -> None:
    response = await http.post("/things", json={"title": "a"}, headers={b"Idempotency-Key": key.encode("latin-1")})

    assert code(response) == "invalid_idempotency_key"


async def test_a_key_is_needed_and_its_role_must_fit(http: httpx.AsyncClient) -> None:
    nobody = await http.post("/things", json={"title": "a"}, headers={"authorization": "Bearer nope"})
    reviewer = await http.post("/things", json={"title": "a"}, headers={"authorization": f"Bearer {KEYS['reviewer']}"})
    operator = await http.post("/things", json={"title": "a"}, headers={"authorization": f"bearer {KEYS['operator']}"})

    assert code(nobody) == "unauthorized"
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert code(reviewer) == "forbidden"
    assert reviewer.json()["details"]["allowed_roles"] == ["operator", "provider"]
    assert operator.status_code == 201


@pytest.mark.parametrize("limit", ["0", "501", "abc", "1.5", "-1", "", " 5", "1_0", "\u0665"])
async def test_a_nonsense_limit_is_an_error(http: httpx.AsyncClient, limit: str) -> None:
    assert code(await http.get("/things", params={"limit": limit})) == "invalid_limit"


@pytest.mark.parametrize("cursor", ["", "x", "LTE=", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
async def test_a_nonsense_cursor_is_an_error(http: httpx.AsyncClient, cursor: str) -> None:
    assert code(await http.get("/things", params={"cursor": cursor})) == "invalid_cursor"


async def test_a_list_can_be_read_to_its_end(http: httpx.AsyncClient) -> None:
    seen, cursor = [], None
    while True:
        page = (await http.get("/things", params={"limit": 4} | ({"cursor": cursor} if cursor else {}))).json()
        assert page["count"] == len(page["things"])
        seen += page["things"]
        if (cursor := page["next_cursor"]) is None:
            break

    assert seen == list(range(10, 0, -1))


async def test_unknown_paths_and_verbs_are_problems_too(http: httpx.AsyncClient) -> None:
    assert code(await http.get("/nowhere")) == "not_found"
    assert code(await http.get("/things/%00")) == "not_found"
    assert code(await http.delete("/things")) == "method_not_allowed"


async def test_health_and_metrics_answer(http: httpx.AsyncClient) -> None:
    ready = await http.get("/readyz")

    assert ready.json()["status"] == "ready"
    assert set(ready.json()["checks"]) == {"nats", "postgres"}
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    assert "http_requests_total" in (await http.get("/metrics")).text


async def test_a_dead_letter_of_nobody_is_refused(http: httpx.AsyncClient) -> None:
    operator = {"authorization": f"Bearer {KEYS['operator']}"}
    unknown = await http.post("/ops/dead_letters/c/00000000-0000-0000-0000-000000000000/replay", headers=operator)
    wrong = await http.post("/ops/dead_letters/c/not-a-uuid/replay", headers=operator)

    assert code(unknown) == "dead_letter_not_found"
    assert code(wrong) == "invalid_event_id"
    assert (await http.get("/ops/dead_letters")).json() == {"count": 0, "dead_letters": [], "next_cursor": None}


async def test_the_openapi_document_speaks_of_problems(app: FastAPI, http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()

    assert "HTTPValidationError" not in json.dumps(document)
    assert "422" not in document["paths"]["/things"]["post"]["responses"]
    assert document["components"]["schemas"]["Problem"]


async def test_requests_that_ask_on_the_side_never_wait_for_one_another(http: httpx.AsyncClient, app: FastAPI) -> None:
    """Found by killing containers: ten keyed calls at once took every connection, and each waited for one more."""
    many = 3 * app.state.runtime.settings.database_pool_size
    async with asyncio.timeout(20):
        answers = await asyncio.gather(
            *(http.post("/asides", json={}, headers={"Idempotency-Key": f"aside-{number}"}) for number in range(many))
        )

    assert [answer.json() for answer in answers] == [{"answer": 42}] * many
