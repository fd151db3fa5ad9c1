"""Replays the ledger and compares: `DATABASE_URL=… python -m services.escrow.audit` ends with 0 when every credit is where it should be.

Trusts nothing but the entries' amounts: balances, versions, the chain of before and after, the sums of transfers, and the holds
are all worked out again.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import asyncpg

from shared.kit.db import open_pool

CHECKS = {
    "an account's balance is not the sum of its entries": (
        "SELECT a.account_id, a.balance, coalesce(sum(e.amount), 0)::bigint AS sum_of_entries FROM account a"
        " LEFT JOIN entry e USING (account_id) GROUP BY a.account_id HAVING a.balance <> coalesce(sum(e.amount), 0)"
    ),
    "an account's version is not the number of its entries": (
        "SELECT a.account_id, a.version, count(e.version) AS entries FROM account a LEFT JOIN entry e USING (account_id)"
        " GROUP BY a.account_id HAVING a.version <> count(e.version) OR a.version <> coalesce(max(e.version), 0)"
    ),
    "an entry does not begin where the one before ended": (
        "SELECT * FROM (SELECT account_id, version, balance_before,"
        " coalesce(lag(balance_after) OVER (PARTITION BY account_id ORDER BY version), 0) AS ended_at FROM entry) c"
        " WHERE balance_before <> ended_at"
    ),
    "an entry's balances differ by another amount": (
        "SELECT account_id, version, amount, balance_before, balance_after FROM entry WHERE balance_after <> balance_before + amount"
    ),
    "a transfer's entries do not sum to zero": (
        "SELECT t.transfer_id, count(e.amount) AS entries, coalesce(sum(e.amount), 0)::bigint AS total FROM transfer t"
        " LEFT JOIN entry e USING (transfer_id) GROUP BY t.transfer_id HAVING count(e.amount) < 2 OR coalesce(sum(e.amount), 0) <> 0"
    ),
    "an escrow account does not hold what its hold says": (
        "SELECT h.contract_id, h.state, h.amount, coalesce(a.balance, 0) AS balance FROM hold h"
        " LEFT JOIN account a ON a.account_id = 'escrow:' || h.contract_id"
        " WHERE coalesce(a.balance, 0) <> CASE WHEN h.state = 'held' THEN h.amount ELSE 0 END"
    ),
    "the balances do not sum to zero": ("SELECT sum(balance)::bigint AS sum FROM account HAVING coalesce(sum(balance), 0) <> 0"),
}


async def findings(conn: Any) -> list[str]:
    """A line per thing that is wrong, in one consistent view of the ledger."""
    found = []
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        for wrong, query in CHECKS.items():
            for row in await conn.fetch(query):
                found.append(f"{wrong}: " + ", ".join(f"{name}={value}" for name, value in row.items()))
    return found


async def _main() -> int:
    dsn = os.environ.get("DATABASE_URL")
    if not dsn:
        print("setting DATABASE_URL: is missing", file=sys.stderr)
        return 2
    pool = await open_pool(dsn, service="escrow", size=1)
    try:
        async with pool.acquire() as conn:
            found = await findings(conn)
            entries = await conn.fetchval("SELECT count(*) FROM entry")
    except asyncpg.PostgresError as error:
        print(f"the ledger cannot be read: {error}", file=sys.stderr)
        return 2
    finally:
        pool.terminate()
    for line in found:
        print(line)
    print(f"{entries} entries replayed, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(_main()))
