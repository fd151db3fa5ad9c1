"""The ledger keeps every credit, shows it to those who may see it, and lets nothing be changed afterwards."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import asyncpg
import pytest

from services.escrow import ledger
from services.escrow.domain import FUNDING, Posting, participant
from shared.contracts.events import FundsDeposited
from shared.contracts.values import new_id
from shared.kit.auth import Role
from tests.integration.escrow.conftest import CREDIT, Escrow, busy_ledger, hold, terms, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"fee_basis_points": 100}


# --- what is said of accounts -------------------------------------------------------------------------------------------
async def test_a_deposit_is_exact_to_the_micro_credit_and_said(escrow: Escrow) -> None:
    name = new_id("p")

    response = await escrow.as_(Role.OPERATOR).post(
        "/escrow/deposits", content=f'{{"participant": "{name}", "amount": 999999999.999999, "note": "n"}}'.encode()
    )

    async def found() -> list[dict[str, Any]]:
        return [data for subject, data in escrow.facts if subject == FundsDeposited.SUBJECT and data["participant"] == name]

    said = await until(found)
    assert response.json() | {"transfer_id": ""} == {
        "transfer_id": "",
        "participant": name,
        "amount": 999999999.999999,
        "available": 999999999.999999,
        "currency": "credits",
    }
    assert said == [{"participant": name, "amount": 999_999_999_999_999, "kind": "deposit", "actor": "operator"}]


async def test_a_statement_tells_every_entry_with_the_running_balance(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, {new_id("s"): 2 * CREDIT}))
    await escrow.refund(contract.contract_id)
    await escrow.deposit(buyer, 0.5)

    response = await escrow.as_(Role.REVIEWER).get(f"/escrow/accounts/{buyer}/statement")

    lines = [(e["kind"], e["amount"], e["balance_before"], e["balance_after"]) for e in response.json()["entries"]]
    assert lines == [("deposit", 0.5, 4, 4.5), ("refund", 4, 0, 4), ("hold", -4, 4, 0), ("deposit", 4, 0, 4)]


async def test_a_statement_is_read_to_its_end_page_by_page_while_money_moves(escrow: Escrow) -> None:
    name, client = new_id("p"), escrow.as_(Role.REVIEWER)
    for amount in range(1, 8):
        await escrow.deposit(name, amount)
    seen: list[float] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = (await client.get(f"/escrow/accounts/{name}/statement", params=query)).json()
        seen += [entry["amount"] for entry in page["entries"]]
        await escrow.deposit(name, 100)  # newer than every page that follows
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert seen == [7, 6, 5, 4, 3, 2, 1]


async def test_a_statement_comes_as_csv_that_adds_up_and_hides_no_formula(escrow: Escrow) -> None:
    name, client = new_id("p"), escrow.as_(Role.OPERATOR)
    for amount in (1, 0.000001, 2.5):
        body = {"participant": name, "amount": amount, "note": "=HYPERLINK(1)"}
        await client.post("/escrow/deposits", json=body)

    response = await client.get(f"/escrow/accounts/{name}/statement", params={"format": "csv"})
    by_header = await client.get(f"/escrow/accounts/{name}/statement?limit=1", headers={"accept": "text/csv"})

    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert response.headers["content-type"].startswith("text/csv")
    assert [row["balance_after"] for row in rows] == ["3.500001", "1.000001", "1"]
    assert {row["note"] for row in rows} == {"'=HYPERLINK(1)"}
    assert len(list(csv.DictReader(io.StringIO(by_header.text)))) == 1
    assert by_header.headers["next-cursor"]


async def test_the_trial_balance_is_zero_and_locked_is_held(escrow: Escrow) -> None:
    await busy_ledger(escrow)

    balance = (await escrow.as_(Role.REVIEWER).get("/escrow/trial_balance")).json()

    assert balance["sum"] == 0
    assert balance["locked"] == balance["held"] > 0
    in_escrow = sum(a["balance"] for a in balance["accounts"] if a["account_id"].startswith("escrow:"))
    assert round(in_escrow, 6) == balance["locked"]


async def test_the_summary_counts_what_the_ledger_holds(escrow: Escrow, buyer: str) -> None:
    client = escrow.as_(Role.REVIEWER)
    before = (await client.get("/escrow/summary")).json()
    contract = await escrow.held(terms(buyer))
    between = (await client.get("/escrow/summary")).json()
    await escrow.release(contract.contract_id)
    after = (await client.get("/escrow/summary")).json()

    assert round(between["locked"] - before["locked"], 6) == 10
    assert between["open_holds"] - before["open_holds"] == 1
    assert round(after["released"] - before["released"], 6) == 10
    assert after["ledger_imbalance"] == 0


async def test_holds_are_listed_by_state_with_what_was_delivered(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, {"seller-l": CREDIT}))
    await escrow.trained(contract, {"seller-l": 1})

    listed = (await escrow.as_(Role.REVIEWER).get("/escrow/holds", params={"state": "held", "limit": 1})).json()

    assert listed["holds"][0]["contract_id"] == contract.contract_id
    assert listed["holds"][0]["delivered"] == {"offer-of-seller-l": 1}


async def move(escrow: Escrow, *postings: Posting, kind: str = "deposit", contract_id: str | None = None) -> None:
    """A transfer without the service's checks."""
    async with escrow.pool.acquire() as conn, conn.transaction():
        await ledger.lock_accounts(conn, [posting.account_id for posting in postings])
        await ledger.post_transfers(conn, [ledger.Transfer(kind, postings, "test", contract_id)])


# --- what the database itself refuses -----------------------------------------------------------------------------------
@pytest.mark.parametrize("table", ["transfer", "entry"])
@pytest.mark.parametrize("change", ["UPDATE {} SET row_no = DEFAULT", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_history_cannot_be_changed_by_the_service_itself(escrow: Escrow, table: str, change: str) -> None:
    await busy_ledger(escrow)

    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await escrow.pool.execute(change.format(table))


async def test_an_overdraft_is_refused_by_the_schema(escrow: Escrow) -> None:
    poor, rich = new_id("poor"), new_id("rich")
    await escrow.deposit(poor, 1)

    with pytest.raises(asyncpg.CheckViolationError):
        await move(escrow, Posting(participant(poor), -CREDIT - 1), Posting(participant(rich), CREDIT + 1))

    assert await escrow.balance(participant(poor)) == CREDIT


@pytest.mark.parametrize("amounts", [(-5, 4), (5, 5), (7,)])
async def test_a_transfer_that_does_not_sum_to_zero_is_refused_at_commit(escrow: Escrow, amounts: tuple[int, ...]) -> None:
    accounts = [FUNDING, participant(new_id("p"))][-len(amounts) :]

    with pytest.raises(asyncpg.RaiseError, match="sum to"):
        await move(escrow, *map(Posting, accounts, amounts))


async def test_money_of_a_contract_moves_once_per_kind_even_below_the_service(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))
    await escrow.deposit(buyer, 100)
    moves = [Posting(participant(buyer), -CREDIT), Posting(f"escrow:{contract.contract_id}", CREDIT)]

    with pytest.raises(asyncpg.UniqueViolationError):
        await move(escrow, *moves, kind="hold", contract_id=contract.contract_id)


async def test_other_services_see_nothing_of_the_ledger(escrow: Escrow) -> None:
    other = await asyncpg.connect(escrow.admin_dsn)
    try:
        await other.execute("DROP ROLE IF EXISTS nosy; CREATE ROLE nosy; SET ROLE nosy")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await other.fetch("SELECT * FROM escrow.account")
    finally:
        await other.execute("RESET ROLE; DROP ROLE nosy")
        await other.close()


# --- starter credit -----------------------------------------------------------------------------------------------------
async def test_starter_credit_is_given_once_however_many_contracts_come_at_once(escrow: Escrow, buyer: str) -> None:
    async def one() -> None:
        async with escrow.pool.acquire() as conn, conn.transaction():
            await hold(conn, terms(buyer, {"s": CREDIT}), starter_credit=5 * CREDIT)

    await asyncio.gather(*(one() for _ in range(20)))

    states = await escrow.pool.fetch("SELECT state, count(*) AS n FROM hold WHERE model_owner_id = $1 GROUP BY 1", buyer)
    assert {row["state"]: row["n"] for row in states} == {"held": 2, "refused": 18}
    assert await escrow.balance(participant(buyer)) == CREDIT
