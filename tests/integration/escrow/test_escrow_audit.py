"""The audit works the whole ledger out again and finds whatever is not where it should be."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from services.escrow import audit
from tests.integration.escrow.conftest import CREDIT, Escrow, busy_ledger, terms

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"fee_basis_points": 100}


@pytest_asyncio.fixture(loop_scope="module")
async def admin(escrow: Escrow) -> AsyncIterator[Any]:
    """A connection that no trigger stops: somebody with a knife in the database."""
    conn = await asyncpg.connect(escrow.admin_dsn, server_settings={"search_path": "escrow", "session_replication_role": "replica"})
    yield conn
    await conn.close()


async def findings(escrow: Escrow) -> list[str]:
    async with escrow.pool.acquire() as conn:
        return await audit.findings(conn)


PLANTED = {
    "balance of account": "UPDATE account SET balance = balance + {by} WHERE ctid = $1",
    "version of account": "UPDATE account SET version = version + {by} WHERE ctid = $1",
    "amount and end of entry": "UPDATE entry SET amount = amount + {by}, balance_after = balance_after + {by} WHERE ctid = $1",
    "amount and start of entry": "UPDATE entry SET amount = amount + {by}, balance_before = balance_before - {by} WHERE ctid = $1",
    "both balances of entry": "UPDATE entry SET balance_before = balance_before + {by}, balance_after = balance_after + {by}"
    " WHERE ctid = $1",
    "kind of transfer": "UPDATE transfer SET kind = CASE kind WHEN 'deposit' THEN 'starter_credit' WHEN 'starter_credit' THEN 'deposit'"
    " WHEN 'hold' THEN 'release' WHEN 'release' THEN 'refund' WHEN 'refund' THEN 'hold' WHEN 'withdrawal' THEN 'withdrawal_paid'"
    " WHEN 'withdrawal_paid' THEN 'withdrawal_returned' ELSE 'withdrawal' END WHERE ctid = $1",
    "contract of transfer": "UPDATE transfer SET contract_id = 'contract-of-another' WHERE ctid = $1",
    "absence of transfer": "DELETE FROM transfer WHERE ctid = $1",
    "amount of withdrawal": "UPDATE withdrawal SET amount = amount + {by} WHERE ctid = $1",
    "status of withdrawal": "UPDATE withdrawal SET status = CASE status WHEN 'requested' THEN 'confirmed' WHEN 'confirmed'"
    " THEN 'rejected' ELSE 'requested' END WHERE ctid = $1",
    "participant of withdrawal": "UPDATE withdrawal SET participant = 'somebody' WHERE ctid = $1",
    "absence of withdrawal": "DELETE FROM withdrawal WHERE ctid = $1",
    "amount of hold": "UPDATE hold SET amount = amount + {by} WHERE ctid = $1",
    "agreed total of hold": "UPDATE hold SET terms = jsonb_set(terms, '{{escrow_total}}', to_jsonb(amount + {by})) WHERE ctid = $1",
    "amount and agreed total of hold": "UPDATE hold SET amount = amount + {by},"
    " terms = jsonb_set(terms, '{{escrow_total}}', to_jsonb(amount + {by})) WHERE ctid = $1",
}


@pytest.mark.parametrize("what", PLANTED)
async def test_the_audit_finds_a_planted_change_in_any_row(escrow: Escrow, admin: Any, what: str) -> None:
    """A micro-credit or a credit more or less, a transfer renamed: each row in its turn, each put back afterwards."""
    table = what.rpartition(" ")[2]
    if not await escrow.pool.fetchval("SELECT count(*) FROM hold WHERE state = 'refused'"):
        await busy_ledger(escrow)
    assert await findings(escrow) == []

    missed = []
    rows = await admin.fetch(f"SELECT ctid, t::text AS row FROM {table} t")
    for row in rows:
        for by in (CREDIT, -CREDIT, 1, -1) if "{by}" in PLANTED[what] else (0,):
            undo = admin.transaction()
            await undo.start()
            # What the schema refuses even to the knife needs no finding.
            with contextlib.suppress(asyncpg.IntegrityConstraintViolationError):
                await admin.execute(PLANTED[what].format(by=by), row["ctid"])
                if not await _found(admin):
                    missed.append((by, row["row"]))
            await undo.rollback()

    assert len(rows) >= 3
    assert missed == []


async def _found(conn: Any) -> bool:
    """The audit's checks, inside the transaction that will be rolled back."""
    return any([await conn.fetch(query) for query in audit.CHECKS.values()])


async def test_the_audit_finds_a_changed_payout(escrow: Escrow, admin: Any, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))
    await escrow.release(contract.contract_id)
    change = "UPDATE hold SET result = jsonb_set(result, $2, to_jsonb((result #>> $2)::bigint + $3)) WHERE contract_id = $1"

    for path in (["payouts", "0", "amount"], ["payouts", "1", "amount"], ["returned"], ["fee"]):
        await admin.execute(change, contract.contract_id, path, 1)
        found = await findings(escrow)
        await admin.execute(change, contract.contract_id, path, -1)
        assert [line for line in found if contract.contract_id in line], path


async def run_audit(dsn: str | None) -> tuple[int | None, str]:
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | ({"DATABASE_URL": dsn} if dsn else {})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.escrow.audit", env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode, (out + err).decode()


async def test_the_audit_as_a_command_tells_by_its_status_what_it_found(escrow: Escrow, admin: Any) -> None:
    await busy_ledger(escrow)
    clean = await run_audit(escrow.dsn)
    await admin.execute("UPDATE account SET balance = balance + 1 WHERE account_id = 'external:funding'")
    planted = await run_audit(escrow.dsn)
    await admin.execute("UPDATE account SET balance = balance - 1 WHERE account_id = 'external:funding'")
    without = await run_audit(None)

    assert (clean[0], planted[0], without[0]) == (0, 1, 2)
    assert "0 findings" in clean[1]
    assert "an account's balance is not the sum of its entries: account_id=external:funding" in planted[1]
