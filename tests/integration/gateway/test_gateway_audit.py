"""Every change leaves a record that nobody can alter unseen, and no secret leaves a trace."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import asyncpg
import httpx
import pytest

from services.gateway import chain
from tests.integration.gateway.conftest import KEYS, Exchange


async def exported(exchange: Exchange) -> list[dict[str, Any]]:
    answer = await exchange.call("GET", "/audit/export", "reviewer")
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def digest(answer: httpx.Response) -> str:
    return hashlib.sha256(answer.content).hexdigest()


async def test_a_change_is_recorded_with_who_from_where_and_what_was_before_and_after(exchange: Exchange) -> None:
    key = await exchange.ok("POST", "/identity/keys", json={"participant": "clinic-1", "role": "provider"})
    headers = {"authorization": f"Bearer {key['key']}", "x-request-id": "my-request"}
    offer = {"seller_node_id": "clinic-1", "dataset_fingerprint": "f"}
    made = await exchange.http.post("/marketplace/offers", json=offer, headers=headers)
    path = f"/marketplace/offers/{made.json()['offer_id']}"
    before = await exchange.http.get(path, headers=headers)
    after = await exchange.http.patch(path, json={"title": "x"}, headers=headers)
    await exchange.http.patch(path, json={"title": 3}, headers=headers)
    await exchange.http.post("/marketplace/offers", json=offer)

    keyed, created, patched = await exported(exchange)

    assert (keyed["actor"], keyed["role"], keyed["key_id"], keyed["path"]) == (
        "operator", "operator", "bootstrap:operator", "/identity/keys",
    )  # fmt: skip
    assert (created["actor"], created["key_id"], created["request_id"]) == ("clinic-1", key["key_id"], "my-request")
    assert (created["method"], created["status"], created["address"]) == ("POST", 201, "127.0.0.1")
    assert (created["before_digest"], created["after_digest"]) == (None, digest(made))
    assert (patched["method"], patched["path"]) == ("PATCH", path)
    assert (patched["before_digest"], patched["after_digest"]) == (digest(before), digest(after))
    listed = await exchange.ok("GET", f"/audit?actor=clinic-1&q={key['key_id']}", "reviewer")
    assert listed["records"] == [patched, created]
    assert listed["head_hash"] == patched["hash"]
    assert (await exchange.ok("GET", "/audit?actor=nobody", "reviewer"))["records"] == []


async def test_the_chain_holds_however_many_write_and_shows_what_was_altered(exchange: Exchange) -> None:
    await asyncio.gather(*(exchange.deposit("lab", 1) for _ in range(12)))
    records = await exported(exchange)

    assert len(records) == 12
    assert chain.broken_at(records) is None
    assert chain.broken_at([*records[:3], {**records[3], "actor": "somebody"}, *records[4:]]) == 4
    assert chain.broken_at(records[:3] + records[4:]) == 4
    assert chain.broken_at(records[1:]) == 1


async def test_the_database_lets_nobody_change_a_record(exchange: Exchange) -> None:
    await exchange.deposit("lab", 1)
    conn = await asyncpg.connect(exchange.dsns["gateway"])
    for statement in ("UPDATE gateway.audit SET actor = 'x'", "DELETE FROM gateway.audit", "TRUNCATE gateway.audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(statement)
    # The owner of a table can grant itself what it has not: the triggers stand in its way.
    await conn.execute("GRANT ALL ON gateway.audit TO gateway")
    for statement in ("UPDATE gateway.audit SET actor = 'x'", "DELETE FROM gateway.audit", "TRUNCATE gateway.audit"):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await conn.execute(statement)
    await conn.close()
    assert len(await exported(exchange)) == 1


async def test_no_secret_is_in_a_record(exchange: Exchange) -> None:
    key = await exchange.ok("POST", "/identity/keys", json={"participant": "lab-1", "role": "model_owner"})
    await exchange.http.post("/marketplace/round_intents", json={}, headers={"authorization": f"Bearer {key['key']}"})

    text = json.dumps(await exported(exchange))

    assert key["key_id"] in text or "bootstrap:operator" in text
    assert not [secret for secret in (key["key"].split("_", 2)[2], *KEYS.values()) if secret in text]


async def test_a_path_that_no_url_can_hold_as_it_is_does_no_harm(exchange: Exchange) -> None:
    """The thing to be changed is looked up by the client's own path."""
    for path in ("/marketplace/disputes/K%0F%C2%98x", "/escrow/withdrawals/%1A%C2%A2", "/marketplace/offers/a%3Fb%23c%25"):
        response = await exchange.call("PATCH", path, json={"status": "rejected"})

        assert response.status_code in {400, 404}, response.text
