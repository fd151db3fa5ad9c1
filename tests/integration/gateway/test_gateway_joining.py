"""From a stranger's request to a newcomer's first offer, and every way in which that is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from limits import parse

from services.gateway.domain import email, slug
from tests.integration.gateway.conftest import Exchange, code, until

WISH = {"contact_email": "data@hospital.example", "compute_type": "gpu", "name": "St. Mary's Hospital"}


async def stranger(exchange: Exchange, path: str, body: Any, **headers: str) -> httpx.Response:
    return await exchange.http.post(f"/join/{path}", json=body, headers=headers)


async def wish(exchange: Exchange, **more: Any) -> str:
    answer = await stranger(exchange, "request_invite", {**WISH, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["request_id"])


async def invitation(exchange: Exchange, **limits: Any) -> dict[str, Any]:
    return await exchange.ok("POST", f"/join/requests/{await wish(exchange)}/approve", json=limits)


def register(exchange: Exchange, invite: str, **more: Any) -> Any:
    return stranger(exchange, "register", {"invite": invite, "name": "St. Mary's Hospital", **more})


async def test_a_newcomer_is_invited_registers_and_publishes_an_offer(exchange: Exchange) -> None:
    request_id = await wish(exchange, note="MRI of 4,000 knees")
    [asked] = (await exchange.ok("GET", "/join/requests?status=pending&q=KNEES", "reviewer"))["requests"]
    assert (asked["request_id"], asked["contact_email"], asked["role"]) == (request_id, WISH["contact_email"], "provider")
    invite = await exchange.ok("POST", f"/join/requests/{request_id}/approve", json={})
    public = ec.generate_private_key(ec.SECP384R1()).public_key()
    line = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()

    joined = (await register(exchange, invite["invite"], public_key=f"{line} me@knee")).json()

    assert joined["participant"].startswith("st-mary-s-hospital-")
    assert joined["public_key"] == line
    headers = {"authorization": f"Bearer {joined['key']}"}
    offer = {"seller_node_id": joined["participant"], "dataset_fingerprint": "f", "price_per_round": 1}
    created = await exchange.http.post("/marketplace/offers", json=offer, headers=headers)
    assert created.status_code == 201, created.text
    patched = await exchange.http.patch(
        f"/marketplace/offers/{created.json()['offer_id']}", json={"title": "knees"}, headers=headers
    )
    assert patched.json()["title"] == "knees"

    async def told() -> Any:
        kinds = [event["kind"] for event in (await exchange.ok("GET", "/ops/events/recent"))["events"]]
        return kinds if "marketplace.offer_changed" in kinds and "gateway.participant_registered" in kinds else None

    kinds = await until(told)
    said = [kind for kind in reversed(kinds) if kind.startswith("gateway.")]
    assert said == ["gateway.invite_requested", "gateway.invite_approved", "gateway.participant_registered"]
    whole = str(await exchange.ok("GET", "/ops/events/recent"))
    assert not [secret for secret in (joined["key"], invite["invite"], WISH["contact_email"]) if secret in whole]


async def test_an_invitation_lets_in_as_many_as_it_says_however_many_try_at_once(exchange: Exchange) -> None:
    invite = await invitation(exchange, max_uses=2)

    answers = await asyncio.gather(*(register(exchange, invite["invite"]) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    assert {code(answer) for answer in answers if answer.status_code == 409} == {"invite_exhausted"}
    assert len({answer.json()["participant"] for answer in answers if answer.status_code == 201}) == 2
    [row] = (await exchange.ok("GET", "/join/invites", "reviewer"))["invites"]
    assert (row["uses"], row["max_uses"]) == (2, 2)
    assert "invite" not in row
    assert (await exchange.ok("GET", "/join/registrations", "reviewer"))["count"] == 2


async def test_an_operator_may_say_whose_place_an_invitation_is(exchange: Exchange) -> None:
    invite = await invitation(exchange, participant="clinic-a")

    joined = (await register(exchange, invite["invite"])).json()

    assert joined["participant"] == "clinic-a"


async def test_a_code_that_is_wrong_revoked_or_late_lets_nobody_in(exchange: Exchange) -> None:
    revoked, late = await invitation(exchange), await invitation(exchange)
    await exchange.ok("POST", f"/join/invites/{revoked['invite_id']}/revoke")
    assert (await exchange.call("POST", f"/join/invites/{revoked['invite_id']}/revoke")).status_code == 200
    conn = await asyncpg.connect(exchange.dsns["gateway"])
    await conn.execute("UPDATE gateway.invite SET expires_at = now() WHERE invite_id = $1", late["invite_id"])
    await conn.close()

    assert code(await register(exchange, revoked["invite"])) == "invite_not_found"
    assert code(await register(exchange, late["invite"])) == "invite_expired"
    for wrong in (late["invite"][:-1], late["invite"].replace("oei", "oek"), "oei__", "'; DROP TABLE invite; --"):
        answer = await register(exchange, wrong)
        assert (answer.status_code, code(answer)) == (404, "invite_not_found"), wrong


async def test_a_decision_is_made_once_and_a_rejection_says_why(exchange: Exchange) -> None:
    request_id = await wish(exchange)
    unreasoned = await exchange.call("POST", f"/join/requests/{request_id}/reject", json={})
    rejected = await exchange.ok("POST", f"/join/requests/{request_id}/reject", json={"reason": "no such hospital"})
    again = [
        await exchange.call("POST", f"/join/requests/{request_id}/approve", json={}),
        await exchange.call("POST", f"/join/requests/{request_id}/reject", json={"reason": "x"}),
    ]
    unknown = [
        await exchange.call("POST", "/join/requests/nope/approve", json={}),
        await exchange.call("POST", "/join/requests/nope/reject", json={"reason": "x"}),
        await exchange.call("POST", "/join/invites/nope/revoke"),
        await exchange.call("POST", "/join/registrations/nope/revoke"),
    ]

    assert code(unreasoned) == "reason_required"
    assert (rejected["status"], rejected["reason"], rejected["decided_by"]) == ("rejected", "no such hospital", "operator")
    assert [code(answer) for answer in again] == ["invalid_status_transition"] * 2
    expected = ["request_not_found"] * 2 + ["invite_not_found", "registration_not_found"]
    assert [code(answer) for answer in unknown] == expected


async def test_whoever_is_locked_out_is_out_at_once(exchange: Exchange) -> None:
    joined = (await register(exchange, (await invitation(exchange))["invite"])).json()
    headers = {"authorization": f"Bearer {joined['key']}"}
    assert (await exchange.http.get("/session/me", headers=headers)).json()["participant"] == joined["participant"]

    revoked = await exchange.ok("POST", f"/join/registrations/{joined['registration_id']}/revoke")

    assert revoked["revoked_at"] is not None
    assert (await exchange.http.get("/session/me", headers=headers)).status_code == 401


async def test_what_is_wrong_with_a_request_is_said_all_at_once(exchange: Exchange) -> None:
    for body, expected in [
        ({}, ["valid_contact_email_required", "compute_type_required"]),
        ({**WISH, "contact_email": "nobody"}, ["valid_contact_email_required"]),
        ({**WISH, "contact_email": None}, ["valid_contact_email_required"]),
        ({**WISH, "contact_email": 3, "compute_type": " "}, ["valid_contact_email_required", "compute_type_required"]),
        ({**WISH, "compute_type": "a\tb"}, ["invalid_compute_type"]),
        ({**WISH, "role": "operator"}, ["invalid_role"]),
    ]:
        answer = await stranger(exchange, "request_invite", body)
        assert [field["code"] for field in answer.json()["details"]["fields"]] == expected, body
    request_id = await wish(exchange)
    for limits in ({"max_uses": 0}, {"max_uses": 101}, {"valid_for_s": 59}, {"valid_for_s": "1h"}, {"max_uses": True}):
        answer = await exchange.call("POST", f"/join/requests/{request_id}/approve", json=limits)
        assert (answer.status_code, code(answer)) == (400, "invalid_invite_limits"), limits
    assert code(await stranger(exchange, "register", {})) == "invite_required"
    assert code(await register(exchange, "oei_a_b", public_key="ssh-ed25519 AAAA")) == "invalid_public_key"
    for query, expected_code in (("status=lost", "invalid_status"), ("sort=price", "invalid_sort"), ("limit=0", "invalid_limit")):
        assert code(await exchange.call("GET", f"/join/requests?{query}")) == expected_code


async def test_requests_are_listed_in_either_order_and_by_page(exchange: Exchange) -> None:
    made = [await wish(exchange, name=f"n{number}") for number in range(3)]

    first = await exchange.ok("GET", "/join/requests?sort=oldest&limit=2")
    rest = await exchange.ok("GET", f"/join/requests?sort=oldest&limit=2&cursor={first['next_cursor']}")
    newest = await exchange.ok("GET", "/join/requests")

    assert [row["request_id"] for row in first["requests"] + rest["requests"]] == made
    assert [row["request_id"] for row in newest["requests"]] == made[::-1]


async def test_a_secret_is_not_kept_for_whoever_repeats_the_request(exchange: Exchange) -> None:
    invite = await invitation(exchange)
    body = {"invite": invite["invite"], "name": "n"}

    first = await stranger(exchange, "register", body, **{"idempotency-key": "k"})
    again = await stranger(exchange, "register", body, **{"idempotency-key": "k"})

    assert first.status_code == 201
    assert code(again) == "invite_exhausted"
    conn = await asyncpg.connect(exchange.dsns["gateway"])
    assert await conn.fetchval("SELECT count(*) FROM gateway.idempotency") == 0
    await conn.close()


async def test_strangers_ask_so_often_and_no_more(exchange: Exchange) -> None:
    runtime = exchange.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"join_rate_limit": parse("2/hour")})

    answers = [await stranger(exchange, "request_invite", WISH) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert code(answers[2]) == "rate_limited"
    assert (await exchange.call("GET", "/join/requests")).status_code == 200


@pytest.mark.parametrize("address", ["a@b.de", "first.last+tag@sub.example.org", "x" * 64 + "@example.com", "o'neill@example.ie"])
def test_an_address_that_can_be_answered_is_taken(address: str) -> None:
    assert email(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "a", "@b.de", "a@", "a@b", "a@b..de", "a@-b.de", "a b@c.de", "a@b.de\n", "a..b@c.de", ".a@b.de", "a@1.2.3.4", "ä@b.de",
     "a@b.de,c@d.de", "<a@b.de>", "x" * 65 + "@example.com", "a@b.de\r\nBcc: c@d.de"],
)  # fmt: skip
def test_anything_else_is_not(address: str) -> None:
    with pytest.raises(ValueError, match="e-mail"):
        email(address)


def test_a_name_becomes_part_of_an_id() -> None:
    assert slug("St. Mary's Hospital") == "st-mary-s-hospital"
    assert slug("Müller & Söhne") == "muller-sohne"
    assert slug("病院") == "participant"
