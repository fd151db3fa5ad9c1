"""Every statement about what is claimed of the ledger's money: contracts' holds, disputes about them, withdrawals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from services.escrow.domain import Hold, HoldState
from services.escrow.ledger import Row, columns
from shared.contracts.events import ContractTerms
from shared.kit.db import Connection, Pool
from shared.kit.paging import Page


# --- holds ------------------------------------------------------------------------------------------------------------
async def held_by(conn: Connection, participant: str) -> int:
    total: int = await conn.fetchval(
        "SELECT coalesce(sum(amount), 0)::bigint FROM hold WHERE model_owner_id = $1 AND state = 'held'", participant
    )
    return total


async def insert_holds(conn: Connection, rows: Sequence[tuple[ContractTerms, str, HoldState]], *, expires_at: datetime) -> None:
    """Holds of contracts that have none: (terms, hold id, state)."""
    holds = [
        (terms.contract_id, hold_id, terms.model_owner_id, terms.escrow_total, state, terms.model_dump(mode="json"))
        for terms, hold_id, state in rows
    ]
    await conn.execute(
        "INSERT INTO hold (contract_id, hold_id, model_owner_id, amount, state, terms, expires_at)"
        " SELECT *, $7 FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::jsonb[])",
        *columns(holds, 6),
        expires_at,
    )


async def known_holds(conn: Connection, contract_ids: Sequence[str]) -> set[str]:
    rows = await conn.fetch("SELECT contract_id FROM hold WHERE contract_id = ANY($1)", list(contract_ids))
    return {row["contract_id"] for row in rows}


async def lock_holds(conn: Connection, contract_ids: Iterable[str]) -> dict[str, Hold]:
    """The contracts' holds, locked in the order of the contracts' ids; nothing of a contract that has none."""
    rows = await conn.fetch(
        'SELECT * FROM hold WHERE contract_id = ANY($1) ORDER BY contract_id COLLATE "C" FOR UPDATE', sorted(set(contract_ids))
    )
    return {row["contract_id"]: _hold(row) for row in rows}


async def lock_hold(conn: Connection, contract_id: str) -> Hold | None:
    return (await lock_holds(conn, [contract_id])).get(contract_id)


async def get_hold(conn: Connection, contract_id: str) -> Row | None:
    """A hold to look at, unlocked: the row, and as `hold` what decisions need of it."""
    row = await conn.fetchrow("SELECT * FROM hold WHERE contract_id = $1", contract_id)
    return None if row is None else {**row, "hold": _hold(row)}


def _hold(row: Any) -> Hold:
    return Hold(
        contract_id=row["contract_id"],
        state=HoldState(row["state"]),
        amount=row["amount"],
        terms=ContractTerms.model_validate(row["terms"]),
        runs=row["runs"],
        settle=row["settle_at"] is not None,
        contributions=row["contributions"],
    )


async def resolve_holds(conn: Connection, rows: Sequence[tuple[Hold, HoldState, Mapping[str, Any]]]) -> None:
    """(hold, state, what was paid), with what the hold knows of its runs. The caller holds the locks and has checked the states."""
    await conn.execute(
        "UPDATE hold h SET state = v.state, result = v.result, runs = v.runs, contributions = v.contributions, resolved_at = now()"
        " FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::jsonb[], $5::jsonb[])"
        " AS v (contract_id, state, result, runs, contributions)"
        " WHERE h.contract_id = v.contract_id AND h.state = 'held'",
        *columns([(hold.contract_id, state, result, hold.runs, hold.contributions) for hold, state, result in rows], 5),
    )


async def keep_runs(conn: Connection, holds: Iterable[Hold]) -> None:
    """Keeps what is known of the runs of locked holds."""
    await conn.execute(
        "UPDATE hold h SET runs = v.runs, contributions = v.contributions"
        " FROM unnest($1::text[], $2::jsonb[], $3::jsonb[]) AS v (contract_id, runs, contributions)"
        " WHERE h.contract_id = v.contract_id",
        *columns([(hold.contract_id, hold.runs, hold.contributions) for hold in holds], 3),
    )


async def set_terms(conn: Connection, rows: Sequence[ContractTerms]) -> None:
    """What was agreed anew about locked holds."""
    await conn.execute(
        "UPDATE hold h SET terms = v.terms FROM unnest($1::text[], $2::jsonb[]) AS v (contract_id, terms)"
        " WHERE h.contract_id = v.contract_id",
        *columns([(terms.contract_id, terms.model_dump(mode="json")) for terms in rows], 2),
    )


async def set_settlements(conn: Connection, rows: Sequence[tuple[str, int]]) -> None:
    """(contract id, seconds from now) of contracts that are to be settled by themselves later."""
    await conn.execute(
        "UPDATE hold h SET settle_at = now() + make_interval(secs => v.after_s)"
        " FROM unnest($1::text[], $2::int[]) AS v (contract_id, after_s) WHERE h.contract_id = v.contract_id",
        *columns(rows, 2),
    )


async def due_holds(conn: Connection, limit: int = 100) -> list[str]:
    """Contracts whose hold is to be settled or has run out, locked.

    What is disputed or being trained stays, and what another replica is at is left to it.
    """
    rows = await conn.fetch(
        "SELECT contract_id FROM hold h WHERE state = 'held' AND (settle_at <= now()"
        "  OR expires_at < now() AND NOT jsonb_path_exists(runs, '$.* ? (@ == null)'))"
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
        "SELECT * FROM hold WHERE ($1::text IS NULL OR state = $1) AND row_no < $2"  # noqa: S608
        f" AND ($4::text IS NULL OR {_OF_PARTY}) ORDER BY row_no DESC LIMIT $3",
        state,
        page.older_than,
        page.fetch,
        party,
    )
    return [{**row, "delivered": _hold(row).delivered} for row in rows]


async def hold_sums(conn: Connection | Pool) -> dict[str, tuple[int, int]]:
    """Number and micro-credits of holds by state."""
    rows = await conn.fetch("SELECT state, count(*) AS n, coalesce(sum(amount), 0)::bigint AS total FROM hold GROUP BY state")
    return {row["state"]: (row["n"], row["total"]) for row in rows}


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
        " AND ($2::text IS NULL OR contract_id = $2) AND d.row_no < $3"
        f" AND ($4::text IS NULL OR {_OF_PARTY}) ORDER BY d.row_no DESC LIMIT $5",
        status,
        contract_id,
        page.older_than,
        party,
        page.fetch,
    )
    return [dict(row) for row in rows]


async def disputed(conn: Connection, contract_ids: Iterable[str]) -> set[str]:
    """Those of the contracts that have an open dispute."""
    rows = await conn.fetch(
        "SELECT DISTINCT contract_id FROM dispute WHERE contract_id = ANY($1) AND status IN ('open', 'under_review')",
        list(contract_ids),
    )
    return {row["contract_id"] for row in rows}


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
        " AND row_no < $3 ORDER BY row_no DESC LIMIT $4",
        status,
        participant,
        page.older_than,
        page.fetch,
    )
    return [dict(row) for row in rows]
