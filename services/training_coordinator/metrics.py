"""Series of training, sampled so that a scrape costs no query."""

from __future__ import annotations

import asyncio

import structlog
from prometheus_client import Counter, Gauge, Histogram

from services.training_coordinator import store
from services.training_coordinator.domain import RunState
from shared.contracts.values import MICRO_PER_CREDIT
from shared.kit.db import Pool, is_outage

log = structlog.get_logger()

RUNS = Counter("training_runs_total", "Runs that ended, by result", ["result"])
ROUNDS = Counter("training_rounds_total", "Federated rounds completed")
ROUND_SECONDS = Histogram("training_round_seconds", "Time of a federated round", buckets=(0.5, 1, 2, 4, 8, 15, 30, 60, 120))
BY_STATE = Gauge("training_runs_by_state", "Runs by state", ["state"])
NODES_ONLINE = Gauge("training_nodes_online", "Provider nodes that are connected")
NODES_KNOWN = Gauge("training_nodes_registered", "Provider nodes that are registered")
PENDING = Gauge("training_pending_contracts", "Funded contracts that wait for training")
PENDING_CREDITS = Gauge("training_pending_credits", "Credits held for contracts that wait for training")
ACCURACY = Gauge("training_last_accuracy", "Accuracy of the newest run's newest round")
LOSS = Gauge("training_last_loss", "Loss of the newest run's newest round")


async def sample(pool: Pool, *, every_s: float = 5) -> None:
    """Keeps the gauges up to date. Runs until cancelled."""
    while True:
        try:
            states = await store.runs_by_state(pool)
            for state in RunState:
                BY_STATE.labels(str(state)).set(states.get(str(state), 0))
            nodes = await store.list_nodes(pool)
            NODES_KNOWN.set(len(nodes))
            NODES_ONLINE.set(sum(1 for node in nodes if node["online"]))
            pending = await store.pending_sum(pool)
            PENDING.set(pending["count"])
            PENDING_CREDITS.set(pending["escrow_total"] / MICRO_PER_CREDIT)
            run = await store.last_run(pool)
            rounds = (await store.rounds_of(pool, [run["run_id"]]))[run["run_id"]] if run else []
            if rounds:
                for gauge, value in ((ACCURACY, rounds[-1]["accuracy"]), (LOSS, rounds[-1]["loss"])):
                    gauge.set(float("nan") if value is None else value)
        except Exception as error:
            if not is_outage(error):
                raise
            log.debug("metrics.sample_failed", error=repr(error))
        await asyncio.sleep(every_s)
