"""Each thing that the escrow refuses, by the code that clients are promised, and that a refusal changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.values import new_id
from shared.kit.auth import Role
from tests.integration.escrow.conftest import Escrow, code, terms

pytestmark = pytest.mark.asyncio(loop_scope="module")

RELEASE, REFUND = "/marketplace/escrow/release", "/marketplace/escrow/refund"
DISPUTES, DEPOSITS = "/marketplace/disputes", "/escrow/deposits"
LONG = "x" * 4001

OF_A_CONTRACT: list[tuple[dict[str, Any], str]] = [
    ({}, "contract_id_required"),
    ({"contract_id": None}, "contract_id_required"),
    ({"contract_id": ""}, "contract_id_required"),
    ({"contract_id": "  "}, "contract_id_required"),
    ({"contract_id": 7}, "invalid_contract_id"),
    ({"contract_id": ["contract-1"]}, "invalid_contract_id"),
    ({"contract_id": "a\nb"}, "invalid_contract_id"),
    ({"contract_id": "x" * 201}, "invalid_contract_id"),
    ({"contract_id": "contract-unknown"}, "contract_not_found"),
    ({"contract_id": "contract-unknown", "amount": 1}, "unknown_field"),
]
BODIES: list[tuple[str, dict[str, Any], str]] = [
    *[(path, body, expected) for path in (RELEASE, REFUND) for body, expected in OF_A_CONTRACT],
    (DISPUTES, {}, "contract_id_required"),
    (DISPUTES, {"contract_id": "c"}, "reporter_required"),
    (DISPUTES, {"contract_id": "c", "reporter": " "}, "reporter_required"),
    (DISPUTES, {"contract_id": "c", "reporter": 1}, "invalid_reporter"),
    (DISPUTES, {"contract_id": "c", "reporter": "r"}, "reason_required"),
    (DISPUTES, {"contract_id": "c", "reporter": "r", "reason": ""}, "reason_required"),
    (DISPUTES, {"contract_id": "c", "reporter": "r", "reason": LONG}, "invalid_reason"),
    (DISPUTES, {"contract_id": "contract-unknown", "reporter": "r", "reason": "why"}, "contract_not_found"),
    (DEPOSITS, {}, "participant_required"),
    (DEPOSITS, {"participant": "", "amount": 1}, "participant_required"),
    (DEPOSITS, {"participant": {}, "amount": 1}, "invalid_participant"),
    (DEPOSITS, {"participant": "p"}, "amount_required"),
    (DEPOSITS, {"participant": "p", "amount": 1, "note": LONG}, "invalid_note"),
    (DEPOSITS, {"participant": "p", "amount": 1, "currency": "EUR"}, "unknown_field"),
]


@pytest.mark.parametrize("path, body, expected", BODIES)
async def test_a_wrong_body_is_refused_by_its_code(escrow: Escrow, path: str, body: dict[str, Any], expected: str) -> None:
    response = await escrow.as_(Role.OPERATOR).post(path, json=body)

    assert code(response) == expected


@pytest.mark.parametrize(
    "amount",
    [
        *("0", "0.0", "-0", "-1", "-0.000001", "0.0000001", "1.0000001", "1e-7", "1e30", "1" + "0" * 30, "1e999", "-1e30"),
        *("NaN", "Infinity", "-Infinity", '"1"', '"abc"', '""', "true", "[1]", "{}", "1000000000.000001"),
    ],
)
async def test_an_amount_that_is_no_money_is_refused_and_credits_nobody(escrow: Escrow, amount: str) -> None:
    participant = new_id("participant")

    response = await escrow.as_(Role.OPERATOR).post(
        DEPOSITS, content=f'{{"participant": "{participant}", "amount": {amount}}}'.encode()
    )

    assert code(response) == "invalid_amount"
    assert await escrow.balance(f"participant:{participant}") == 0


@pytest.mark.parametrize(
    "path, expected",
    [
        ("/escrow/accounts/nobody", "account_not_found"),
        ("/escrow/accounts/nobody/statement", "account_not_found"),
        ("/escrow/accounts/nobody/statement?limit=0", "invalid_limit"),
        ("/escrow/accounts/nobody/statement?cursor=x", "invalid_cursor"),
        ("/escrow/accounts/nobody/statement?format=pdf", "invalid_format"),
        ("/escrow/holds?state=lost", "invalid_state"),
        ("/marketplace/disputes?status=lost", "invalid_status"),
        ("/marketplace/disputes?limit=501", "invalid_limit"),
        ("/escrow/nothing", "not_found"),
    ],
)
async def test_a_question_about_nothing_is_refused_by_its_code(escrow: Escrow, path: str, expected: str) -> None:
    assert code(await escrow.as_(Role.OPERATOR).get(path)) == expected


@pytest.mark.parametrize(
    "body, expected",
    [
        ({}, "invalid_status"),
        ({"status": "closed"}, "invalid_status"),
        ({"status": 1}, "invalid_status"),
        ({"status": "under_review", "actor": ""}, "invalid_actor"),
        ({"status": "under_review", "actor": 5}, "invalid_actor"),
        ({"status": "under_review", "resolution_note": LONG}, "invalid_resolution_note"),
        ({"status": "under_review"}, "dispute_not_found"),
    ],
)
async def test_a_wrong_change_of_a_dispute_is_refused_by_its_code(escrow: Escrow, body: dict[str, Any], expected: str) -> None:
    assert code(await escrow.as_(Role.OPERATOR).patch(f"{DISPUTES}/dispute-unknown", json=body)) == expected


MAY: list[tuple[str, str, set[Role]]] = [
    ("POST", RELEASE, {Role.MODEL_OWNER, Role.PROVIDER, Role.OPERATOR}),
    ("POST", REFUND, {Role.MODEL_OWNER, Role.OPERATOR}),
    ("POST", DISPUTES, {Role.MODEL_OWNER, Role.PROVIDER, Role.OPERATOR}),
    ("PATCH", f"{DISPUTES}/dispute-1", {Role.OPERATOR}),
    ("POST", DEPOSITS, {Role.OPERATOR}),
    ("GET", "/escrow/trial_balance", {Role.REVIEWER, Role.SERVICE, Role.OPERATOR}),
    ("GET", "/escrow/accounts/nobody", set(Role)),
    ("GET", "/escrow/holds", set(Role)),
    ("GET", "/escrow/summary", set(Role)),
]


@pytest.mark.parametrize("method, path, allowed", MAY)
async def test_a_route_lets_in_its_roles_and_nobody_else(escrow: Escrow, method: str, path: str, allowed: set[Role]) -> None:
    answers = {role: await escrow.as_(role).request(method, path, json={} if method != "GET" else None) for role in Role}
    keyless = await escrow.as_(Role.OPERATOR).request(method, path, headers={"authorization": "Bearer wrong"})

    assert {role for role, answer in answers.items() if answer.status_code not in {401, 403}} == allowed
    assert {code(answers[role]) for role in set(Role) - allowed} <= {"forbidden"}
    assert code(keyless) == "unauthorized"


async def test_a_disputed_contract_is_neither_released_nor_refunded(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))
    await escrow.dispute(contract.contract_id)

    assert code(await escrow.release(contract.contract_id)) == "contract_disputed"
    assert code(await escrow.refund(contract.contract_id, Role.OPERATOR)) == "contract_disputed"


async def test_a_malformed_body_moves_no_money(escrow: Escrow) -> None:
    before = await escrow.pool.fetchval("SELECT count(*) FROM entry")
    client = escrow.as_(Role.OPERATOR)

    found = [code(await client.post(DEPOSITS, content=raw)) for raw in (b"{", b"[]", b"null", b"\xff", b'{"amount": 1,}')]

    assert found == ["malformed_json", "json_object_required", "json_object_required", "malformed_json", "malformed_json"]
    assert await escrow.pool.fetchval("SELECT count(*) FROM entry") == before
