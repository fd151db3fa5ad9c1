"""Every statement of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.kit.db import Connection, Pool
from shared.kit.paging import Page

Row = Mapping[str, Any]


async def _one(conn: Connection | Pool, query: str, *values: Any) -> Row | None:
    row = await conn.fetchrow(query, *values)
    return None if row is None else dict(row)


async def _many(conn: Connection | Pool, query: str, *values: Any) -> list[Row]:
    return [dict(row) for row in await conn.fetch(query, *values)]


# --- participants -----------------------------------------------------------------------------------------------------
async def ensure_participant(conn: Connection, participant_id: str) -> bool:
    """True when it is new."""
    return bool(
        await conn.fetchval(
            "INSERT INTO participant (participant_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true", participant_id
        )
    )


async def list_participants(conn: Connection, page: Page) -> list[Row]:
    return await _many(
        conn,
        "SELECT * FROM participant WHERE ($1::bigint IS NULL OR row_no < $1) ORDER BY row_no DESC LIMIT $2",
        page.before,
        page.fetch,
    )


async def revoke_participant(conn: Connection, participant_id: str) -> Row | None:
    """The participant, locked out together with each of its keys; the first time counts."""
    return await _one(
        conn,
        "UPDATE participant SET revoked_at = coalesce(revoked_at, now()) WHERE participant_id = $1 RETURNING *",
        participant_id,
    )


# --- keys -------------------------------------------------------------------------------------------------------------
async def insert_key(conn: Connection, key: Mapping[str, Any]) -> Row:
    row = await _one(
        conn,
        "INSERT INTO api_key (key_id, secret_sha256, participant_id, role, label, created_by, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7)) RETURNING *",
        key["key_id"],
        key["secret_sha256"],
        key["participant_id"],
        key["role"],
        key["label"],
        key["created_by"],
        key["expires_in_s"],
    )
    assert row is not None
    return row


async def usable_key(pool: Pool, key_id: str) -> Row | None:
    """The key, unless it or its participant is revoked or it has expired."""
    return await _one(
        pool,
        "SELECT k.*, k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS stale"
        " FROM api_key k JOIN participant p USING (participant_id)"
        " WHERE key_id = $1 AND k.revoked_at IS NULL AND p.revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())",
        key_id,
    )


async def note_use(pool: Pool, key_id: str) -> None:
    await pool.execute("UPDATE api_key SET last_used_at = now() WHERE key_id = $1", key_id)


async def list_keys(conn: Connection, participant_id: str | None, page: Page) -> list[Row]:
    return await _many(
        conn,
        "SELECT * FROM api_key WHERE ($1::text IS NULL OR participant_id = $1) AND ($2::bigint IS NULL OR row_no < $2)"
        " ORDER BY row_no DESC LIMIT $3",
        participant_id,
        page.before,
        page.fetch,
    )


async def lock_key(conn: Connection, key_id: str) -> Row | None:
    return await _one(conn, "SELECT * FROM api_key WHERE key_id = $1 FOR UPDATE", key_id)


async def revoke_key(conn: Connection, key_id: str) -> Row:
    row = await _one(conn, "UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE key_id = $1 RETURNING *", key_id)
    assert row is not None
    return row
