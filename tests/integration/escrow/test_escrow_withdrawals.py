"""Money leaves only after somebody asked for it and an operator said yes, and meanwhile nobody can spend it."""

from __future__ import annotations

import asyncio

import pytest

from shared.contracts.events import WithdrawalEnded, WithdrawalRequested
from shared.contracts.values import new_id
from shared.kit.auth import Role
from tests.integration.escrow.conftest import CREDIT, Escrow, code, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def saver() -> str:
    return new_id("saver")


async def available(escrow: Escrow, participant: str) -> float:
    return float((await escrow.as_(Role.REVIEWER).get(f"/escrow/accounts/{participant}")).json()["available"])


async def said(escrow: Escrow, subject: str, withdrawal_id: str) -> list[dict[str, object]]:
    return [data for kind, data in escrow.facts if kind == subject and data["withdrawal_id"] == withdrawal_id]


async def test_a_requested_amount_is_out_of_reach_and_said(escrow: Escrow, saver: str) -> None:
    await escrow.deposit(saver, 5)

    withdrawal_id = await escrow.withdraw(saver, 3.000001)
    (fact,) = await until(lambda: said(escrow, WithdrawalRequested.SUBJECT, withdrawal_id))

    assert fact == {"withdrawal_id": withdrawal_id, "participant": saver, "amount": 3_000_001}
    assert await available(escrow, saver) == 1.999999
    listed = (await escrow.as_(Role.REVIEWER).get("/escrow/withdrawals", params={"participant": saver})).json()
    assert [(w["withdrawal_id"], w["status"], w["amount"]) for w in listed["withdrawals"]] == [
        (withdrawal_id, "requested", 3.000001)
    ]


@pytest.mark.parametrize("status, left", [("confirmed", 2), ("rejected", 5)])
async def test_an_operator_pays_it_out_or_gives_it_back(escrow: Escrow, saver: str, status: str, left: float) -> None:
    await escrow.deposit(saver, 5)
    outside = await escrow.balance("external:funding")
    withdrawal_id = await escrow.withdraw(saver, 3)

    response = await escrow.end_withdrawal(withdrawal_id, status)
    (fact,) = await until(lambda: said(escrow, WithdrawalEnded.SUBJECT, withdrawal_id))

    assert (response.json()["status"], response.json()["actor"]) == (status, "operator")
    assert fact["status"] == status
    assert await available(escrow, saver) == left
    assert await escrow.balance("external:funding") - outside == (3 * CREDIT if status == "confirmed" else 0)
    assert await escrow.balance(f"withdrawal:{withdrawal_id}") == 0


async def test_a_withdrawal_ends_once(escrow: Escrow, saver: str) -> None:
    await escrow.deposit(saver, 5)
    withdrawal_id = await escrow.withdraw(saver, 3)

    answers = await asyncio.gather(*(escrow.end_withdrawal(withdrawal_id, s) for s in ("confirmed", "rejected") * 5))

    ended = {answer.json()["status"] for answer in answers if answer.status_code == 200}
    assert len(ended) == 1
    assert {code(answer) for answer in answers if answer.status_code != 200} == {"invalid_status_transition"}
    assert await available(escrow, saver) == (2 if ended == {"confirmed"} else 5)


async def test_more_than_there_is_cannot_be_withdrawn_not_even_at_once(escrow: Escrow, saver: str) -> None:
    await escrow.deposit(saver, 10)
    client, body = escrow.as_(Role.PROVIDER), {"participant": saver, "amount": 3}

    answers = await asyncio.gather(*(client.post("/escrow/withdrawals", json=body) for _ in range(8)))

    assert sum(answer.status_code == 201 for answer in answers) == 3
    refused = next(answer for answer in answers if answer.status_code != 201)
    assert (code(refused), refused.status_code) == ("insufficient_funds", 402)
    assert refused.json()["details"] == {"participant": saver, "needed": 3, "available": 1}


@pytest.mark.parametrize(
    "body, expected",
    [
        ({}, "participant_required"),
        ({"participant": "p"}, "amount_required"),
        ({"participant": "p", "amount": 0}, "invalid_amount"),
        ({"participant": "p", "amount": -1}, "invalid_amount"),
        ({"participant": "p", "amount": "1"}, "invalid_amount"),
        ({"participant": "p", "amount": 0.0000001}, "invalid_amount"),
        ({"participant": "p", "amount": 1, "note": 5}, "invalid_note"),
        ({"participant": "nobody-at-all", "amount": 1}, "account_not_found"),
    ],
)
async def test_a_wrong_request_is_refused_by_its_code(escrow: Escrow, body: dict[str, object], expected: str) -> None:
    assert code(await escrow.as_(Role.PROVIDER).post("/escrow/withdrawals", json=body)) == expected


async def test_the_end_of_a_withdrawal_is_an_operators_word_about_one_that_there_is(escrow: Escrow, saver: str) -> None:
    await escrow.deposit(saver, 5)
    withdrawal_id = await escrow.withdraw(saver, 3)
    path = f"/escrow/withdrawals/{withdrawal_id}"

    found = [
        code(await escrow.as_(Role.PROVIDER).patch(path, json={"status": "confirmed"})),
        code(await escrow.as_(Role.OPERATOR).patch(path, json={"status": "requested"})),
        code(await escrow.as_(Role.OPERATOR).patch(path, json={})),
        code(await escrow.end_withdrawal("withdrawal-unknown", "confirmed")),
        code(await escrow.as_(Role.REVIEWER).post("/escrow/withdrawals", json={"participant": saver, "amount": 1})),
    ]

    assert found == ["forbidden", "invalid_status", "invalid_status", "withdrawal_not_found", "forbidden"]
