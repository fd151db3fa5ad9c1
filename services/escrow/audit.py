"""Replays the ledger and compares: `DATABASE_URL=… python -m services.escrow.audit` ends with 0 when every credit is where it should be.

Trusts nothing but the entries' amounts: balances, versions, the chain of before and after, the sums of transfers, the holds and
what their resolutions say they paid are all worked out again.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import asyncpg

from shared.kit.db import open_pool
from shared.kit.settings import read_secret_files

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
        "SELECT transfer_id, count(DISTINCT t.row_no) AS transfers, count(e.amount) AS entries,"
        " coalesce(sum(e.amount), 0)::bigint AS total FROM transfer t FULL JOIN entry e USING (transfer_id) GROUP BY transfer_id"
        " HAVING count(t.row_no) = 0 OR count(e.amount) < 2 OR coalesce(sum(e.amount), 0) <> 0"
    ),
    "an escrow account does not hold what its hold says": (
        "SELECT h.contract_id, h.state, h.amount, coalesce(a.balance, 0) AS balance FROM hold h"
        " LEFT JOIN account a ON a.account_id = 'escrow:' || h.contract_id"
        " WHERE coalesce(a.balance, 0) <> CASE WHEN h.state = 'held' THEN h.amount ELSE 0 END"
    ),
    "a hold's amount is not what was agreed": (
        "SELECT contract_id, amount, terms ->> 'escrow_total' AS agreed FROM hold WHERE amount <> (terms ->> 'escrow_total')::bigint"
    ),
    "an agreed total is not its prices times its rounds": (
        "SELECT contract_id, terms ->> 'escrow_total' AS agreed FROM hold WHERE (terms ->> 'escrow_total')::bigint <>"
        " (terms ->> 'rounds')::int * (SELECT coalesce(sum((p ->> 'price_per_round')::bigint), 0)"
        " FROM jsonb_array_elements(terms -> 'sellers') p)"
    ),
    "a contract's money did not move as its hold's state says": (
        "SELECT contract_id, h.state, m.kinds, m.amounts FROM hold h FULL JOIN ("
        "  SELECT t.contract_id, array_agg(t.kind ORDER BY t.row_no) AS kinds, array_agg(e.amount ORDER BY t.row_no) AS amounts"
        "  FROM transfer t LEFT JOIN entry e ON e.transfer_id = t.transfer_id AND e.account_id = 'escrow:' || t.contract_id"
        "  WHERE t.contract_id IS NOT NULL GROUP BY t.contract_id"
        " ) m USING (contract_id)"
        " WHERE h.contract_id IS NULL OR coalesce(m.kinds, '{}') IS DISTINCT FROM CASE"
        "  WHEN h.amount = 0 OR h.state = 'refused' THEN '{}' WHEN h.state = 'held' THEN ARRAY['hold']"
        "  WHEN h.state = 'released' THEN ARRAY['hold', 'release'] ELSE ARRAY['hold', 'refund'] END"
        " OR coalesce(m.amounts, '{}') IS DISTINCT FROM CASE"
        "  WHEN h.amount = 0 OR h.state = 'refused' THEN '{}' WHEN h.state = 'held' THEN ARRAY[h.amount]"
        "  ELSE ARRAY[h.amount, -h.amount] END"
    ),
    "a resolution did not pay what it says": (
        "WITH told AS ("
        "  SELECT contract_id, 'participant:' || (p ->> 'seller_node_id') AS account_id, (p ->> 'amount')::bigint AS amount"
        "  FROM hold, jsonb_array_elements(result -> 'payouts') p"
        "  UNION ALL SELECT contract_id, 'participant:' || model_owner_id, coalesce(result ->> 'returned', result ->> 'amount')::bigint"
        "  FROM hold WHERE result IS NOT NULL"
        "  UNION ALL SELECT contract_id, 'platform:fees', (result ->> 'fee')::bigint FROM hold WHERE result ? 'fee'"
        "), moved AS ("
        "  SELECT contract_id, CASE WHEN account_id LIKE 'platform:fees:%' THEN 'platform:fees' ELSE account_id END AS account_id,"
        "  sum(e.amount) AS amount FROM transfer JOIN entry e USING (transfer_id)"
        "  WHERE kind IN ('release', 'refund') AND account_id <> 'escrow:' || contract_id GROUP BY 1, 2"
        ")"
        " SELECT contract_id, account_id, t.amount AS told, m.amount AS moved"
        " FROM (SELECT contract_id, account_id, sum(amount) AS amount FROM told GROUP BY 1, 2) t"
        " FULL JOIN moved m USING (contract_id, account_id) WHERE coalesce(t.amount, 0) <> coalesce(m.amount, 0)"
    ),
    "money from outside moved in a transfer of another kind": (
        "SELECT t.transfer_id, kind, e.amount FROM transfer t LEFT JOIN entry e"
        " ON e.transfer_id = t.transfer_id AND e.account_id LIKE 'external:%'"
        " WHERE sign(coalesce(e.amount, 0)) <>"
        " CASE WHEN kind IN ('deposit', 'starter_credit') THEN -1 WHEN kind = 'withdrawal_paid' THEN 1 ELSE 0 END"
    ),
    "a withdrawal's money did not move as its status says": (
        "SELECT w.withdrawal_id, w.participant, status, w.amount, m.kinds, m.amounts, m.accounts FROM withdrawal w FULL JOIN ("
        "  SELECT t.note AS withdrawal_id, array_agg(t.kind ORDER BY t.row_no) AS kinds,"
        "  array_agg(p.amount ORDER BY t.row_no) AS amounts, array_agg(o.account_id ORDER BY t.row_no) AS accounts"
        "  FROM transfer t LEFT JOIN entry p ON p.transfer_id = t.transfer_id AND p.account_id = 'withdrawal:' || t.note"
        "  LEFT JOIN entry o ON o.transfer_id = t.transfer_id AND o.account_id <> 'withdrawal:' || t.note"
        "  WHERE t.kind LIKE 'withdrawal%' GROUP BY t.note"
        " ) m USING (withdrawal_id)"
        " WHERE w.withdrawal_id IS NULL OR (m.kinds, m.amounts, m.accounts) IS DISTINCT FROM CASE status"
        "  WHEN 'requested' THEN (ARRAY['withdrawal'], ARRAY[w.amount], ARRAY['participant:' || w.participant])"
        "  WHEN 'confirmed' THEN (ARRAY['withdrawal', 'withdrawal_paid'], ARRAY[w.amount, -w.amount],"
        "   ARRAY['participant:' || w.participant, 'external:funding'])"
        "  ELSE (ARRAY['withdrawal', 'withdrawal_returned'], ARRAY[w.amount, -w.amount],"
        "   ARRAY['participant:' || w.participant, 'participant:' || w.participant]) END"
    ),
    "starter credit and its transfer do not belong together": (
        "SELECT transfer_id, t.kind, s.participant FROM transfer t FULL JOIN starter_credit s USING (transfer_id)"
        " WHERE (coalesce(t.kind, '') = 'starter_credit') <> (s.participant IS NOT NULL)"
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
    read_secret_files()
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
