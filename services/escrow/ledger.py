"""Every statement about accounts, transfers and their entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from services.escrow.domain import Posting
from shared.contracts.values import ordered_uuid
from shared.kit.db import Connection, Pool
from shared.kit.paging import Page

Row = Mapping[str, Any]


async def lock_accounts(conn: Connection, account_ids: Iterable[str]) -> dict[str, int]:
    """Makes the accounts where they are missing, locks them in the order of their ids, and tells their balances."""
    ordered = sorted(set(account_ids))
    # All or none of them: who holds some and finds another made meanwhile would lock out of order.
    rows = await conn.fetch(_LOCK_ACCOUNTS, ordered)
    if len(rows) < len(ordered):
        await conn.execute("INSERT INTO account (account_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", ordered)
        rows = await conn.fetch(_LOCK_ACCOUNTS, ordered)
    return {row["account_id"]: row["balance"] for row in rows}


_LOCK_ACCOUNTS: Final = (
    "SELECT account_id, balance FROM account WHERE account_id = ANY($1)"
    " AND (SELECT count(*) FROM account WHERE account_id = ANY($1)) = cardinality($1)"
    ' ORDER BY account_id COLLATE "C" FOR UPDATE'
)


@dataclass(frozen=True)
class Transfer:
    """Money that is to be moved, at once with others or alone."""

    kind: str
    postings: Sequence[Posting]
    actor: str
    contract_id: str | None = None
    note: str = ""
    transfer_id: UUID = field(default_factory=ordered_uuid)


async def post_transfers(conn: Connection, transfers: Sequence[Transfer]) -> None:
    """Moves money: transfers and their entries in their order, and the balances they lead to, in one statement.

    The accounts are locked by this transaction, so that the balances between two entries are these transfers' own doing.
    Raises `asyncpg.UniqueViolationError` when a contract's money moved in this way before, `CheckViolationError` on overdraft.
    """
    postings = [(t.transfer_id, posting.account_id, posting.amount) for t in transfers for posting in t.postings]
    await conn.execute(
        "WITH posting AS MATERIALIZED ("
        "  SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[]) WITH ORDINALITY AS p (transfer_id, account_id, amount, n)"
        "), made AS ("
        "  INSERT INTO transfer (transfer_id, kind, contract_id, actor, note)"
        "  SELECT * FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[])"
        "), moved AS ("
        "  UPDATE account a SET balance = a.balance + s.amount, version = a.version + s.entries"
        "  FROM (SELECT account_id, sum(amount)::bigint AS amount, count(*) AS entries FROM posting GROUP BY account_id) s"
        "  WHERE a.account_id = s.account_id"
        "  RETURNING a.account_id, a.balance - s.amount AS balance, a.version - s.entries AS version"
        ")"
        " INSERT INTO entry (transfer_id, account_id, amount, balance_before, balance_after, version)"
        " SELECT transfer_id, account_id, amount, balance + (sum(amount) OVER w)::bigint - amount,"
        "  balance + (sum(amount) OVER w)::bigint, version + row_number() OVER w"
        " FROM posting JOIN moved USING (account_id)"
        " WINDOW w AS (PARTITION BY account_id ORDER BY n ROWS UNBOUNDED PRECEDING)",
        *columns(postings, 3),
        *columns([(t.transfer_id, t.kind, t.contract_id, t.actor, t.note) for t in transfers], 5),
    )


def columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows as the arrays that `unnest` makes rows of again."""
    return [[row[column] for row in rows] for column in range(width)]


async def grant_once(conn: Connection, participant: str) -> bool:
    """True when this participant has not been given starter credit; a concurrent grant is waited for."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", participant)
    return not await conn.fetchval("SELECT EXISTS (SELECT 1 FROM starter_credit WHERE participant = $1)", participant)


async def record_grant(conn: Connection, participant: str, transfer_id: UUID) -> None:
    await conn.execute("INSERT INTO starter_credit (participant, transfer_id) VALUES ($1, $2)", participant, transfer_id)


async def get_account(conn: Connection, account_id: str) -> Row | None:
    row = await conn.fetchrow("SELECT * FROM account WHERE account_id = $1", account_id)
    return None if row is None else dict(row)


async def list_accounts(conn: Connection) -> list[Row]:
    """Every account with its balance; the accounts of the fees are one."""
    rows = await conn.fetch(
        "SELECT CASE WHEN account_id LIKE 'platform:fees:%' THEN 'platform:fees' ELSE account_id END AS account_id,"
        " sum(balance)::bigint AS balance, sum(version)::bigint AS version FROM account GROUP BY 1 ORDER BY 1"
    )
    return [dict(row) for row in rows]


async def statement(conn: Connection, account_id: str, page: Page) -> list[Row]:
    """Entries, newest first, with the balance that each led to. `version` numbers an account's entries, so it pages too."""
    rows = await conn.fetch(
        # The page first: joined at once, a planner that expects few entries of an account reads all transfers.
        "WITH page AS MATERIALIZED ("
        "  SELECT * FROM entry WHERE account_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3"
        ")"
        " SELECT e.version AS row_no, t.transfer_id, t.kind, t.contract_id, t.actor, t.note, t.created_at,"
        " e.amount, e.balance_before, e.balance_after"
        " FROM page e JOIN transfer t USING (transfer_id) ORDER BY e.version DESC",
        account_id,
        page.older_than,
        page.fetch,
    )
    return [dict(row) for row in rows]


async def transfers_of(conn: Connection, contract_id: str) -> list[Row]:
    """A contract's transfers in order, each with its entries."""
    rows = await conn.fetch(
        "SELECT t.transfer_id::text, t.kind, t.actor, t.note, t.created_at,"
        " jsonb_agg(jsonb_build_object('account_id', e.account_id, 'amount', e.amount) ORDER BY e.row_no) AS entries"
        " FROM transfer t JOIN entry e USING (transfer_id) WHERE t.contract_id = $1 GROUP BY t.transfer_id ORDER BY t.row_no",
        contract_id,
    )
    return [dict(row) for row in rows]


async def ledger_sums(conn: Connection | Pool) -> Row:
    """The sum of all balances (0, or something is very wrong), what sits in escrow accounts, and the oldest hold's age."""
    row = await conn.fetchrow(
        "SELECT (SELECT coalesce(sum(balance), 0)::bigint FROM account) AS imbalance,"
        " (SELECT coalesce(sum(balance), 0)::bigint FROM account WHERE account_id LIKE 'escrow:%') AS locked,"
        " (SELECT coalesce(sum(amount), 0)::bigint FROM hold WHERE state = 'held') AS held,"
        " (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8"
        "  FROM hold WHERE state = 'held') AS oldest_s"
    )
    assert row is not None
    return dict(row)
