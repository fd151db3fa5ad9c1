"""Participants' own keys: made by an operator, shown once, used at every service, and ended at once."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from deploy import token_keys
from services.gateway.domain import Upstream
from services.gateway.upstreams import Upstreams
from shared.kit.auth import Principal, Role
from tests.integration.gateway.conftest import KEYS, Exchange, code, until


async def key_for(exchange: Exchange, participant: str, role: str, **more: Any) -> dict[str, Any]:
    return await exchange.ok("POST", "/identity/keys", json={"participant": participant, "role": role, **more})


async def ask(exchange: Exchange, key: str, method: str, path: str, **kwargs: Any) -> httpx.Response:
    return await exchange.http.request(method, path, headers={"authorization": f"Bearer {key}"}, **kwargs)


async def test_a_participants_key_opens_every_service_through_the_gateway_and_none_directly(exchange: Exchange) -> None:
    made = await key_for(exchange, "clinic-9", "provider", label="laptop")

    me = await ask(exchange, made["key"], "GET", "/session/me")
    offer = {"seller_node_id": "clinic-9", "dataset_fingerprint": "f"}
    created = await ask(exchange, made["key"], "POST", "/marketplace/offers", json=offer)
    wrong_role = await ask(exchange, made["key"], "POST", "/escrow/deposits", json={"participant": "clinic-9", "amount": 1})

    assert me.json() == {"role": "provider", "participant": "clinic-9", "key_id": made["key_id"]}
    assert created.status_code == 201, created.text
    assert (wrong_role.status_code, code(wrong_role)) == (403, "forbidden")
    transport = httpx.ASGITransport(exchange.services[Upstream.MARKETPLACE])
    async with httpx.AsyncClient(transport=transport, base_url="http://marketplace") as direct:
        refused = await direct.get("/marketplace/offers", headers={"authorization": f"Bearer {made['key']}"})
    assert (refused.status_code, code(refused)) == (401, "unauthorized")


async def test_a_token_opens_the_service_that_it_is_for_and_no_other(exchange: Exchange) -> None:
    upstreams: Upstreams = exchange.app.state.runtime.extra["upstreams"]
    token = upstreams.authorization(Upstream.ESCROW, Principal(Role.REVIEWER))
    answers = {}
    for service, path in ((Upstream.ESCROW, "/escrow/summary"), (Upstream.MARKETPLACE, "/marketplace/summary")):
        transport = httpx.ASGITransport(exchange.services[service])
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as direct:
            answers[service] = [
                (await direct.get(path, headers=headers)).status_code
                for headers in ({"authorization": token}, {"authorization": token[:-9]}, {"x-role": "operator"}, {})
            ]
    at_the_door = await exchange.http.get("/session/me", headers={"authorization": token})

    assert answers == {Upstream.ESCROW: [200, 401, 401, 401], Upstream.MARKETPLACE: [401, 401, 401, 401]}
    assert at_the_door.status_code == 401


async def test_a_key_is_shown_once_and_kept_as_a_digest(exchange: Exchange) -> None:
    made = await key_for(exchange, "lab-9", "model_owner")
    secret = made["key"].split("_", 2)[2]
    await ask(exchange, made["key"], "GET", "/session/me")

    listed = await exchange.ok("GET", "/identity/keys?participant=lab-9", "reviewer")

    assert made["key"].startswith(f"oek_{made['key_id']}_")
    assert len(secret) >= 32
    assert secret not in str(listed)
    [row] = listed["keys"]
    assert row["last_used_at"] >= row["created_at"]
    conn = await asyncpg.connect(exchange.dsns["gateway"])
    stored = await conn.fetchval("SELECT secret_sha256 FROM gateway.api_key WHERE key_id = $1", made["key_id"])
    await conn.close()
    assert stored == hashlib.sha256(secret.encode()).digest()


async def test_a_key_ends_when_it_is_revoked_when_its_time_is_up_or_when_its_participant_is_locked_out(exchange: Exchange) -> None:
    kept, revoked, other = [(await key_for(exchange, "lab-8", "model_owner")) for _ in range(3)]
    dated = await key_for(exchange, "lab-8", "model_owner", expires_in_s=60)

    async def opens(*keys: dict[str, Any]) -> list[bool]:
        return [(await ask(exchange, key["key"], "GET", "/session/me")).is_success for key in keys]

    assert await opens(kept, revoked, dated) == [True, True, True]
    assert (await exchange.call("POST", f"/identity/keys/{revoked['key_id']}/revoke")).json()["revoked_at"] is not None
    own = await ask(exchange, kept["key"], "POST", f"/identity/keys/{other['key_id']}/revoke")
    assert own.status_code == 200
    conn = await asyncpg.connect(exchange.dsns["gateway"])
    await conn.execute("UPDATE gateway.api_key SET expires_at = now() WHERE key_id = $1", dated["key_id"])
    await conn.close()
    assert await opens(kept, revoked, other, dated) == [True, False, False, False]
    await exchange.ok("POST", "/identity/participants/lab-8/revoke")
    assert await opens(kept) == [False]
    [row] = (await exchange.ok("GET", "/identity/participants", "reviewer"))["participants"]
    assert row["revoked_at"] is not None


async def test_a_participant_handles_its_own_keys_and_sees_nobody_elses(exchange: Exchange) -> None:
    mine, theirs = await key_for(exchange, "lab-1", "model_owner"), await key_for(exchange, "lab-2", "model_owner")

    another = await ask(exchange, mine["key"], "POST", "/identity/keys", json={"participant": "lab-1", "role": "model_owner"})
    listed = await ask(exchange, mine["key"], "GET", "/identity/keys?participant=lab-2")
    refused = [
        await ask(exchange, mine["key"], "POST", "/identity/keys", json={"participant": "lab-1", "role": "operator"}),
        await ask(exchange, mine["key"], "POST", "/identity/keys", json={"participant": "lab-2", "role": "model_owner"}),
        await exchange.call("POST", "/identity/keys", "provider", json={"participant": "lab-2", "role": "provider"}),
        await ask(exchange, mine["key"], "POST", f"/identity/keys/{theirs['key_id']}/revoke"),
        await ask(exchange, mine["key"], "GET", "/identity/participants"),
        await ask(exchange, mine["key"], "POST", "/identity/participants/lab-2/revoke"),
    ]

    assert another.status_code == 201
    assert {key["participant"] for key in listed.json()["keys"]} == {"lab-1"}
    assert [code(answer) for answer in refused] == ["forbidden"] * 3 + ["key_not_found"] + ["forbidden"] * 2


async def test_no_key_outlives_the_one_that_made_it(exchange: Exchange) -> None:
    dated = await key_for(exchange, "lab-1", "model_owner", expires_in_s=600)
    wish = {"participant": "lab-1", "role": "model_owner"}

    for more in ({}, {"expires_in_s": 6000}):
        made = (await ask(exchange, dated["key"], "POST", "/identity/keys", json={**wish, **more})).json()
        assert made["expires_at"] <= dated["expires_at"] + 1
    shorter = (await ask(exchange, dated["key"], "POST", "/identity/keys", json={**wish, "expires_in_s": 60})).json()
    assert shorter["expires_at"] < dated["expires_at"]


async def test_a_participant_reads_of_the_feed_what_is_the_markets_or_names_it(exchange: Exchange) -> None:
    mine, theirs = await key_for(exchange, "lab-1", "model_owner"), await key_for(exchange, "lab-2", "model_owner")
    await exchange.deposit("lab-1", 10)
    await exchange.match(owner="lab-1")

    async def read(key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await ask(exchange, key, "GET", "/ops/events/recent")).json()["events"]
        return found

    async def there() -> bool:
        return "escrow.funds_held" in {event["kind"] for event in await read(mine["key"])}

    await until(there)
    assert {event["kind"] for event in await read(theirs["key"])} == {"marketplace.offer_published"}
    assert {"marketplace.intent_opened", "escrow.funds_deposited"} <= {event["kind"] for event in await read(mine["key"])}
    letters = await ask(exchange, mine["key"], "GET", "/ops/dead_letters")
    assert (letters.status_code, code(letters)) == (403, "forbidden")


async def test_both_parties_of_a_contract_read_every_fact_of_it_and_nobody_else_does(exchange: Exchange) -> None:
    """The fact of a release names the seller alone, and that of a refund nobody."""
    lab, clinic = await key_for(exchange, "lab-1", "model_owner"), await key_for(exchange, "clinic-1", "provider")
    other = await key_for(exchange, "lab-2", "model_owner")
    await exchange.deposit("lab-1", 100)
    since = (await exchange.ok("GET", "/ops/events/recent"))["events"][0]["id"]

    joined = asyncio.Event()

    async def heard(key: str) -> list[str]:
        """What the stream says of contracts, up to both ends."""
        kinds: list[str] = []
        headers = {"authorization": f"Bearer {key}", "last-event-id": str(since)}
        async with exchange.http.stream("GET", "/ops/events", headers=headers) as response:
            joined.set()
            async for line in response.aiter_lines():
                event = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {"data": {}}
                if "contract_id" in event["data"]:
                    kinds.append(event["kind"].split(".")[1])
                if {"funds_released", "funds_refunded"} <= set(kinds):
                    return sorted(kinds)
        raise AssertionError(kinds)

    async with asyncio.timeout(60):
        early = asyncio.create_task(heard(lab["key"]))
        await joined.wait()
        released, refunded = [(await exchange.match(owner="lab-1")).json()["contract_id"] for _ in range(2)]
        await exchange.ok("POST", "/marketplace/escrow/release", json={"contract_id": released})
        await exchange.ok("POST", "/marketplace/escrow/refund", json={"contract_id": refunded})
        everything = ["contract_created"] * 2 + ["funds_held"] * 2 + ["funds_refunded", "funds_released"]
        assert [await early, await heard(lab["key"]), await heard(clinic["key"])] == [everything] * 3
        for key in (lab["key"], clinic["key"]):
            events = (await ask(exchange, key, "GET", "/ops/events/recent?limit=500")).json()["events"]
            assert sorted(event["kind"].split(".")[1] for event in events if "contract_id" in event["data"]) == everything
    strangers = (await ask(exchange, other["key"], "GET", "/ops/events/recent?limit=500")).json()["events"]
    assert {event["kind"] for event in strangers} == {"marketplace.offer_published"}
    exchange.switch(Upstream.MARKETPLACE, on=False)
    holes = await ask(exchange, lab["key"], "GET", "/ops/events/recent")
    assert (holes.status_code, code(holes)) == (503, "service_unavailable")
    assert (await exchange.call("GET", "/ops/events/recent")).status_code == 200


async def test_what_is_wrong_with_a_wish_for_a_key_is_said(exchange: Exchange) -> None:
    good = {"participant": "lab-1", "role": "provider"}
    for body, expected in [
        ({}, ["participant_required", "role_required"]),
        ({**good, "participant": "a\tb"}, ["invalid_participant"]),
        ({**good, "role": "service"}, ["invalid_role"]),
        ({**good, "label": "x" * 201}, ["invalid_label"]),
        ({**good, "expires_in_s": 59}, ["invalid_expires_in_s"]),
    ]:
        answer = await exchange.call("POST", "/identity/keys", json=body)
        assert [field["code"] for field in answer.json()["details"]["fields"]] == expected
    unknown = [
        await exchange.call("POST", "/identity/keys/nope/revoke"),
        await exchange.call("POST", "/identity/participants/nope/revoke"),
    ]
    assert [code(answer) for answer in unknown] == ["key_not_found", "participant_not_found"]


async def test_what_only_looks_like_a_key_opens_nothing(exchange: Exchange) -> None:
    made = await key_for(exchange, "lab-1", "model_owner")
    head, key_id, secret = made["key"].split("_", 2)
    for guess in (
        f"oek_{key_id}_",
        f"oek_{key_id}",
        f"oek_{key_id}_{secret}x",
        f"oei_{key_id}_{secret}",
        f"oek__{secret}",
        f"oek_{key_id}'; DROP TABLE api_key; --_{secret}",
        f"oek_{key_id}_{secret}" + "x" * 10_000,
        made["key"].upper(),
    ):
        assert (await ask(exchange, guess, "GET", "/session/me")).status_code == 401, guess
    assert head == "oek"
    assert (await ask(exchange, made["key"], "GET", "/session/me")).status_code == 200


async def test_keys_rotate_under_load_and_nobody_is_refused(exchange: Exchange, tmp_path: Path) -> None:
    made = await key_for(exchange, "lab-1", "model_owner")
    before = exchange.app.state.runtime.extra["upstreams"].authorization(Upstream.MARKETPLACE, Principal(Role.REVIEWER))
    for _ in range(3):
        token_keys.rotate(tmp_path / "signing.pem", [tmp_path / "public.json"])
        assert (await ask(exchange, made["key"], "GET", "/marketplace/offers")).status_code == 200
    transport = httpx.ASGITransport(exchange.services[Upstream.MARKETPLACE])
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as direct:
        late = await direct.get("/marketplace/offers", headers={"authorization": before})
    assert late.status_code == 401, "the key of that token left the set two rotations ago"


async def test_role_keys_stay_good_while_the_gateway_has_no_database(exchange: Exchange) -> None:
    made = await key_for(exchange, "lab-1", "model_owner")
    runtime = exchange.app.state.runtime
    pool = runtime.pool
    runtime.pool = Away()
    try:
        role_key = await exchange.call("GET", "/marketplace/offers", "provider")
        participant = await ask(exchange, made["key"], "GET", "/marketplace/offers")
    finally:
        runtime.pool = pool
    assert role_key.status_code == 200
    assert (participant.status_code, code(participant)) == (503, "service_unavailable")
    assert KEYS["provider"] not in participant.text


class Away:
    """A pool whose server is gone."""

    async def fetchrow(self, *_: Any) -> None:
        raise ConnectionRefusedError
