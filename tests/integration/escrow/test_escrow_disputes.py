"""A dispute freezes what is held, moves along its table and nowhere else, and every step is said."""

from __future__ import annotations

import itertools

import pytest

from services.escrow.domain import DISPUTE_TRANSITIONS, DisputeStatus
from shared.contracts.events import DisputeChanged, DisputeOpened, DisputeResolved
from shared.kit.auth import Role
from tests.integration.escrow.conftest import Escrow, code, terms

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
