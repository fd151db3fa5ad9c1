"""What the money path costs, against PostgreSQL's own benchmark on the same server in the same run: `python -m bench.escrow`.

Durable servers (fsync on), everything on this machine. Ratios are worth more than figures: both sides share the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
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
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from nats.js import JetStreamContext
from pydantic import SecretStr

from deploy.local import postgres
from deploy.local.nats import Nats
from deploy.local.ports import free_port
from services.escrow import batches, ledger, service
from services.escrow.app import service_of
from services.escrow.domain import FUNDING, Posting, participant
from services.escrow.settings import EscrowSettings
from shared.contracts.events import ContractCancelled, ContractCreated, Event, FundsHeld, FundsRefunded, FundsReleased
from shared.kit import db, metrics
from shared.kit.auth import Principal, Role
from shared.kit.messaging import Heard
from shared.kit.paging import Page
from shared.kit.service import build, connect_nats
from shared.kit.streams import ensure_streams
from tests.backends import SECRET, Embedded
from tests.conftest import Databases
from tests.integration.escrow.conftest import CREDIT, KEYS, run_finished, terms


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


@dataclass
class Rig:
    """The escrow's database and the stream that it hears, for many runs of its app."""

    pool: db.Pool
    dsn: str
    nats_url: str
    keys: Path
    owners: list[str]

    @asynccontextmanager
    async def app(self, fee: int) -> AsyncIterator[None]:
        """The escrow's app, consuming: a complete delivery is paid for at once."""
        settings = EscrowSettings(
            port=1,
            nats_url=self.nats_url,
            keys_file=self.keys,
            database_url=SecretStr(self.dsn),
            database_pool_size=20,
            settlement="auto",
            dispute_window_s=0,
            fee_basis_points=fee,
        )
        app = build(service_of(settings), settings)
        async with app.router.lifespan_context(app):
            yield

    async def per_second(self, events: list[Event], answer: type[Event], *, fee: int = 0) -> float:
        """Facts that wait in the stream until what follows from them is committed and published, per second."""
        nc = await connect_nats(self.nats_url, "bench")
        await publish(nc.jetstream(), events)
        await nc.close()
        since = await self.pool.fetchval("SELECT coalesce(max(position), 0) FROM outbox")
        published = metrics.EVENTS_PUBLISHED._value.get  # the app runs in this process: asking costs the server nothing
        left = await self.pool.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        until = published() + left + len(events)
        gc.freeze()  # this process holds many contracts that a service does not
        async with self.app(fee):
            began, before = time.perf_counter(), published()
            while published() < until:  # noqa: ASYNC110 - a counter does not call back
                await asyncio.sleep(0.01)
            seconds = time.perf_counter() - began
        said = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL AND subject = $1 AND position > $2"
        assert await self.pool.fetchval(said, answer.SUBJECT, since) == len(events)
        return float((until - before) / seconds)


async def publish(js: JetStreamContext, events: list[Event]) -> None:
    """As their owners' relays would."""
    await ensure_streams(js)
    stored = []
    for event in events:
        event_id = str(uuid4())
        envelope = {
            "id": event_id,
            "type": event.SUBJECT,
            "time": datetime.now(UTC).isoformat(),
            "data": event.model_dump(mode="json"),
        }
        stored.append(await js.publish_async(event.subject, json.dumps(envelope).encode(), headers={"Nats-Msg-Id": event_id}))
    await asyncio.gather(*stored)


async def by_fact(rig: Rig, count: int) -> dict[str, float]:
    """Holds and their ends, each caused by a fact: name -> per second."""
    sellers = [f"seller-{n}" for n in range(50)]
    contracts = [terms(random.choice(rig.owners), dict.fromkeys(random.sample(sellers, 2), CREDIT)) for _ in range(count)]
    created: list[Event] = [ContractCreated(contract_id=c.contract_id, terms=c) for c in contracts]
    found = {"holds by fact": await rig.per_second(created, FundsHeld)}
    third = count // 3
    for number, fee in enumerate((0, 250)):
        part = contracts[number * third : (number + 1) * third]
        ends: list[Event] = [run_finished(c, {s.seller_node_id: c.rounds for s in c.sellers}) for c in part]
        found[f"releases by fact, fee of {fee} basis points"] = await rig.per_second(ends, FundsReleased, fee=fee)
    left: list[Event] = [
        ContractCancelled(contract_id=c.contract_id, round_intent_id=c.round_intent_id, reason="bench")
        for c in contracts[2 * third :]
    ]
    found["refunds by fact"] = await rig.per_second(left, FundsRefunded)
    return found


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


async def by_request(rig: Rig, count: int, fee: int) -> tuple[float, float]:
    """Releases that somebody asks for: a transaction each."""
    contracts = [terms(random.choice(rig.owners), {"seller-1": CREDIT, "seller-2": CREDIT}) for _ in range(count)]
    async with rig.pool.acquire() as conn, conn.transaction():
        heard = [Heard(ContractCreated(contract_id=c.contract_id, terms=c), {"id": "bench"}) for c in contracts]
        await batches.hold_funds(conn, heard, starter_credit=0, ttl_s=3600)

    async def one(contract_id: str) -> None:
        async with rig.pool.acquire() as conn, conn.transaction():
            await service.release(conn, contract_id, Principal(Role.OPERATOR), fee_basis_points=fee)

    return await at_once([functools.partial(one, contract.contract_id) for contract in contracts], 16)


async def transfers(rig: Rig, accounts: int, workers: int, count: int) -> tuple[float, float]:
    """Transfers of one between two accounts picked at random, a transaction each, as in pgledger's performance_check.go."""
    names = [participant(f"t{accounts}-{n}") for n in range(accounts)]
    async with rig.pool.acquire() as conn, conn.transaction():
        for name in names:
            await move(conn, FUNDING, name, 10**12)

    async def one() -> None:
        async with rig.pool.acquire() as conn, conn.transaction():
            giver, taker = random.sample(names, 2)
            await move(conn, giver, taker, 1)

    return await at_once([one] * count, workers)


async def move(conn: db.Connection, giver: str, taker: str, amount: int) -> None:
    await ledger.lock_accounts(conn, [giver, taker])
    await ledger.post_transfers(conn, [ledger.Transfer("deposit", [Posting(giver, -amount), Posting(taker, amount)], "bench")])


FILL = """
    WITH t AS (INSERT INTO transfer (transfer_id, kind, actor) SELECT uuidv7(), 'deposit', 'bench'
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
        await ledger.lock_accounts(conn, [account, outside])
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
                await ledger.statement(conn, account, Page(100, before))
                page.append(time.perf_counter() - began)
                began = time.perf_counter()
                await service.account(conn, "old")
                balance.append(time.perf_counter() - began)
            found.append((size, statistics.median(page) * 1000, statistics.median(balance) * 1000))
    return found


async def main(count: int, seconds: int, rounds: int, sizes: list[int]) -> None:
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
        clients = max(tps, key=lambda c: tps[c])
        print(f"pgbench TPC-B, scale 10: best with {clients} clients ({', '.join(f'{c}: {t:.0f} tps' for c, t in tps.items())})")

        dsn = databases.dsn(await databases.create(await databases.template("escrow")), "escrow")
        pool = await db.open_pool(dsn, service="escrow", size=24)
        stack.callback(pool.terminate)
        keys = folder / "keys.json"
        await asyncio.to_thread(keys.write_text, json.dumps(KEYS))
        rig = Rig(pool, dsn, broker.url, keys, [f"owner-{n}" for n in range(50)])
        async with pool.acquire() as conn, conn.transaction():
            for owner in rig.owners:
                await service.deposit(conn, owner, 10**12, kind="deposit", actor="bench")

        measured: dict[str, list[tuple[float, float, float | None]]] = {}  # name -> (per second, ratio, p99 in ms)
        for _ in range(rounds):
            # The machine may have other things to do: what is compared is measured side by side, many times.
            best = await asyncio.to_thread(pgbench, bench, scale=10, seconds=seconds, clients=clients)
            found: dict[str, tuple[float, float | None]] = {"pgbench TPC-B": (best, None)}
            found |= {name: (rate, None) for name, rate in (await by_fact(rig, count)).items()}
            for fee in (0, 250):
                found[f"releases by request, 16 at once, fee {fee}"] = await by_request(rig, count // 9, fee)
            for accounts in (50, 10):
                found[f"transfers, {accounts} accounts, 20 workers"] = await transfers(rig, accounts, 20, count // 3)
            for name, (rate, p99) in found.items():
                measured.setdefault(name, []).append((rate, rate / best, p99))
        print(f"{rounds} rounds of all side by side; median, and ratio to pgbench with its range:")
        for name, results in measured.items():
            rates, ratios, p99s = zip(*results, strict=True)
            late = "" if p99s[0] is None else f", p99 {statistics.median(p99s):.1f} ms"
            ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            print(f"{name:<46} {statistics.median(rates):>6.0f}/s = {ratio}{late}")
        for size, page, balance in await reading(pool, sizes):
            print(f"{size:>9} entries: page of the statement {page:.2f} ms, balance {balance:.2f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.escrow", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=9000, help="contracts per round; transfers are a third of it")
    parser.add_argument("--seconds", type=int, default=3, help="of pgbench per number of clients, and per round")
    parser.add_argument("--rounds", type=int, default=5, help="of everything")
    parser.add_argument(
        "--entries", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000], help="sizes of the account read"
    )
    given = parser.parse_args()
    asyncio.run(main(given.count, given.seconds, given.rounds, given.entries))
