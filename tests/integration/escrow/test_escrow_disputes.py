"""A dispute freezes what is held, moves along its table and nowhere else, and every step is said."""

from __future__ import annotations

import itertools

import pytest

from services.escrow import disputes
from services.escrow.domain import DISPUTE_TRANSITIONS, DisputeStatus
from shared.contracts.events import DisputeChanged, DisputeOpened, DisputeOverdue, DisputeResolved, FundsReleased
from shared.kit.auth import Role
from tests.integration.escrow.conftest import CREDIT, Escrow, code, terms

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAY_TO: dict[str, list[str]] = {
    "open": [],
    "under_review": ["under_review"],
    "resolved": ["under_review", "resolved"],
    "rejected": ["under_review", "rejected"],
}


async def test_an_opened_dispute_is_stored_and_said(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))

    dispute_id = await escrow.dispute(contract.contract_id)
    said = await escrow.says(DisputeOpened, contract.contract_id)
    listed = (await escrow.as_(Role.REVIEWER).get("/marketplace/disputes", params={"contract_id": contract.contract_id})).json()

    assert (said.dispute_id, said.reporter, said.reason) == (dispute_id, "buyer", "labels are wrong")
    assert listed["count"] == 1
    assert listed["disputes"][0]["status"] == "open"


@pytest.mark.parametrize("current, to", list(itertools.product(WAY_TO, WAY_TO)))
async def test_every_pair_of_statuses_is_allowed_or_refused_as_the_table_says(
    escrow: Escrow, buyer: str, current: str, to: str
) -> None:
    contract = await escrow.held(terms(buyer))
    dispute_id = await escrow.dispute(contract.contract_id)
    for step in WAY_TO[current]:
        assert (await escrow.move(dispute_id, step)).status_code == 200

    response = await escrow.move(dispute_id, to)

    if to == current or (DisputeStatus(current), DisputeStatus(to)) in DISPUTE_TRANSITIONS:
        assert response.json()["status"] == to
    else:
        assert code(response) == "invalid_status_transition"
        allowed = sorted(str(nxt) for was, nxt in DISPUTE_TRANSITIONS if was == current)
        assert response.json()["details"] == {"current_status": current, "next_status": to, "allowed": allowed}


@pytest.mark.parametrize("end", ["resolved", "rejected"])
async def test_the_hold_thaws_with_the_last_dispute(escrow: Escrow, buyer: str, end: str) -> None:
    contract = await escrow.held(terms(buyer))
    first, second = await escrow.dispute(contract.contract_id), await escrow.dispute(contract.contract_id)
    for step in ("under_review", end):
        await escrow.move(first, step)

    frozen = await escrow.release(contract.contract_id)
    for step in ("under_review", end):
        await escrow.move(second, step)
    thawed = await escrow.release(contract.contract_id)

    assert code(frozen) == "contract_disputed"
    assert thawed.status_code == 200


async def test_each_step_is_said_once(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))
    dispute_id = await escrow.dispute(contract.contract_id)
    for status in ("under_review", "under_review", "resolved", "resolved"):
        body = {"status": status, "actor": "judge", "resolution_note": "settled among themselves"}
        await escrow.as_(Role.OPERATOR).patch(f"/marketplace/disputes/{dispute_id}", json=body)
    resolved = await escrow.says(DisputeResolved, contract.contract_id)

    assert len(escrow.said(DisputeChanged, contract.contract_id)) == 1
    assert len(escrow.said(DisputeResolved, contract.contract_id)) == 1
    assert (resolved.status, resolved.actor, resolved.resolution_note) == ("resolved", "judge", "settled among themselves")


async def test_a_dispute_after_the_release_changes_no_money(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))
    await escrow.release(contract.contract_id)

    await escrow.dispute(contract.contract_id)

    assert code(await escrow.release(contract.contract_id)) == "contract_already_released"
    assert await escrow.balance(f"escrow:{contract.contract_id}") == 0


async def test_disputes_are_listed_page_by_page_and_by_status(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))
    ids = [await escrow.dispute(contract.contract_id) for _ in range(5)]
    await escrow.move(ids[2], "under_review")
    client, seen = escrow.as_(Role.REVIEWER), []
    query: dict[str, str] = {"contract_id": contract.contract_id, "limit": "2"}
    while True:
        page = (await client.get("/marketplace/disputes", params=query)).json()
        seen += [dispute["dispute_id"] for dispute in page["disputes"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    reviewed = await client.get("/marketplace/disputes", params={"status": "under_review", "contract_id": contract.contract_id})
    assert seen == ids[::-1]
    assert [dispute["dispute_id"] for dispute in reviewed.json()["disputes"]] == [ids[2]]


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
async def test_a_resolution_may_share_the_money_out(escrow: Escrow, buyer: str, order: tuple[str, str]) -> None:
    a, b = (f"{buyer}-{name}" for name in order)
    contract = await escrow.held(terms(buyer, {a: 3 * CREDIT, b: 2 * CREDIT}))
    dispute_id = await escrow.dispute(contract.contract_id)
    await escrow.move(dispute_id, "under_review")

    payouts = [{"offer_id": f"offer-of-{b}", "amount": 1.5}, {"offer_id": f"offer-of-{a}", "amount": 0.000001}]
    response = await escrow.move(dispute_id, "resolved", actor="judge", payouts=payouts)
    released = await escrow.says(FundsReleased, contract.contract_id)

    assert response.json()["status"] == "resolved"
    assert [await escrow.balance(f"participant:{name}") for name in (a, b, buyer)] == [1, 1_500_000, 8_499_999]
    assert (released.actor, released.reason, released.returned) == ("judge", f"resolution of {dispute_id}", 8_499_999)
    assert code(await escrow.release(contract.contract_id)) == "contract_already_released"


@pytest.mark.parametrize(
    "status, payouts, expected",
    [
        ("resolved", [{"offer_id": "offer-of-nobody", "amount": 1}], "invalid_payouts"),
        ("resolved", [{"offer_id": "offer-of-seller-a", "amount": 10.000001}], "invalid_payouts"),
        (
            "resolved",
            [{"offer_id": "offer-of-seller-a", "amount": 6}, {"offer_id": "offer-of-seller-b", "amount": 6}],
            "invalid_payouts",
        ),
        (
            "resolved",
            [{"offer_id": "offer-of-seller-a", "amount": 1}, {"offer_id": "offer-of-seller-a", "amount": 1}],
            "invalid_payouts",
        ),
        ("resolved", [{"offer_id": "offer-of-seller-a", "amount": -1}], "invalid_payouts"),
        ("resolved", [{"offer_id": "offer-of-seller-a", "amount": 0.0000001}], "invalid_payouts"),
        ("resolved", [{"offer_id": "offer-of-seller-a"}], "invalid_payouts"),
        ("resolved", {"offer-of-seller-a": 1}, "invalid_payouts"),
        ("rejected", [], "invalid_payouts"),
    ],
)
async def test_a_split_that_does_not_fit_changes_neither_money_nor_dispute(
    escrow: Escrow, buyer: str, status: str, payouts: object, expected: str
) -> None:
    contract = await escrow.held(terms(buyer))
    dispute_id = await escrow.dispute(contract.contract_id)
    await escrow.move(dispute_id, "under_review")

    response = await escrow.move(dispute_id, status, payouts=payouts)

    assert code(response) == expected
    assert await escrow.balance(f"escrow:{contract.contract_id}") == 10 * CREDIT
    assert (await escrow.move(dispute_id, "under_review")).json()["status"] == "under_review"


async def test_a_split_waits_for_the_other_dispute_and_comes_too_late_after_a_release(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))
    first, second = await escrow.dispute(contract.contract_id), await escrow.dispute(contract.contract_id)
    for dispute_id in (first, second):
        await escrow.move(dispute_id, "under_review")
    early = await escrow.move(first, "resolved", payouts=[])
    await escrow.move(second, "rejected")
    third = await escrow.dispute(contract.contract_id)
    await escrow.move(third, "under_review")
    await escrow.move(third, "rejected")
    in_time = await escrow.move(first, "resolved", payouts=[])
    late = await escrow.dispute(contract.contract_id)
    await escrow.move(late, "under_review")

    assert code(early) == "contract_disputed"
    assert in_time.status_code == 200
    assert await escrow.balance(f"participant:{buyer}") == 10 * CREDIT
    assert code(await escrow.move(late, "resolved", payouts=[])) == "contract_already_released"


async def test_a_dispute_that_is_open_for_too_long_is_told_once(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))
    late, ended = await escrow.dispute(contract.contract_id), await escrow.dispute(contract.contract_id)
    for step in ("under_review", "rejected"):
        await escrow.move(ended, step)
    await escrow.pool.execute("UPDATE dispute SET created_at = now() - interval '4 days' WHERE dispute_id = ANY($1)", [late, ended])

    overdue = await escrow.says(DisputeOverdue, contract.contract_id)
    async with escrow.pool.acquire() as conn, conn.transaction():
        again = await disputes.tell_overdue(conn, after_s=3 * 86_400)
    listed = await escrow.as_(Role.REVIEWER).get("/marketplace/disputes", params={"contract_id": contract.contract_id})

    assert (overdue.dispute_id, again) == (late, 0)
    assert {d["dispute_id"]: d["overdue"] for d in listed.json()["disputes"]} == {late: True, ended: False}
