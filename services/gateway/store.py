"""Every statement of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.gateway import chain
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
        "SELECT * FROM participant WHERE row_no < $1 ORDER BY row_no DESC LIMIT $2",
        page.older_than,
        page.fetch,
    )


async def revoke_participant(conn: Connection, participant_id: str) -> Row | None:
    """The participant, locked out together with each of its keys; the first time counts."""
    return await _one(
        conn,
        "UPDATE participant SET revoked_at = coalesce(revoked_at, now()) WHERE participant_id = $1 RETURNING *",
        participant_id,
    )


async def is_locked_out(pool: Pool | Connection, participant_id: str) -> bool:
    """Whether the participant is revoked; one that is not known yet gets its row, so that it can be."""
    return bool(
        await pool.fetchval(
            "WITH known AS (SELECT revoked_at FROM participant WHERE participant_id = $1), added AS ("
            "INSERT INTO participant (participant_id) SELECT $1 WHERE NOT EXISTS (SELECT FROM known) ON CONFLICT DO NOTHING)"
            " SELECT revoked_at IS NOT NULL FROM known",
            participant_id,
        )
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
        "SELECT * FROM api_key WHERE ($1::text IS NULL OR participant_id = $1) AND row_no < $2 ORDER BY row_no DESC LIMIT $3",
        participant_id,
        page.older_than,
        page.fetch,
    )


async def seconds_left(conn: Connection, key_id: str) -> float | None:
    """Until the key ends by itself; None where it does not."""
    left: float | None = await conn.fetchval(
        "SELECT greatest(extract(epoch FROM expires_at - now()), 0)::float8 FROM api_key WHERE key_id = $1", key_id
    )
    return left


async def lock_key(conn: Connection, key_id: str) -> Row | None:
    return await _one(conn, "SELECT * FROM api_key WHERE key_id = $1 FOR UPDATE", key_id)


async def revoke_key(conn: Connection, key_id: str) -> Row:
    row = await _one(conn, "UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE key_id = $1 RETURNING *", key_id)
    assert row is not None
    return row


# --- sessions ---------------------------------------------------------------------------------------------------------
async def insert_session(conn: Connection, session: Mapping[str, Any]) -> None:
    """Takes the room of those that are over."""
    await conn.execute("DELETE FROM session WHERE expires_at <= now()")
    await _insert(conn, "session", session)


async def usable_session(pool: Pool, session_id: str) -> Row | None:
    """The session with its holder, unless it is over or its key or participant opens nothing any more.

    A role's bootstrap key has no row; a session that no key was given for says itself who holds it.
    """
    return await _one(
        pool,
        "SELECT s.secret_sha256, s.key_id, coalesce(s.role, k.role) AS role, p.participant_id, k.key_id IS NOT NULL"
        " AND (k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute') AS stale"
        " FROM session s LEFT JOIN api_key k USING (key_id)"
        " LEFT JOIN participant p ON p.participant_id = coalesce(s.participant_id, k.participant_id)"
        " WHERE session_id = $1 AND s.expires_at > now() AND k.revoked_at IS NULL AND p.revoked_at IS NULL"
        " AND (k.expires_at IS NULL OR k.expires_at > now())",
        session_id,
    )


async def delete_session(conn: Connection, session_id: str) -> None:
    await conn.execute("DELETE FROM session WHERE session_id = $1", session_id)


async def begin_sign_in(conn: Connection, digest: bytes, lasts_s: int) -> None:
    """Takes the room of those that nobody came back from."""
    await conn.execute("DELETE FROM oidc_sign_in WHERE expires_at <= now()")
    await _insert(conn, "oidc_sign_in", {"secret_sha256": digest, "valid_for_s": lasts_s})


async def take_sign_in(conn: Connection, digest: bytes) -> bool:
    """Whether it was underway; it is no more."""
    query = "DELETE FROM oidc_sign_in WHERE secret_sha256 = $1 RETURNING expires_at > now()"
    return bool(await conn.fetchval(query, digest))


# --- joining ----------------------------------------------------------------------------------------------------------
_IDS: Final = {"invite_request": "request_id", "invite": "invite_id", "registration": "registration_id"}


async def list_rows(conn: Connection, table: str, page: Page) -> list[Row]:
    """Newest first."""
    assert table in _IDS
    query = f"SELECT * FROM {table} WHERE row_no < $1 ORDER BY row_no DESC LIMIT $2"  # noqa: S608
    return await _many(conn, query, page.older_than, page.fetch)


async def lock_row(conn: Connection, table: str, wanted: str) -> Row | None:
    return await _one(conn, f"SELECT * FROM {table} WHERE {_IDS[table]} = $1 FOR UPDATE", wanted)  # noqa: S608


async def revoke_row(conn: Connection, table: str, wanted: str) -> Row:
    """The first time counts."""
    query = f"UPDATE {table} SET revoked_at = coalesce(revoked_at, now()) WHERE {_IDS[table]} = $1 RETURNING *"  # noqa: S608
    row = await _one(conn, query, wanted)
    assert row is not None
    return row


async def _insert(conn: Connection, table: str, values: Mapping[str, Any]) -> Row:
    """`valid_for_s` becomes a time from now."""
    columns = [name for name in values if name != "valid_for_s"]
    marks = [f"${number}" for number in range(1, len(columns) + 1)]
    given = [values[name] for name in columns]
    if "valid_for_s" in values:
        columns, marks = [*columns, "expires_at"], [*marks, f"now() + make_interval(secs => ${len(marks) + 1})"]
        given.append(values["valid_for_s"])
    query = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(marks)}) RETURNING *"  # noqa: S608 - names are ours
    row = await _one(conn, query, *given)
    assert row is not None
    return row


async def insert_request(conn: Connection, request: Mapping[str, Any]) -> Row:
    return await _insert(conn, "invite_request", request)


async def insert_invite(conn: Connection, invite: Mapping[str, Any]) -> Row:
    return await _insert(conn, "invite", invite)


async def insert_registration(conn: Connection, registration: Mapping[str, Any]) -> Row:
    return await _insert(conn, "registration", registration)


async def list_requests(conn: Connection, status: str | None, q: str | None, page: Page, *, oldest_first: bool) -> list[Row]:
    sign, order = (">", "ASC") if oldest_first else ("<", "DESC")
    query = (
        "SELECT * FROM invite_request WHERE ($1::text IS NULL OR status = $1)"  # noqa: S608 - this file's own
        " AND ($2::text IS NULL OR strpos(lower(concat_ws(' ', contact_email, name, note)), lower($2)) > 0)"
        f" AND ($3::bigint IS NULL OR row_no {sign} $3) ORDER BY row_no {order} LIMIT $4"
    )
    return await _many(conn, query, status, q, page.before, page.fetch)


async def decide_request(conn: Connection, request_id: str, *, status: str, by: str, reason: str) -> Row:
    row = await _one(
        conn,
        "UPDATE invite_request SET status = $2, decided_by = $3, reason = $4, decided_at = now() WHERE request_id = $1 RETURNING *",
        request_id,
        status,
        by,
        reason,
    )
    assert row is not None
    return row


async def count_use(conn: Connection, invite_id: str) -> None:
    """The caller holds the lock and has checked that there is a use left."""
    await conn.execute("UPDATE invite SET uses = uses + 1 WHERE invite_id = $1", invite_id)


# --- audit ------------------------------------------------------------------------------------------------------------
async def last_audit(conn: Connection) -> Row | None:
    return await _one(conn, "SELECT * FROM audit ORDER BY seq DESC LIMIT 1")


async def append_audit(conn: Connection, record: Mapping[str, Any]) -> None:
    """One at a time, over all replicas: a chain has one end."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('audit', 3))")
    await _insert(conn, "audit", chain.sealed(record, await last_audit(conn)))


async def list_audit(conn: Connection, actor: str | None, q: str | None, page: Page) -> list[Row]:
    return await _many(
        conn,
        "SELECT * FROM audit WHERE ($1::text IS NULL OR actor = $1)"
        " AND ($2::text IS NULL OR strpos(concat_ws(' ', path, address, key_id, request_id), $2) > 0)"
        " AND seq < $3 ORDER BY seq DESC LIMIT $4",
        actor,
        q,
        page.older_than,
        page.fetch,
    )


async def audit_after(pool: Pool, seq: int, limit: int = 500) -> list[Row]:
    return await _many(pool, "SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2", seq, limit)
