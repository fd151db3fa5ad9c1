"""A seeded world around the real escrow: its routes, handlers, inbox, outbox and relay over a real Postgres, and everything else played.

The seed decides who does what next, which fact is delivered when, how often and in which order, and at which commit, publish or ack the
process dies. After every step the ledger must add up; when the faults stop, every contract must reach its end. The same seed
plays the same world: `python -m tests.chaos.simulator --first 4711 --seeds 1`. Many are played by several processes.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack

import structlog

from tests import backends
from tests.chaos.parts import Violation
from tests.chaos.stage import open_stage
from tests.conftest import Databases

PER_DATABASE = 50
"""The end of every world looks at the whole ledger: a database that has seen few of them is faster."""


async def _play(url: str, seeds: Sequence[int]) -> Counter[str]:
    """Worlds one after the other in a fresh database. Raises `Violation` at the first that is not as it must be."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    seen: Counter[str] = Counter()
    databases = Databases(backends.Given(url, "the simulator's server"))
    try:
        async with AsyncExitStack() as stack:
            stage = await open_stage(stack, databases)
            for seed in seeds:
                world = await stage.play(seed)
                seen += Counter(
                    worlds=1,
                    contracts=len(world.contracts),
                    crashes=world.crashes,
                    redeliveries=world.redeliveries,
                    steps=world.steps,
                )
    finally:
        await databases.drop_templates()
    return seen


def _play_all(url: str, seeds: Sequence[int]) -> Counter[str]:
    return asyncio.run(_play(url, seeds))


def _main(first: int, seeds: int, processes: int) -> int:
    began, server = time.monotonic(), backends.open_postgres()
    parts = [range(at, min(at + PER_DATABASE, first + seeds)) for at in range(first, first + seeds, PER_DATABASE)]
    seen: Counter[str] = Counter()
    try:
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
            try:
                for found in pool.map(_play_all, [server.url] * len(parts), parts):
                    seen += found
                    print(f"  {seen['worlds']} of {seeds} after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            except Violation as error:
                pool.shutdown(cancel_futures=True)
                print(error)
                print("again, with the seed that it names: python -m tests.chaos.simulator --seeds 1 --first SEED")
                return 1
        print(
            f"{seen['worlds']} worlds, {seen['contracts']} contracts, {seen['steps']} steps, {seen['crashes']} crashes,"
            f" {seen['redeliveries']} redeliveries in {time.monotonic() - began:.0f} s: every credit is where it should be"
        )
        return 0
    finally:
        server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.simulator", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that play them")
    given = parser.parse_args()
    sys.exit(_main(given.first, given.seeds, given.processes))
