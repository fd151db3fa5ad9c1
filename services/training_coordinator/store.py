"""Every statement of the training coordinator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.training_coordinator.domain import Node, RunState
from services.training_coordinator.grants import Issued
from shared.contracts.events import ContractTerms
from shared.kit.db import Connection, Pool
from shared.kit.paging import Page

Row = Mapping[str, Any]


async def _one(conn: Connection | Pool, query: str, *values: Any) -> Row | None:
    row = await conn.fetchrow(query, *values)
    return None if row is None else dict(row)


async def _many(conn: Connection | Pool, query: str, *values: Any) -> list[Row]:
    return [dict(row) for row in await conn.fetch(query, *values)]


MEASURED: Final = ("label_schema", "missing_values", "duplicates", "holdout_score")


# --- nodes ------------------------------------------------------------------------------------------------------------
async def upsert_node(conn: Connection, node: Mapping[str, Any]) -> bool:
    """Stores what a node says of itself. True when it is new."""
    return bool(
        await conn.fetchval(
            "INSERT INTO node (node_id, name, seller_node_id, public_key, dataset_fingerprint, sample_count, label_histogram,"
            " modality, tasks, sandbox, measurements) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            " ON CONFLICT (public_key) DO UPDATE SET node_id = excluded.node_id, name = excluded.name,"
            " seller_node_id = excluded.seller_node_id, dataset_fingerprint = excluded.dataset_fingerprint,"
            " sample_count = excluded.sample_count, label_histogram = excluded.label_histogram, modality = excluded.modality,"
            " tasks = excluded.tasks, sandbox = excluded.sandbox, measurements = excluded.measurements"
            " RETURNING (xmax = 0)",
            node["node_id"],
            node["name"],
            node["seller_node_id"],
            node["public_key"],
            node["dataset_fingerprint"],
            node["sample_count"],
            node["label_histogram"],
            node["modality"],
            node["tasks"],
            node["sandbox"],
            {name: node.get(name) for name in MEASURED},
        )
    )


async def list_nodes(conn: Connection | Pool) -> list[Row]:
    return await _many(conn, "SELECT * FROM node ORDER BY name, node_id")


async def seller_with_key(conn: Connection, public_key: str) -> str | None:
    found: str | None = await conn.fetchval("SELECT seller_node_id FROM node WHERE public_key = $1", public_key)
    return found


async def set_online(conn: Connection, online: Sequence[str]) -> list[Row]:
    """Notes which nodes are online; returns those for which that changed."""
    return await _many(
        conn,
        "UPDATE node SET online = (node_id = ANY($1)), changed_at = now() WHERE online <> (node_id = ANY($1)) RETURNING *",
        online,
    )


def as_node(row: Row) -> Node:
    return Node(
        node_id=row["node_id"],
        seller_node_id=row["seller_node_id"],
        dataset_fingerprint=row["dataset_fingerprint"],
        sample_count=row["sample_count"],
        sandbox=row["sandbox"],
        online=row["online"],
    )


# --- funded contracts -------------------------------------------------------------------------------------------------
async def insert_funded(conn: Connection, terms: ContractTerms, amount: int) -> None:
    await conn.execute(
        "INSERT INTO funded_contract (contract_id, terms, amount, state) VALUES ($1, $2, $3, 'ready') ON CONFLICT DO NOTHING",
        terms.contract_id,
        terms.model_dump(mode="json"),
        amount,
    )


async def lock_funded(conn: Connection, contract_id: str) -> Row | None:
    return await _one(conn, "SELECT * FROM funded_contract WHERE contract_id = $1 FOR UPDATE", contract_id)


async def lock_next_funded(conn: Connection, *, buyer: str | None = None) -> Row | None:
    """The ready contract (of this buyer) that was locked first and that nobody else is binding right now."""
    return await _one(
        conn,
        "SELECT * FROM funded_contract WHERE state = 'ready' AND open_disputes = 0"
        " AND ($1::text IS NULL OR terms->>'model_owner_id' = $1) ORDER BY row_no LIMIT 1 FOR UPDATE SKIP LOCKED",
        buyer,
    )


async def terms_of(conn: Connection, contract_id: str) -> Any:
    return await conn.fetchval("SELECT terms FROM funded_contract WHERE contract_id = $1", contract_id)


async def set_terms(conn: Connection, terms: ContractTerms) -> None:
    await conn.execute(
        "UPDATE funded_contract SET terms = $2 WHERE contract_id = $1", terms.contract_id, terms.model_dump(mode="json")
    )


async def set_funded(conn: Connection, contract_id: str, state: str) -> None:
    await conn.execute("UPDATE funded_contract SET state = $2 WHERE contract_id = $1", contract_id, state)


async def add_disputes(conn: Connection, contract_id: str, change: int) -> None:
    await conn.execute("UPDATE funded_contract SET open_disputes = open_disputes + $2 WHERE contract_id = $1", contract_id, change)


_OF_PARTY: Final = (
    "($1::text IS NULL OR terms->>'model_owner_id' = $1"
    " OR terms->'sellers' @> jsonb_build_array(jsonb_build_object('seller_node_id', $1::text)))"
)
"""Contracts that are the business of $1, or all where it is null."""


async def next_pending(conn: Connection | Pool, *, party: str | None = None) -> Row | None:
    return await _one(
        conn,
        f"SELECT * FROM funded_contract WHERE state = 'ready' AND open_disputes = 0 AND {_OF_PARTY} ORDER BY row_no LIMIT 1",  # noqa: S608
        party,
    )


async def pending_sum(conn: Connection | Pool) -> Row:
    row = await _one(
        conn,
        "SELECT count(*) AS count, coalesce(sum(amount), 0)::bigint AS escrow_total,"
        " extract(epoch FROM min((terms->>'created_at')::timestamptz))::bigint AS oldest_created_at"
        " FROM funded_contract WHERE state = 'ready' AND open_disputes = 0",
    )
    assert row is not None
    return row


# --- runs -------------------------------------------------------------------------------------------------------------
async def insert_run(conn: Connection, run: Mapping[str, Any]) -> None:
    await conn.execute(
        "INSERT INTO run (run_id, contract_id, round_id, rounds, job, sandbox, token, resumed_from)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        run["run_id"],
        run["contract_id"],
        run["round_id"],
        run["rounds"],
        run["job"],
        run["sandbox"],
        run["token"],
        run["resumed_from"],
    )


async def get_run(conn: Connection | Pool, run_id: str) -> Row | None:
    return await _one(conn, "SELECT * FROM run WHERE run_id = $1", run_id)


async def lock_run(conn: Connection, run_id: str) -> Row | None:
    return await _one(conn, "SELECT * FROM run WHERE run_id = $1 FOR UPDATE", run_id)


async def claim_queued(conn: Connection, *, retry_after_s: float) -> Row | None:
    """A queued run that no runner has tried lately; the caller may try it until `retry_after_s` from now."""
    return await _one(
        conn,
        "UPDATE run SET attempted_at = now() WHERE run_id = ("
        "  SELECT run_id FROM run WHERE state = 'queued' AND NOT stop_requested"
        "  AND (attempted_at IS NULL OR attempted_at < now() - make_interval(secs => $1))"
        "  ORDER BY row_no LIMIT 1 FOR UPDATE SKIP LOCKED"
        ") RETURNING *",
        retry_after_s,
    )


async def active_runs(conn: Connection | Pool) -> list[Row]:
    return await _many(conn, "SELECT * FROM run WHERE state IN ('queued', 'starting', 'running') ORDER BY row_no")


async def run_to_resume(conn: Connection, contract_id: str) -> str | None:
    """The newest run of the contract that completed a round and stored its model."""
    found: str | None = await conn.fetchval(
        "SELECT run.run_id FROM run JOIN model USING (run_id) WHERE contract_id = $1 AND rounds_completed > 0"
        " ORDER BY row_no DESC LIMIT 1",
        contract_id,
    )
    return found


async def rounds_of_contract(conn: Connection, contract_id: str) -> int:
    """Rounds that earlier runs of the contract completed."""
    done: int = await conn.fetchval("SELECT coalesce(sum(rounds_completed), 0)::int FROM run WHERE contract_id = $1", contract_id)
    return done


async def mark_starting(conn: Connection, run_id: str, flower_run_id: str, bundle_sha256: str) -> None:
    """Notes which code was handed over; the state stays where the ServerApp has claimed the run already."""
    await conn.execute(
        "UPDATE run SET bundle_sha256 = $3, flower_run_id = coalesce(flower_run_id, $2),"
        " state = CASE state WHEN 'queued' THEN 'starting' ELSE state END WHERE run_id = $1",
        run_id,
        flower_run_id,
        bundle_sha256,
    )


async def mark_running(conn: Connection, run_id: str, flower_run_id: str) -> None:
    await conn.execute(
        "UPDATE run SET state = 'running', flower_run_id = $2, started_at = now() WHERE run_id = $1", run_id, flower_run_id
    )


async def insert_grants(conn: Connection, run_id: str, issued: Sequence[Issued]) -> None:
    await conn.executemany(
        "INSERT INTO run_grant (run_id, offer_id, node_id, jti, token, expires_at, signed_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [(run_id, g.offer_id, g.node_id, g.jti, g.token, g.expires_at, g.signed_by) for g in issued],
    )


async def grants_of(conn: Connection | Pool, run_ids: Sequence[str]) -> dict[str, list[Row]]:
    """The grants of several runs in one question."""
    found: dict[str, list[Row]] = {run_id: [] for run_id in run_ids}
    for row in await _many(conn, "SELECT * FROM run_grant WHERE run_id = ANY($1) ORDER BY run_id, offer_id", run_ids):
        found[row["run_id"]].append(row)
    return found


async def set_last_outcomes(conn: Connection, run_id: str, outcomes: Sequence[Mapping[str, Any]]) -> None:
    await conn.execute("UPDATE run SET last_outcomes = $2 WHERE run_id = $1", run_id, list(outcomes))


async def mark_finished(conn: Connection, run_id: str, state: RunState, *, reason: str, rounds_completed: int) -> None:
    await conn.execute(
        "UPDATE run SET state = $2, reason = $3, rounds_completed = $4, finished_at = now() WHERE run_id = $1",
        run_id,
        state,
        reason,
        rounds_completed,
    )


async def request_stop(conn: Connection, run_id: str) -> None:
    await conn.execute("UPDATE run SET stop_requested = true WHERE run_id = $1", run_id)


async def chain_of(conn: Connection, run_id: str) -> list[Row]:
    """The run and those whose models it went on with, oldest first."""
    return await _many(
        conn,
        "WITH RECURSIVE chain AS (SELECT run_id, resumed_from, row_no FROM run WHERE run_id = $1"
        " UNION ALL SELECT run.run_id, run.resumed_from, run.row_no FROM run JOIN chain ON run.run_id = chain.resumed_from)"
        " SELECT run_id FROM chain ORDER BY row_no",
        run_id,
    )


_RUN_OF_PARTY: Final = f"($1::text IS NULL OR contract_id IN (SELECT contract_id FROM funded_contract WHERE {_OF_PARTY}))"  # noqa: S608 - this file's own


async def list_runs(
    conn: Connection, contract_id: str | None, state: str | None, page: Page, *, party: str | None = None
) -> list[Row]:
    return await _many(
        conn,
        f"SELECT * FROM run WHERE {_RUN_OF_PARTY}"  # noqa: S608
        " AND ($2::text IS NULL OR contract_id = $2) AND ($3::text IS NULL OR state = $3)"
        " AND row_no < $4 ORDER BY row_no DESC LIMIT $5",
        party,
        contract_id,
        state,
        page.older_than,
        page.fetch,
    )


async def runs_of_contract(conn: Connection, contract_id: str) -> list[Row]:
    return await _many(conn, "SELECT * FROM run WHERE contract_id = $1 ORDER BY row_no", contract_id)


async def last_run(conn: Connection | Pool, *, party: str | None = None) -> Row | None:
    """The active run that began first, else the newest run."""
    return await _one(
        conn,
        f"WITH theirs AS (SELECT * FROM run WHERE {_RUN_OF_PARTY})"  # noqa: S608
        " (SELECT * FROM theirs WHERE state IN ('queued', 'starting', 'running') ORDER BY row_no LIMIT 1)"
        " UNION ALL (SELECT * FROM theirs ORDER BY row_no DESC LIMIT 1) LIMIT 1",
        party,
    )


async def newest_runs(conn: Connection | Pool, count: int) -> list[Row]:
    return await _many(conn, "SELECT * FROM run ORDER BY row_no DESC LIMIT $1", count)


# --- rounds and models ------------------------------------------------------------------------------------------------
async def insert_round(conn: Connection, run_id: str, report: Mapping[str, Any]) -> bool:
    """False when the round was reported before."""
    return bool(
        await conn.fetchval(
            "INSERT INTO run_round (run_id, round, accuracy, loss, seconds, providers, contribution_method)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)"
            " ON CONFLICT DO NOTHING RETURNING true",
            run_id,
            report["round"],
            report["accuracy"],
            report["loss"],
            report["seconds"],
            report["providers"],
            report["contribution_method"],
        )
    )


async def count_round(conn: Connection, run_id: str, number: int) -> None:
    await conn.execute("UPDATE run SET rounds_completed = greatest(rounds_completed, $2) WHERE run_id = $1", run_id, number)


async def rounds_of(conn: Connection | Pool, run_ids: Sequence[str]) -> dict[str, list[Row]]:
    """The rounds of several runs in one question, in order."""
    found: dict[str, list[Row]] = {run_id: [] for run_id in run_ids}
    for row in await _many(conn, "SELECT * FROM run_round WHERE run_id = ANY($1) ORDER BY run_id, round", run_ids):
        found[row["run_id"]].append(row)
    return found


async def upsert_model(conn: Connection, run_id: str, sha256: str, size: int, path: str) -> None:
    await conn.execute(
        "INSERT INTO model (run_id, sha256, size, path) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (run_id) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size, path = excluded.path",
        run_id,
        sha256,
        size,
        path,
    )


async def get_model(conn: Connection | Pool, run_id: str) -> Row | None:
    return await _one(conn, "SELECT * FROM model WHERE run_id = $1", run_id)


async def models_of(conn: Connection | Pool, run_ids: Sequence[str]) -> dict[str, str]:
    return {
        row["run_id"]: row["sha256"]
        for row in await _many(conn, "SELECT run_id, sha256 FROM model WHERE run_id = ANY($1)", run_ids)
    }


async def runs_by_state(conn: Connection | Pool) -> dict[str, int]:
    return {row["state"]: row["n"] for row in await _many(conn, "SELECT state, count(*) AS n FROM run GROUP BY state")}
