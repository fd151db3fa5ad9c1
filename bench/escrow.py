"""What the money path costs, against PostgreSQL's own benchmark on the same server in the same run: `python -m bench.escrow`.

Durable servers (fsync on), everything on this machine. Ratios are worth more than figures: both sides share the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from pydantic import SecretStr

from deploy.local import postgres
from deploy.local.nats import Nats
from deploy.local.ports import free_port
from services.escrow import service, store
from services.escrow.app import service_of
from services.escrow.domain import FUNDING, Posting, participant
from services.escrow.settings import EscrowSettings
from shared.contracts.events import ContractCreated
from shared.kit import db
from shared.kit.auth import Principal, Role
from shared.kit.paging import Page
from shared.kit.service import build, connect_nats
from shared.kit.streams import ensure_streams
from tests.backends import SECRET, Embedded
from tests.conftest import Databases
from tests.integration.escrow.conftest import CREDIT, KEYS, terms


def pgbench(dsn: str, *, scale: int, seconds: int, clients: int) -> float:
    """Transactions per second of the TPC-B-like script."""
    program = str(postgres._programs() / "bin/pgbench")
    env = {**os.environ, "LD_LIBRARY_PATH": str(postgres._programs() / "lib")}
    if clients == 0:
        subprocess.run([program, "-i", "-q", "-s", str(scale), dsn], check=True, capture_output=True, env=env)
        return 0
    command = [program, "-n", "-T", str(seconds), "-c", str(clients), "-j", "2", dsn]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout
    found = re.search(r"tps = ([0-9.]+)", out)
    assert found is not None, out
    return float(found[1])


@asynccontextmanager
async def running(dsn: str, nats_url: str, folder: Path) -> AsyncIterator[Any]:
    """The escrow's app, consuming."""
    keys = folder / "keys.json"
    await asyncio.to_thread(keys.write_text, json.dumps(KEYS))
    settings = EscrowSettings(port=1, nats_url=nats_url, keys_file=keys, database_url=SecretStr(dsn), database_pool_size=20)
    app = build(service_of(settings), settings)
    async with app.router.lifespan_context(app):
        yield app


async def holds(pool: db.Pool, dsn: str, nats_url: str, folder: Path, count: int) -> tuple[float, list[str]]:
    """Facts `contract_created` that wait in the stream until the money is held and said, per second."""
    owners = [f"owner-{n}" for n in range(50)]
    async with pool.acquire() as conn, conn.transaction():
        for owner in owners:
            await service.deposit(conn, owner, 10**12, kind="deposit", actor="bench")
    sellers = [f"seller-{n}" for n in range(50)]
    contracts = [terms(random.choice(owners), dict.fromkeys(random.sample(sellers, 2), CREDIT)) for _ in range(count)]
    nc = await connect_nats(nats_url, "bench")
    js = nc.jetstream()
    await ensure_streams(js)
    for contract in contracts:
        event = ContractCreated(contract_id=contract.contract_id, terms=contract)
        envelope = {
            "id": str(uuid4()),
            "type": event.SUBJECT,
            "time": "2026-01-01T00:00:00+00:00",
            "data": event.model_dump(mode="json"),
        }
        await js.publish(event.subject, json.dumps(envelope).encode(), headers={"Nats-Msg-Id": envelope["id"]})
    async with running(dsn, nats_url, folder):
        began = time.perf_counter()
        said = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL AND subject = 'escrow.funds_held.v1'"
        while await pool.fetchval(said) < count:  # noqa: ASYNC110 - others commit it
            await asyncio.sleep(0.05)
        seconds = time.perf_counter() - began
    await nc.close()
    return count / seconds, [contract.contract_id for contract in contracts]


async def at_once(work: list[Callable[[], Awaitable[Any]]], workers: int) -> tuple[float, float]:
    """(per second, p99 in ms) of `work` by so many workers."""
    times: list[float] = []
    left = iter(work)

    async def worker() -> None:
        for task in left:
            began = time.perf_counter()
            await task()
            times.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(workers)))
    seconds = time.perf_counter() - began
    return len(times) / seconds, statistics.quantiles(times, n=100)[98] * 1000


async def releases(pool: db.Pool, contract_ids: list[str], fee: int) -> tuple[float, float]:
    async def one(contract_id: str) -> None:
        async with pool.acquire() as conn, conn.transaction():
            await service.release(conn, contract_id, Principal(Role.OPERATOR), fee_basis_points=fee)

    return await at_once([lambda c=c: one(c) for c in contract_ids], 16)  # type: ignore[misc]


async def transfers(pool: db.Pool, accounts: int, workers: int, count: int) -> tuple[float, float]:
    """Transfers between accounts picked at random, as in pgledger's benchmark."""
    names = [participant(f"t{accounts}-{n}") for n in range(accounts)]
    async with pool.acquire() as conn, conn.transaction():
        for name in names:
            await store.lock_accounts(conn, [FUNDING, name])
            await store.post_transfer(conn, "deposit", [Posting(FUNDING, -(10**12)), Posting(name, 10**12)], actor="bench")

    async def one() -> None:
        a, b = random.sample(names, 2)
        async with pool.acquire() as conn, conn.transaction():
            await store.lock_accounts(conn, [a, b])
            await store.post_transfer(conn, "deposit", [Posting(a, -1), Posting(b, 1)], actor="bench")

    return await at_once([one] * count, workers)


FILL = """
    WITH t AS (INSERT INTO transfer (transfer_id, kind, actor) SELECT gen_random_uuid(), 'deposit', 'bench'
               FROM generate_series(1, $3::bigint) RETURNING transfer_id),
         n AS (SELECT transfer_id, row_number() OVER () AS i FROM t),
         e AS (INSERT INTO entry (transfer_id, account_id, amount, balance_before, balance_after, version)
               SELECT transfer_id, $1, 1, $4 + i - 1, $4 + i, $4 + i FROM n
               UNION ALL SELECT transfer_id, $2, -1, -($4 + i - 1), -($4 + i), $4 + i FROM n RETURNING 1)
    SELECT count(*) FROM e
"""


async def reading(pool: db.Pool, sizes: list[int]) -> list[tuple[int, float, float]]:
    """(entries, ms of a statement's page, ms of a balance) of one account as it grows."""
    account, outside = participant("old"), "external:bench"
    done, found = 0, []
    async with pool.acquire() as conn:
        await store.lock_accounts(conn, [account, outside])
        for size in sizes:
            async with conn.transaction():
                await conn.fetchval(FILL, account, outside, size - done, done, timeout=600)
                await conn.execute("UPDATE account SET balance = $2, version = $2 WHERE account_id = $1", account, size)
                await conn.execute("UPDATE account SET balance = -$2::bigint, version = $2 WHERE account_id = $1", outside, size)
            done = size
            await conn.execute("ANALYZE")
            page, balance = [], []
            for _ in range(30):
                before = random.randint(200, size)
                began = time.perf_counter()
                await store.statement(conn, account, Page(100, before))
                page.append(time.perf_counter() - began)
                began = time.perf_counter()
                await service.account(conn, "old")
                balance.append(time.perf_counter() - began)
            found.append((size, statistics.median(page) * 1000, statistics.median(balance) * 1000))
    return found


async def main(count: int, seconds: int, sizes: list[int]) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    print(f"machine: {os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = Embedded(lambda state: postgres.Postgres(state, free_port(), SECRET), crash=postgres.STOP_IMMEDIATE)
        stack.callback(server.close)
        broker = Embedded(lambda state: Nats(state, free_port(), free_port()), crash=signal.SIGKILL)
        stack.callback(broker.close)
        databases = Databases(server)

        bench = databases.dsn(await databases.create())
        await asyncio.to_thread(pgbench, bench, scale=10, seconds=0, clients=0)
        tps = {c: await asyncio.to_thread(pgbench, bench, scale=10, seconds=seconds, clients=c) for c in (1, 4, 8, 16, 32)}
        best = max(tps.values())
        print(f"pgbench TPC-B, scale 10: best {best:.0f} tps ({', '.join(f'{c} clients {t:.0f}' for c, t in tps.items())})")

        name = await databases.create(await databases.template("escrow"))
        dsn = databases.dsn(name, "escrow")
        pool = await db.open_pool(dsn, service="escrow", size=24)
        stack.callback(pool.terminate)
        rate, contract_ids = await holds(pool, dsn, broker.url, folder, count)
        print(f"holds by fact, held and said: {rate:.0f}/s = {rate / best:.2f} x pgbench")
        for fee, part in ((0, contract_ids[: count // 2]), (250, contract_ids[count // 2 :])):
            rate, p99 = await releases(pool, part, fee)
            print(f"releases, 16 at once, fee {fee}: {rate:.0f}/s = {rate / best:.2f} x pgbench, p99 {p99:.1f} ms")
        for accounts, workers in ((50, 20), (10, 20)):
            rate, p99 = await transfers(pool, accounts, workers, count)
            print(
                f"transfers, {accounts} accounts, {workers} workers: {rate:.0f}/s = {rate / best:.2f} x pgbench, p99 {p99:.1f} ms"
            )
        for size, page, balance in await reading(pool, sizes):
            print(f"{size:>9} entries: page of the statement {page:.2f} ms, balance {balance:.2f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.escrow", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=2000, help="contracts and transfers")
    parser.add_argument("--seconds", type=int, default=5, help="of pgbench per number of clients")
    parser.add_argument(
        "--entries", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000], help="sizes of the account read"
    )
    given = parser.parse_args()
    asyncio.run(main(given.count, given.seconds, given.entries))
