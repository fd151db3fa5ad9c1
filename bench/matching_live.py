"""What matching costs as it runs: processes, HTTP, NATS, a book of other people's offers: `python -m bench.matching_live`.

One stack whose book grows from size to size. NumPy's own pass over the same columns, made here, is the limit that answers over HTTP are
compared with.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from bench.matching import ASKED, BATCH, NOW, QUESTIONS, offer, times
from services.matching import conditions
from services.matching.columns import Columns
from shared.contracts.events import OfferChanged, OfferPublished, OfferState
from shared.kit.publisher import Publisher
from shared.kit.service import connect_nats
from tests.e2e.stack import RealStack
from tests.e2e.test_the_loop import Buyer, persistently

MATCHED_AT = 100_000
"""Size of the book at which whole matches are timed."""

Ask = Callable[[], Awaitable[Any]]


async def spread(ask: Ask, count: int, limit_ms: float | None = None) -> str:
    """Median and 99th percentile in ms, and how often the limit is in the median."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - began) * 1000)
    middle = statistics.median(times)
    ratio = "" if limit_ms is None else f", {middle / limit_ms:.1f} x NumPy's pass"
    return f"p50 {middle:.1f} ms, p99 {statistics.quantiles(times, n=100)[98]:.1f} ms{ratio}"


def fact(state: OfferState, kind: type[OfferPublished] | type[OfferChanged]) -> tuple[str, bytes]:
    event = kind.model_construct(**dict(state))
    body = {"specversion": "1.0", "id": f"bench-{state.offer_id}-{state.version}", "type": event.SUBJECT}
    return event.subject, json.dumps(body | {"data": state.model_dump(mode="json")}).encode()


def row(state: OfferState) -> Any:
    """The fact as a row of the marketplace's outbox."""
    subject, body = fact(state, OfferPublished)
    return {"subject": subject, "body": body.decode(), "event_id": state.offer_id, "position": 0, "stream": "OFFERS"}


class Live:
    """A stack of real processes with a book of offers that its marketplace has never heard of."""

    def __init__(self, stack: RealStack) -> None:
        self.stack, self.size, self.columns, self.rng = stack, 0, Columns(), random.Random(1)
        self.version = 1
        base = f"http://127.0.0.1:{stack.stack.ports.matching}"
        headers = {"authorization": f"Bearer {stack.stack.key('operator')}"}
        self.matching = httpx.AsyncClient(base_url=base, headers=headers, timeout=60, trust_env=False)

    async def connect(self) -> None:
        self.nc = await connect_nats(self.stack.stack.nats.url_of("marketplace"), "marketplace")
        self.js = self.nc.jetstream(timeout=60)
        self.publisher = Publisher(self.nc, ack_s=60)

    async def fill(self, size: int) -> None:
        """Publishes offers until there are `size`, and keeps the same columns here."""
        while self.size < size:
            batch = [offer(self.rng, number) for number in range(self.size, min(size, self.size + BATCH))]
            self.columns.put(*batch)
            outcome = await self.publisher.publish([row(state) for state in batch])
            assert outcome.failure is None, outcome
            self.size += len(batch)

    async def rebuilt(self) -> float:
        """Kills matching and waits for it. Returns the seconds that the rebuild of the index took."""
        await asyncio.to_thread(self.stack.kill, "matching")
        while True:
            try:
                if (await self.matching.get("/readyz")).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
        found = re.search(r"^match_index_rebuild_seconds ([\d.e+-]+)$", (await self.matching.get("/metrics")).text, re.M)
        assert found is not None
        return float(found[1])

    async def memory(self) -> str:
        """Resident memory of the matching process."""
        found = re.search(r"^process_resident_memory_bytes ([\d.e+]+)$", (await self.matching.get("/metrics")).text, re.M)
        return "unknown" if found is None else f"{float(found[1]) / 2**20:.0f} MiB"

    async def ask(self, policy: Any, after_seq: int = 0) -> dict[str, Any]:
        body = {"policy": policy.model_dump(mode="json"), "now": NOW, "after_seq": after_seq}
        answer = await self.matching.post("/match/select", json=body)
        answer.raise_for_status()
        return dict(answer.json())

    async def change(self) -> None:
        """A changed offer, from its fact to the answer of a question that must have seen it."""
        self.version += 1
        number = self.version % self.size
        state = offer(random.Random(number), number).model_copy(update={"version": self.version})
        subject, body = fact(state, OfferChanged)
        stored = await self.js.publish(subject, body)
        await self.ask(QUESTIONS["match"], stored.seq)

    async def health_under_load(self, askers: int, count: int) -> str:
        async def keep_asking() -> None:
            while True:
                await self.ask(QUESTIONS["match"])

        load = [asyncio.create_task(keep_asking()) for _ in range(askers)]
        try:
            return await spread(lambda: self.matching.get("/healthz"), count)
        finally:
            for task in load:
                task.cancel()
            await asyncio.gather(*load, return_exceptions=True)


def matches(stack: RealStack, count: int) -> str:
    """POST /marketplace/match through the gateway, to the locked escrow."""
    buyer = Buyer(stack, "bench")
    buyer.offers()
    times = []
    for number in range(count):
        body = {
            "model_owner_id": f"buyer-{number % 5}",
            "task_type": "classification",
            "required_modalities": ["bench"],
            "budget_total": 4,
        }
        intent = persistently(lambda body=body: buyer.owner.post("/marketplace/round_intents", json=body)).json()  # type: ignore[misc]
        began = time.perf_counter()
        answer = buyer.owner.post("/marketplace/match", json={"round_intent_id": intent["round_intent_id"]})
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 201, answer.text
    return f"p50 {statistics.median(times):.1f} ms, worst {max(times):.1f} ms"


async def measure(live: Live, sizes: list[int], count: int, matched_at: int) -> None:
    await live.connect()
    for size in sizes:
        await live.fill(size)
        seconds = await live.rebuilt()
        facts = (await live.js.stream_info("OFFERS")).state.messages
        print(
            f"{size} offers: index rebuilt from {facts} facts in {seconds:.2f} s, {facts / seconds:.0f} per second,"
            f" {await live.memory()} resident",
            flush=True,
        )
        limit, _ = times(lambda: conditions.judge(live.columns, ASKED, NOW), 15)
        print(f"    NumPy's own pass over all conditions: {limit:.2f} ms")
        for name, policy in QUESTIONS.items():
            print(f"    HTTP, {name}: {await spread(lambda p=policy: live.ask(p), count, limit)}", flush=True)  # type: ignore[misc]
        print(f"    from an offer's fact to the answer that has seen it: {await spread(live.change, count)}")
        print(f"    /healthz, nobody asks: {await spread(lambda: live.matching.get('/healthz'), count)}")
        print(f"    /healthz, two ask all the time: {await live.health_under_load(2, count)}", flush=True)
        if size == matched_at:
            told = await asyncio.to_thread(matches, live.stack, min(count, 40))
            print(f"    POST /marketplace/match to the locked escrow: {told}", flush=True)
    await live.nc.close()
    await live.matching.aclose()


def main(sizes: list[int], count: int) -> None:
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    matched_at = min(sizes, key=lambda size: abs(size - MATCHED_AT))
    with tempfile.TemporaryDirectory(prefix="bench-matching-") as folder:
        stack = RealStack.launch(Path(folder) / "run")
        try:
            asyncio.run(measure(Live(stack), sizes, count, matched_at))
        finally:
            stack.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.matching_live", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000], help="offers in the book, rising"
    )
    parser.add_argument("--count", type=int, default=100, help="requests of each kind")
    given = parser.parse_args()
    main(sorted(given.sizes), given.count)
