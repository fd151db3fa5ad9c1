"""Every statement of the marketplace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.marketplace.timeline import Entry
from shared.kit.db import Connection, Pool
from shared.kit.paging import Page

Row = Mapping[str, Any]


async def _one(conn: Connection, query: str, *values: Any) -> Row | None:
    row = await conn.fetchrow(query, *values)
    return None if row is None else dict(row)


async def _many(conn: Connection | Pool, query: str, *values: Any) -> list[Row]:
    return [dict(row) for row in await conn.fetch(query, *values)]


OFFER_FIELDS: Final = (
    "seller_node_id",
    "dataset_fingerprint",
    "title",
    "description",
    "modality",
    "label_schema",
    "sample_count",
    "quality_score",
    "privacy_profile",
    "allowed_tasks",
    "attestation_status",
    "price_per_round",
    "min_rounds",
    "min_payout_share",
    "expires_at",
    "status",
    "measurements",
    "quality_source",
)
INTENT_FIELDS: Final = (
    "round_id",
    "model_owner_id",
    "task_type",
    "required_modalities",
    "min_quality_score",
    "budget_total",
    "rounds",
    "deadline_ts",
    "training",
    "settlement",
    "dispute_window_s",
    "settlement_rule",
)


async def _insert(conn: Connection, table: str, columns: Sequence[str], values: Mapping[str, Any]) -> Row:
    marks = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    row = await _one(
        conn,
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) RETURNING *",  # noqa: S608 - names are this file's own
        *(values[column] for column in columns),
    )
    assert row is not None
    return row


async def _list(
    conn: Connection, table: str, filters: Mapping[str, Any], page: Page, whose: str = "true", owner: str | None = None
) -> list[Row]:
    """Rows that equal every given filter, newest first. `seller_node_ids` asks for membership. With an `owner`, `whose` is a
    condition on $1."""
    where: list[str] = ["true"] if owner is None else [whose]
    values: list[Any] = [] if owner is None else [owner]
    for column, value in filters.items():
        if value is None:
            continue
        values.append(value)
        where.append(f"{column} @> ARRAY[${len(values)}]" if column == "seller_node_ids" else f"{column} = ${len(values)}")
    if page.before is not None:
        values.append(page.before)
        where.append(f"row_no < ${len(values)}")
    values.append(page.fetch)
    return await _many(
        conn,
        f"SELECT * FROM {table} WHERE {' AND '.join(where)} ORDER BY row_no DESC LIMIT ${len(values)}",  # noqa: S608
        *values,
    )


# --- offers -----------------------------------------------------------------------------------------------------------
async def insert_offer(conn: Connection, offer: Mapping[str, Any]) -> Row:
    return await _insert(conn, "offer", ("offer_id", *OFFER_FIELDS), offer)


async def get_offer(conn: Connection, offer_id: str, *, lock: bool = False) -> Row | None:
    return await _one(conn, f"SELECT * FROM offer WHERE offer_id = $1{' FOR UPDATE' if lock else ''}", offer_id)  # noqa: S608


async def update_offer(conn: Connection, offer_id: str, changes: Mapping[str, Any]) -> Row:
    """The offer with `changes` and a version one higher. The caller holds its lock."""
    sets = ", ".join(f"{column} = ${n}" for n, column in enumerate(changes, start=2))
    row = await _one(
        conn,
        f"UPDATE offer SET {sets}, version = version + 1, updated_at = now() WHERE offer_id = $1 RETURNING *",  # noqa: S608
        offer_id,
        *changes.values(),
    )
    assert row is not None
    return row


async def mark_faulty(conn: Connection, offer_ids: Sequence[str], fault: str) -> list[Row]:
    """Pauses these offers because of a fault that training found; those that say so already stay as they are."""
    return await _many(
        conn,
        "UPDATE offer SET fault = $2, status = CASE status WHEN 'active' THEN 'paused' ELSE status END, version = version + 1,"
        " updated_at = now() WHERE offer_id = ANY($1) AND fault <> $2 RETURNING *",
        offer_ids,
        fault,
    )


async def add_refusals(conn: Connection, contract_id: str, found: Mapping[tuple[str, str], int]) -> None:
    """Adds rounds that nodes refused, by (offer, code)."""
    await conn.execute(
        "INSERT INTO node_refusal AS known (offer_id, contract_id, error_code, rounds)"
        " SELECT offer_id, $1::text, error_code, rounds FROM unnest($2::text[], $3::text[], $4::int[]) AS f (offer_id, error_code, rounds)"
        " ORDER BY offer_id, error_code"
        " ON CONFLICT (offer_id, contract_id, error_code) DO UPDATE SET rounds = known.rounds + excluded.rounds, last_at = now()",
        contract_id,
        [offer_id for offer_id, _ in found],
        [error_code for _, error_code in found],
        list(found.values()),
    )


async def refusals_of(
    conn: Connection, offer_ids: Sequence[str], round_intent_id: str, model_owner_id: str, *, private: str, window_s: int
) -> list[Row]:
    """What nodes of these offers, and of the intent's own contracts, refused lately. The code `private` is for the refused owner alone."""
    return await _many(
        conn,
        "SELECT offer_id, error_code, sum(r.rounds)::int AS rounds, max(last_at) AS last_at"
        " FROM node_refusal r JOIN contract USING (contract_id)"
        " WHERE (offer_id = ANY($1) OR round_intent_id = $2) AND (error_code <> $4 OR model_owner_id = $3)"
        " AND last_at > now() - make_interval(secs => $5)"
        " GROUP BY offer_id, error_code ORDER BY offer_id, error_code",
        offer_ids,
        round_intent_id,
        model_owner_id,
        private,
        window_s,
    )


OFFER_SORTS: Final = {
    "newest": ("row_no", "DESC"),
    "price": ("price_per_round", "ASC"),
    "-price": ("price_per_round", "DESC"),
    "quality": ("quality_score", "ASC"),
    "-quality": ("quality_score", "DESC"),
    "samples": ("sample_count", "ASC"),
    "-samples": ("sample_count", "DESC"),
}
_SEARCHED: Final = "concat_ws(' ', title, seller_node_id, offer_id, dataset_fingerprint, description)"


async def list_offers(
    conn: Connection, filters: Mapping[str, Any], page: Page, *, q: str | None = None, sort: str = "newest"
) -> list[Row]:
    """Offers that equal every given filter and contain `q`. A page goes on after the row `page.before`, wherever that stands now."""
    column, direction = OFFER_SORTS[sort]
    where, values = ["true"], []
    for name, value in filters.items():
        if value is not None:
            values.append(value)
            where.append(f"{name} = ${len(values)}")
    if q:
        values.append("%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
        where.append(f"{_SEARCHED} ILIKE ${len(values)}")
    if page.before is not None:
        values.append(page.before)
        after = f"(SELECT {column}, row_no FROM offer WHERE row_no = ${len(values)})"  # noqa: S608
        where.append(f"({column}, row_no) {'<' if direction == 'DESC' else '>'} {after}")
    values.append(page.fetch)
    return await _many(
        conn,
        f"SELECT * FROM offer WHERE {' AND '.join(where)}"  # noqa: S608 - names are this file's own
        f" ORDER BY {column} {direction}, row_no {direction} LIMIT ${len(values)}",
        *values,
    )


async def share_offers(conn: Connection, offer_ids: Sequence[str]) -> list[Row]:
    """The version, status, floor and label schema of these offers, kept from changing until the transaction ends."""
    return await _many(
        conn,
        "SELECT offer_id, version, status, min_payout_share, label_schema FROM offer"
        " WHERE offer_id = ANY($1) ORDER BY offer_id FOR SHARE",
        offer_ids,
    )


# --- intents ----------------------------------------------------------------------------------------------------------
async def insert_intent(conn: Connection, intent: Mapping[str, Any]) -> Row:
    return await _insert(conn, "round_intent", ("round_intent_id", *INTENT_FIELDS, "policy", "status"), intent)


async def get_intent(conn: Connection, round_intent_id: str, *, lock: bool = False) -> Row | None:
    return await _one(
        conn,
        f"SELECT * FROM round_intent WHERE round_intent_id = $1{' FOR UPDATE' if lock else ''}",  # noqa: S608
        round_intent_id,
    )


async def update_intent(conn: Connection, round_intent_id: str, changes: Mapping[str, Any]) -> Row:
    sets = ", ".join(f"{column} = ${n}" for n, column in enumerate(changes, start=2))
    row = await _one(
        conn,
        f"UPDATE round_intent SET {sets}, updated_at = now() WHERE round_intent_id = $1 RETURNING *",  # noqa: S608
        round_intent_id,
        *changes.values(),
    )
    assert row is not None
    return row


async def list_intents(conn: Connection, filters: Mapping[str, Any], page: Page, *, owner: str | None = None) -> list[Row]:
    return await _list(conn, "round_intent", filters, page, "model_owner_id = $1", owner)


async def recent_intents(conn: Connection, offer_id: str, *, window_s: int, limit: int) -> list[Row]:
    """The newest intents of the last `window_s` seconds, how many offers each match could take, and whether it took this one."""
    return await _many(
        conn,
        "SELECT i.*, (d.record #>> '{question,policy,max_offers}')::int AS max_offers,"
        " coalesce(c.selected_offers @> $3, false) AS contracted"
        " FROM (SELECT * FROM round_intent ORDER BY row_no DESC LIMIT $2) i"
        " LEFT JOIN contract c ON c.round_intent_id = i.round_intent_id AND c.escrow_status <> 'rejected'"
        " LEFT JOIN decision d ON d.contract_id = c.contract_id"
        " WHERE i.created_at > now() - $1 * interval '1 second' ORDER BY i.row_no DESC",
        window_s,
        limit,
        [{"offer_id": offer_id}],
    )


async def expire_intents(conn: Connection, now: int, limit: int = 500) -> list[Row]:
    """Open intents whose deadline has passed become expired; a row that another replica is at is left to it."""
    return await _many(
        conn,
        "UPDATE round_intent SET status = 'expired', updated_at = now() WHERE round_intent_id IN ("
        "  SELECT round_intent_id FROM round_intent WHERE status = 'open' AND deadline_ts < $1"
        "  ORDER BY deadline_ts LIMIT $2 FOR UPDATE SKIP LOCKED"
        ") RETURNING round_intent_id, model_owner_id",
        now,
        limit,
    )


# --- contracts --------------------------------------------------------------------------------------------------------
async def insert_contract(conn: Connection, contract: Mapping[str, Any]) -> Row:
    columns = (
        "contract_id",
        "round_intent_id",
        "round_id",
        "model_owner_id",
        "task_type",
        "rounds",
        "selected_offers",
        "seller_node_ids",
        "agreed_price_per_round_total",
        "escrow_total",
        "settlement",
        "dispute_window_s",
        "settlement_rule",
        "selection_diagnostics",
        "training",
    )
    return await _insert(conn, "contract", columns, contract)


async def get_contract(conn: Connection, contract_id: str, *, lock: bool = False) -> Row | None:
    return await _one(
        conn,
        f"SELECT * FROM contract WHERE contract_id = $1{' FOR UPDATE' if lock else ''}",  # noqa: S608
        contract_id,
    )


async def update_contract(conn: Connection, contract_id: str, changes: Mapping[str, Any]) -> None:
    sets = "".join(f"{column} = ${n}, " for n, column in enumerate(changes, start=2))
    await conn.execute(f"UPDATE contract SET {sets}updated_at = now() WHERE contract_id = $1", contract_id, *changes.values())  # noqa: S608


async def list_contracts(conn: Connection, filters: Mapping[str, Any], page: Page, *, party: str | None = None) -> list[Row]:
    return await _list(conn, "contract", filters, page, "(model_owner_id = $1 OR seller_node_ids @> ARRAY[$1])", party)


# --- decisions --------------------------------------------------------------------------------------------------------
async def snapshot(conn: Connection) -> str:
    """Which transactions are committed now: those whose offers a question sees that is asked from now on."""
    return str(await conn.fetchval("SELECT pg_current_snapshot()::text"))


async def insert_decision(conn: Connection, contract_id: str, record: Mapping[str, Any], hash_: str, asked_at: str) -> None:
    await conn.execute(
        "INSERT INTO decision (contract_id, record, hash, asked_at) VALUES ($1, $2, $3, $4)",
        contract_id,
        dict(record),
        hash_,
        asked_at,
    )


async def get_decision(conn: Connection, contract_id: str) -> Row | None:
    return await _one(conn, "SELECT * FROM decision WHERE contract_id = $1", contract_id)


# --- timelines --------------------------------------------------------------------------------------------------------
async def insert_entry(conn: Connection, contract_id: str, entry: Entry) -> None:
    await conn.execute(
        "INSERT INTO timeline_event (contract_id, seq, ts, at, event, actor, data, prev_hash, hash)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        contract_id,
        entry.seq,
        entry.ts,
        entry.at,
        entry.event,
        entry.actor,
        dict(entry.data),
        entry.prev_hash,
        entry.hash,
    )


async def get_timeline(conn: Connection, contract_id: str) -> list[Row]:
    return await _many(conn, "SELECT * FROM timeline_event WHERE contract_id = $1 ORDER BY seq", contract_id)


async def get_timelines(conn: Connection, contract_ids: Sequence[str]) -> dict[str, list[Row]]:
    """The timelines of several contracts in one question."""
    found: dict[str, list[Row]] = {contract_id: [] for contract_id in contract_ids}
    for row in await _many(
        conn, "SELECT * FROM timeline_event WHERE contract_id = ANY($1) ORDER BY contract_id, seq", contract_ids
    ):
        found[row["contract_id"]].append(row)
    return found


async def has_step(pool: Pool, contract_id: str, steps: Sequence[str]) -> bool:
    return bool(
        await pool.fetchval(
            "SELECT EXISTS (SELECT 1 FROM timeline_event WHERE contract_id = $1 AND event = ANY($2))", contract_id, steps
        )
    )


# --- the market in numbers --------------------------------------------------------------------------------------------
async def count_by(conn: Connection | Pool, table: str, column: str) -> dict[str, int]:
    rows = await _many(conn, f"SELECT {column} AS status, count(*) AS n FROM {table} GROUP BY 1")  # noqa: S608
    return {row["status"]: row["n"] for row in rows}


async def escrow_sums(conn: Connection | Pool) -> dict[str, int]:
    """Micro-credits of all contracts by escrow status; of released ones what the providers got."""
    rows = await _many(
        conn, "SELECT escrow_status AS status, sum(coalesce(paid_out, escrow_total))::bigint AS total FROM contract GROUP BY 1"
    )
    return {row["status"]: row["total"] for row in rows}
