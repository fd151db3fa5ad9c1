"""Every statement of the escrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from services.escrow.domain import Hold, HoldState, Posting
from shared.contracts.events import ContractTerms
from shared.kit.db import Connection, Pool
from shared.kit.paging import Page

Row = Mapping[str, Any]


# --- ledger -----------------------------------------------------------------------------------------------------------
async def lock_accounts(conn: Connection, account_ids: Sequence[str]) -> dict[str, int]:
    """Makes the accounts where they are missing, locks them in the order of their ids, and tells their balances."""
    ordered = sorted(account_ids)
    await conn.execute("INSERT INTO account (account_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", ordered)
    rows = await conn.fetch(
        'SELECT account_id, balance FROM account WHERE account_id = ANY($1) ORDER BY account_id COLLATE "C" FOR UPDATE', ordered
    )
    return {row["account_id"]: row["balance"] for row in rows}


async def post_transfer(
    conn: Connection, kind: str, postings: Sequence[Posting], *, actor: str, contract_id: str | None = None, note: str = ""
) -> UUID:
    """Moves money: a transfer and its entries, and the balances they lead to. The accounts are locked by this transaction.

    Raises `asyncpg.UniqueViolationError` when the contract's money moved in this way before, `CheckViolationError` on overdraft.
    """
    transfer_id = uuid4()
    await conn.execute(
        "WITH made AS (INSERT INTO transfer (transfer_id, kind, contract_id, actor, note) VALUES ($1, $4, $5, $6, $7)),"
        " posted AS ("
        "  UPDATE account a SET balance = a.balance + p.amount, version = a.version + 1"
        "  FROM unnest($2::text[], $3::bigint[]) AS p (account_id, amount) WHERE a.account_id = p.account_id"
        "  RETURNING a.account_id, p.amount, a.balance, a.version"
        ")"
        " INSERT INTO entry (transfer_id, account_id, amount, balance_before, balance_after, version)"
        " SELECT $1, account_id, amount, balance - amount, balance, version FROM posted",
        transfer_id,
        [posting.account_id for posting in postings],
        [posting.amount for posting in postings],
        kind,
        contract_id,
        actor,
        note,
    )
    return transfer_id


@dataclass(frozen=True)
class Transfer:
    """A transfer that is to be made beside others."""

    kind: str
    postings: Sequence[Posting]
    contract_id: str


async def lock_ledger(conn: Connection, account_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Like `lock_accounts`, with each account's balance and version."""
    ordered = sorted(set(account_ids))
    await lock_accounts(conn, ordered)
    rows = await conn.fetch("SELECT account_id, balance, version FROM account WHERE account_id = ANY($1)", ordered)
    return {row["account_id"]: (row["balance"], row["version"]) for row in rows}


async def post_transfers(
    conn: Connection, ledger: Mapping[str, tuple[int, int]], transfers: Sequence[Transfer], *, actor: str
) -> None:
    """Moves money many times in a few round trips. `ledger` is what `lock_ledger` said, and nothing has moved since."""
    now, heads, entries = dict(ledger), [], []
    for transfer in transfers:
        transfer_id = uuid4()
        heads.append((transfer_id, transfer.kind, transfer.contract_id, actor))
        for posting in transfer.postings:
            balance, version = now[posting.account_id]
            now[posting.account_id] = (balance + posting.amount, version + 1)
            entries.append((transfer_id, posting.account_id, posting.amount, balance, balance + posting.amount, version + 1))
    await conn.executemany("INSERT INTO transfer (transfer_id, kind, contract_id, actor) VALUES ($1, $2, $3, $4)", heads)
    await conn.executemany(
        "INSERT INTO entry (transfer_id, account_id, amount, balance_before, balance_after, version)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        entries,
    )
    changed = [(account, *state) for account, state in now.items() if state != ledger[account]]
    await conn.executemany("UPDATE account SET balance = $2, version = $3 WHERE account_id = $1", changed)


async def grant_once(conn: Connection, participant: str) -> bool:
    """True when this participant has not been given starter credit; a concurrent grant is waited for."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", participant)
    return not await conn.fetchval("SELECT EXISTS (SELECT 1 FROM starter_credit WHERE participant = $1)", participant)


async def record_grant(conn: Connection, participant: str, transfer_id: UUID) -> None:
    await conn.execute("INSERT INTO starter_credit (participant, transfer_id) VALUES ($1, $2)", participant, transfer_id)


async def get_account(conn: Connection, account_id: str) -> Row | None:
    row = await conn.fetchrow("SELECT * FROM account WHERE account_id = $1", account_id)
    return None if row is None else dict(row)


async def held_by(conn: Connection, participant: str) -> int:
    total: int = await conn.fetchval(
        "SELECT coalesce(sum(amount), 0)::bigint FROM hold WHERE model_owner_id = $1 AND state = 'held'", participant
    )
    return total


async def list_accounts(conn: Connection) -> list[Row]:
    return [dict(row) for row in await conn.fetch("SELECT account_id, balance, version FROM account ORDER BY account_id")]


async def statement(conn: Connection, account_id: str, page: Page) -> list[Row]:
    """Entries, newest first, with the balance that each led to. `version` numbers an account's entries, so it pages too."""
    rows = await conn.fetch(
        "SELECT e.version AS row_no, t.transfer_id, t.kind, t.contract_id, t.actor, t.note, t.created_at,"
        " e.amount, e.balance_before, e.balance_after"
        " FROM entry e JOIN transfer t USING (transfer_id)"
        " WHERE e.account_id = $1 AND ($2::bigint IS NULL OR e.version < $2) ORDER BY e.version DESC LIMIT $3",
        account_id,
        page.before,
        page.fetch,
    )
    return [dict(row) for row in rows]


# --- holds ------------------------------------------------------------------------------------------------------------
async def insert_holds(conn: Connection, rows: Sequence[tuple[ContractTerms, str, HoldState]], *, expires_at: datetime) -> None:
    """Holds of contracts that have none: (terms, hold id, state)."""
    await conn.executemany(
        "INSERT INTO hold (contract_id, hold_id, model_owner_id, amount, state, terms, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            (t.contract_id, hold_id, t.model_owner_id, t.escrow_total, state, t.model_dump(mode="json"), expires_at)
            for t, hold_id, state in rows
        ],
    )


async def known_holds(conn: Connection, contract_ids: Sequence[str]) -> set[str]:
    rows = await conn.fetch("SELECT contract_id FROM hold WHERE contract_id = ANY($1)", list(contract_ids))
    return {row["contract_id"] for row in rows}


async def lock_hold(conn: Connection, contract_id: str) -> Hold | None:
    row = await conn.fetchrow("SELECT * FROM hold WHERE contract_id = $1 FOR UPDATE", contract_id)
    return None if row is None else _hold(row)


def _hold(row: Any) -> Hold:
    return Hold(
        contract_id=row["contract_id"],
        state=HoldState(row["state"]),
        amount=row["amount"],
        terms=ContractTerms.model_validate(row["terms"]),
        runs=row["runs"],
        settle=row["settle_at"] is not None,
    )


async def resolve_hold(conn: Connection, contract_id: str, to: HoldState, result: Mapping[str, Any]) -> None:
    """The caller holds the lock and has checked that the hold is held."""
    await conn.execute(
        "UPDATE hold SET state = $2, result = $3, resolved_at = now() WHERE contract_id = $1 AND state = 'held'",
        contract_id,
        to,
        dict(result),
    )


async def begin_run(conn: Connection, contract_id: str, run_id: str) -> None:
    """Changes nothing where the run is known: it may have ended already."""
    await conn.execute(
        "UPDATE hold SET runs = jsonb_build_object($2::text, NULL) || runs WHERE contract_id = $1", contract_id, run_id
    )


async def end_run(conn: Connection, contract_id: str, run_id: str, delivered: Mapping[str, int]) -> None:
    """Keeps what the run delivered; the first word counts."""
    await conn.execute(
        "UPDATE hold SET runs = runs || jsonb_build_object($2::text, $3::jsonb)"
        " WHERE contract_id = $1 AND coalesce(runs -> $2, 'null') = 'null'",
        contract_id,
        run_id,
        dict(delivered),
    )


async def set_settlement(conn: Connection, contract_id: str, after_s: int) -> None:
    await conn.execute("UPDATE hold SET settle_at = now() + make_interval(secs => $2) WHERE contract_id = $1", contract_id, after_s)


async def due_holds(conn: Connection, limit: int = 100) -> list[str]:
    """Contracts whose hold is to be settled or has run out, locked.

    What is disputed stays, and what another replica is at is left to it.
    """
    rows = await conn.fetch(
        "SELECT contract_id FROM hold h WHERE state = 'held' AND (expires_at < now() OR settle_at <= now())"
        " AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.contract_id = h.contract_id AND d.status IN ('open', 'under_review'))"
        " ORDER BY least(expires_at, settle_at) LIMIT $1 FOR UPDATE SKIP LOCKED",
        limit,
    )
    return [row["contract_id"] for row in rows]


_OF_PARTY: Final = (
    "(terms->>'model_owner_id' = $4 OR terms->'sellers' @> jsonb_build_array(jsonb_build_object('seller_node_id', $4::text)))"
)


async def list_holds(conn: Connection, state: str | None, page: Page, *, party: str | None = None) -> list[Row]:
    """With a `party`, those of its contracts alone."""
    rows = await conn.fetch(
        "SELECT * FROM hold WHERE ($1::text IS NULL OR state = $1) AND ($2::bigint IS NULL OR row_no < $2)"  # noqa: S608
        f" AND ($4::text IS NULL OR {_OF_PARTY}) ORDER BY row_no DESC LIMIT $3",
        state,
        page.before,
        page.fetch,
        party,
    )
    return [{**row, "delivered": _hold(row).delivered} for row in rows]


async def hold_sums(conn: Connection | Pool) -> dict[str, tuple[int, int]]:
    """Number and micro-credits of holds by state."""
    rows = await conn.fetch("SELECT state, count(*) AS n, coalesce(sum(amount), 0)::bigint AS total FROM hold GROUP BY state")
    return {row["state"]: (row["n"], row["total"]) for row in rows}


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


# --- disputes ---------------------------------------------------------------------------------------------------------
async def insert_dispute(conn: Connection, dispute_id: str, contract_id: str, reporter: str, reason: str) -> Row:
    row = await conn.fetchrow(
        "INSERT INTO dispute (dispute_id, contract_id, reporter, reason) VALUES ($1, $2, $3, $4) RETURNING *",
        dispute_id,
        contract_id,
        reporter,
        reason,
    )
    return dict(row) if row is not None else {}


async def get_dispute(conn: Connection, dispute_id: str) -> Row | None:
    row = await conn.fetchrow("SELECT * FROM dispute WHERE dispute_id = $1", dispute_id)
    return None if row is None else dict(row)


async def lock_dispute(conn: Connection, dispute_id: str) -> Row | None:
    row = await conn.fetchrow("SELECT * FROM dispute WHERE dispute_id = $1 FOR UPDATE", dispute_id)
    return None if row is None else dict(row)


async def update_dispute(conn: Connection, dispute_id: str, *, status: str, actor: str, note: str) -> Row:
    row = await conn.fetchrow(
        "UPDATE dispute SET status = $2, actor = $3, resolution_note = $4, updated_at = now() WHERE dispute_id = $1 RETURNING *",
        dispute_id,
        status,
        actor,
        note,
    )
    return dict(row) if row is not None else {}


async def list_disputes(
    conn: Connection, status: str | None, contract_id: str | None, page: Page, *, party: str | None = None
) -> list[Row]:
    """With a `party`, those of its contracts alone."""
    rows = await conn.fetch(
        "SELECT d.* FROM dispute d JOIN hold h USING (contract_id) WHERE ($1::text IS NULL OR status = $1)"  # noqa: S608
        " AND ($2::text IS NULL OR contract_id = $2) AND ($3::bigint IS NULL OR d.row_no < $3)"
        f" AND ($4::text IS NULL OR {_OF_PARTY}) ORDER BY d.row_no DESC LIMIT $5",
        status,
        contract_id,
        page.before,
        party,
        page.fetch,
    )
    return [dict(row) for row in rows]


async def is_disputed(conn: Connection, contract_id: str) -> bool:
    return bool(
        await conn.fetchval(
            "SELECT EXISTS (SELECT 1 FROM dispute WHERE contract_id = $1 AND status IN ('open', 'under_review'))", contract_id
        )
    )


async def dispute_counts(conn: Connection | Pool) -> dict[str, int]:
    return {row["status"]: row["n"] for row in await conn.fetch("SELECT status, count(*) AS n FROM dispute GROUP BY status")}


async def overdue_disputes(conn: Connection, after_s: int) -> list[Row]:
    """Marks disputes that have been open for too long; each is returned once."""
    rows = await conn.fetch(
        "UPDATE dispute SET overdue_at = now() WHERE dispute_id IN ("
        "  SELECT dispute_id FROM dispute WHERE status IN ('open', 'under_review') AND overdue_at IS NULL"
        "  AND created_at < now() - make_interval(secs => $1) ORDER BY dispute_id LIMIT 100 FOR UPDATE SKIP LOCKED"
        ") RETURNING *",
        after_s,
    )
    return [dict(row) for row in rows]


# --- withdrawals ------------------------------------------------------------------------------------------------------
async def insert_withdrawal(conn: Connection, withdrawal_id: str, participant: str, amount: int, note: str) -> Row:
    row = await conn.fetchrow(
        "INSERT INTO withdrawal (withdrawal_id, participant, amount, note) VALUES ($1, $2, $3, $4) RETURNING *",
        withdrawal_id,
        participant,
        amount,
        note,
    )
    return dict(row) if row is not None else {}


async def lock_withdrawal(conn: Connection, withdrawal_id: str) -> Row | None:
    row = await conn.fetchrow("SELECT * FROM withdrawal WHERE withdrawal_id = $1 FOR UPDATE", withdrawal_id)
    return None if row is None else dict(row)


async def end_withdrawal(conn: Connection, withdrawal_id: str, *, status: str, actor: str, note: str) -> Row:
    row = await conn.fetchrow(
        "UPDATE withdrawal SET status = $2, actor = $3, note = CASE WHEN $4 = '' THEN note ELSE $4 END, updated_at = now()"
        " WHERE withdrawal_id = $1 RETURNING *",
        withdrawal_id,
        status,
        actor,
        note,
    )
    return dict(row) if row is not None else {}


async def list_withdrawals(conn: Connection, status: str | None, participant: str | None, page: Page) -> list[Row]:
    rows = await conn.fetch(
        "SELECT * FROM withdrawal WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR participant = $2)"
        " AND ($3::bigint IS NULL OR row_no < $3) ORDER BY row_no DESC LIMIT $4",
        status,
        participant,
        page.before,
        page.fetch,
    )
    return [dict(row) for row in rows]
