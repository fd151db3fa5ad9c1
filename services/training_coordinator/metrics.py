"""Series of training, sampled so that a scrape costs no query."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from prometheus_client import Counter, Gauge, Histogram

from services.training_coordinator import store
from services.training_coordinator.domain import RunState, deliveries
from shared.contracts.values import MICRO_PER_CREDIT
from shared.kit.db import Pool, is_outage

log = structlog.get_logger()

RUNS = Counter("training_runs_total", "Runs that ended, by result", ["result"])
ROUNDS = Counter("training_rounds_total", "Federated rounds completed")
ROUND_SECONDS = Histogram("training_round_seconds", "Time of a federated round", buckets=(0.5, 1, 2, 4, 8, 15, 30, 60, 120))
BY_STATE = Gauge("training_runs_by_state", "Runs by state", ["state"])
ENGINE_UP = Gauge("training_engine_up", "Whether the SuperLink answers")
NODES_ONLINE = Gauge("training_nodes_online", "Provider nodes that are connected")
NODES_KNOWN = Gauge("training_nodes_registered", "Provider nodes that are registered")
PENDING = Gauge("training_pending_contracts", "Funded contracts that wait for training")
PENDING_CREDITS = Gauge("training_pending_credits", "Credits held for contracts that wait for training")
ACCURACY = Gauge("training_last_accuracy", "Accuracy of the newest run's newest round")
LOSS = Gauge("training_last_loss", "Loss of the newest run's newest round")
ROUND_ACCURACY = Gauge("training_round_accuracy", "Accuracy after a round of one of the newest runs", ["run_id", "round"])
ROUND_LOSS = Gauge("training_round_loss", "Loss after a round of one of the newest runs", ["run_id", "round"])
CONTRIBUTION = Gauge(
    "training_contribution", "What a provider contributed to the accuracy of one of the newest runs", ["run_id", "seller_node_id"]
)
DELIVERED = Gauge(
    "training_rounds_delivered", "Rounds that a provider delivered in one of the newest runs", ["run_id", "seller_node_id"]
)

NEWEST: Final = 5
"""So many runs have series of their own; older ones are in the API."""

for _state in (RunState.SUCCEEDED, RunState.FAILED, RunState.STOPPED):
    RUNS.labels(str(_state))  # a rate needs the zero before the first event


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
            await _sample_runs(pool)
        except Exception as error:
            if not is_outage(error):
                raise
            log.debug("metrics.sample_failed", error=repr(error))
        await asyncio.sleep(every_s)


async def _sample_runs(pool: Pool) -> None:
    """The newest runs round by round; a number that was not measured has no series."""
    runs = await store.newest_runs(pool, NEWEST)
    by_run = await store.rounds_of(pool, [run["run_id"] for run in runs])
    for gauge in (ROUND_ACCURACY, ROUND_LOSS, CONTRIBUTION, DELIVERED):
        gauge.clear()
    for run in runs:
        run_id, rounds = run["run_id"], by_run[run["run_id"]]
        for row in rounds:
            for gauge, value in ((ROUND_ACCURACY, row["accuracy"]), (ROUND_LOSS, row["loss"])):
                if value is not None:
                    gauge.labels(run_id, row["round"]).set(value)
        for delivery in deliveries(run["job"], rounds):
            DELIVERED.labels(run_id, delivery.seller_node_id).set(delivery.rounds_delivered)
            if delivery.contribution is not None:
                CONTRIBUTION.labels(run_id, delivery.seller_node_id).set(delivery.contribution)
    newest = by_run[runs[0]["run_id"]] if runs else []
    if newest:
        for gauge, value in ((ACCURACY, newest[-1]["accuracy"]), (LOSS, newest[-1]["loss"])):
            gauge.set(float("nan") if value is None else value)
