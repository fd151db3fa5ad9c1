"""What PostgreSQL's statistics views say. The role needs `pg_monitor` and nothing else."""

from __future__ import annotations

from typing import Final

import asyncpg

from deploy.exporter.family import Family, Found

TIMEOUT_S: Final = 5

# Each statement: its labels as text, then the value.
QUESTIONS: Final = (
    (
        Family("postgres_connections", "Client connections by role and state", ("role", "state")),
        "SELECT usename::text, coalesce(state, 'unknown'), count(*)::float8 FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND usename IS NOT NULL GROUP BY 1, 2",
    ),
    (Family("postgres_connections_limit", "max_connections"), "SELECT current_setting('max_connections')::float8"),
    (
        Family("postgres_oldest_transaction_seconds", "Age of the oldest open transaction"),
        "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    ),
    (
        Family("postgres_waiting_for_locks", "Sessions that wait for a lock"),
        "SELECT count(*)::float8 FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    ),
    (
        Family("postgres_transactions", "Transactions ended", ("database", "result"), counts=True),
        "SELECT datname::text, 'commit', xact_commit::float8 FROM pg_stat_database WHERE datname = current_database()"
        " UNION ALL SELECT datname::text, 'rollback', xact_rollback::float8 FROM pg_stat_database WHERE datname = current_database()",
    ),
    (
        Family("postgres_rows_written", "Rows inserted, updated or deleted", ("schema",), counts=True),
        "SELECT schemaname::text, sum(n_tup_ins + n_tup_upd + n_tup_del)::float8 FROM pg_stat_user_tables GROUP BY 1",
    ),
    (
        Family("postgres_blocks", "Blocks found in memory (hit) or read", ("database", "from"), counts=True),
        "SELECT datname::text, 'memory', blks_hit::float8 FROM pg_stat_database WHERE datname = current_database()"
        " UNION ALL SELECT datname::text, 'disk', blks_read::float8 FROM pg_stat_database WHERE datname = current_database()",
    ),
    (
        Family("postgres_deadlocks", "Deadlocks", ("database",), counts=True),
        "SELECT datname::text, deadlocks::float8 FROM pg_stat_database WHERE datname = current_database()",
    ),
    (
        Family("postgres_database_bytes", "Size of the database", ("database",)),
        "SELECT current_database()::text, pg_database_size(current_database())::float8",
    ),
    (
        Family("postgres_schema_bytes", "Size of a service's tables and indexes", ("schema",)),
        "SELECT schemaname::text, sum(pg_total_relation_size(relid))::float8 FROM pg_stat_user_tables GROUP BY 1",
    ),
)


async def ask(dsn: str) -> Found:
    conn = await asyncpg.connect(
        dsn, timeout=TIMEOUT_S, command_timeout=TIMEOUT_S, server_settings={"application_name": "exporter"}
    )
    try:
        found = []
        for family, statement in QUESTIONS:
            rows = await conn.fetch(statement)
            found.append((family, [(tuple(row.values())[:-1], float(row[-1])) for row in rows]))
        return found
    finally:
        await conn.close(timeout=TIMEOUT_S)
