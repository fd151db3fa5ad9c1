"""What a question costs as the book grows: `python -m bench.matching`. Only matching's own work, without HTTP.

NumPy's own pass over the same columns (all conditions, nothing else) is the limit that the answers are compared with.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

from services.matching import conditions, engine
from services.matching.columns import Columns
from shared.contracts.events import OfferState
from shared.contracts.http import SelectPolicy

NOW = 1_000
BATCH = 250
"""Facts that come with one read of a rebuild, about."""
ASKED = SelectPolicy(
    task_type="classification",
    required_modalities=("tabular",),
    min_quality_score=0.5,
    budget_total=40_000_000,
    rounds=2,
    max_offers=10,
)
QUESTIONS = {
    "match": ASKED,
    "match, one per seller": ASKED.model_copy(update={"one_offer_per_seller": True}),
    "match, truthful": ASKED.model_copy(update={"pricing": "truthful"}),
    "match, a preferred seller": ASKED.model_copy(update={"preferred_sellers": ("seller-7",)}),
    "no match, budget relaxed": ASKED.model_copy(update={"budget_total": 1_000_000}),
    "no match, modality relaxed": ASKED.model_copy(update={"required_modalities": ("audio",)}),
}


def offer(rng: random.Random, number: int) -> OfferState:
    """Better data costs more, more or less."""
    quality = rng.random()
    return OfferState.model_construct(
        offer_id=f"offer-{number:024x}",
        version=1,
        seller_node_id=f"seller-{number % 5000}",
        dataset_fingerprint=f"{number:064x}",
        modality=rng.choice(["tabular", "image", "text"]),
        label_schema="",
        sample_count=rng.randint(0, 10_000),
        quality_score=round(quality, 3),
        privacy_profile="",
        allowed_tasks=("classification",) if number % 3 else (),
        attestation_status=rng.choice(["verified", "unknown"]),
        price_per_round=int(1_000_000 * (1 + 9 * quality * rng.random())),
        min_rounds=1,
        expires_at=0,
        status="active" if number % 10 else "paused",
    )


def times(work: Callable[[], Any], count: int) -> tuple[float, float]:
    """(median, median of the processor's time) in ms. The second says what the work costs on a machine that does other things, too."""
    whole, own = [], []
    for _ in range(count):
        began, used = time.perf_counter(), time.thread_time()
        work()
        own.append((time.thread_time() - used) * 1000)
        whole.append((time.perf_counter() - began) * 1000)
    return statistics.median(whole), statistics.median(own)


def main(sizes: list[int], count: int) -> None:
    print(
        f"machine: {os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}; ms on the clock (of the processor)"
    )
    rng, columns = random.Random(1), Columns()
    for size in sizes:
        before, used = len(columns), 0.0
        while len(columns) < size:
            batch = [offer(rng, number) for number in range(len(columns), min(size, len(columns) + BATCH))]
            began = time.thread_time()
            columns.put(*batch)
            used += time.thread_time() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        limit, limit_own = times(lambda: conditions.judge(columns, ASKED, NOW), count)
        rate = (size - before) / used
        print(
            f"{size} offers: {rate:.0f} into the columns per second, {memory} MiB; all conditions alone {limit:.1f} ({limit_own:.1f}) ms"
        )
        for name, policy in QUESTIONS.items():
            middle, own = times(lambda p=policy: engine.answer(columns, p, NOW, seq=0), count)  # type: ignore[misc]
            print(f"    {name}: {middle:.1f} ({own:.1f}) ms, {own / limit_own:.1f} x")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.matching", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000], help="offers in the book")
    parser.add_argument("--count", type=int, default=15, help="questions of each kind")
    given = parser.parse_args()
    main(given.sizes, given.count)
