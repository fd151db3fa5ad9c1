"""Trains one contract: claims the run, leads its rounds, reports each as it ends, hands in the model."""

from __future__ import annotations

import io
import time
from logging import INFO, WARNING
from typing import Any, cast

import numpy as np
from flwr.app import ArrayRecord, Context, MetricRecord
from flwr.common.logger import log
from flwr.serverapp import Grid, ServerApp

from . import tasks
from .grid import PromptGrid
from .report import Coordinator, NotMine
from .strategy import ContractFedAvg, ContractNode

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Does nothing but for the run that the coordinator gives it: a run handed to Flower twice is trained once."""
    config = context.run_config
    coordinator = Coordinator(str(config["coordinator-url"]), str(config["run-id"]), str(config["run-token"]))
    try:
        job = coordinator.claim(str(context.run_id))
    except NotMine as why:
        log(INFO, "This run is not ours: %s", why)
        return
    lead(job, coordinator, grid)


def lead(job: dict[str, Any], coordinator: Coordinator, grid: Grid) -> None:
    """Runs a claimed job. Reports its end, good or bad, before it returns or raises."""
    progress = Progress()
    try:
        _train(job, coordinator, grid, progress)
    except Exception as error:
        try:
            if progress.model is not None and progress.rounds:
                coordinator.model(progress.model)
            coordinator.finish(succeeded=False, reason=_sentence(error), rounds_completed=progress.rounds)
        except Exception as unheard:  # noqa: BLE001 - the first error is the one that says why
            log(WARNING, "The end of the run could not be reported: %s", unheard)
        raise
    coordinator.finish(succeeded=True, reason="", rounds_completed=progress.rounds)


class Progress:
    """How far a run has come: the rounds that were reported, and the model after the last of them."""

    rounds = 0
    model: bytes | None = None


def _train(job: dict[str, Any], coordinator: Coordinator, grid: Grid, progress: Progress) -> None:
    name = tasks.for_type(job["task"])
    task = tasks.named(name)
    validation = task.validation()
    strategy = ContractFedAvg(
        [ContractNode.of(node) for node in job["nodes"]],
        task=task,
        task_name=name,
        validation=validation,
        min_providers=job["min_providers"],
        round_timeout_s=job["round_timeout_s"],
        hyperparameters={**task.hyperparameters, **job["hyperparameters"]},
    )

    def measure(server_round: int, arrays: ArrayRecord) -> MetricRecord:
        """Measures the global model on the exchange's own data and reports the round; round 0 is the untrained model."""
        weights = arrays.to_numpy_ndarrays()
        loss, accuracy = task.evaluate(weights, validation)
        coordinator.round(
            {
                "round": server_round,
                "accuracy": accuracy,
                "loss": loss,
                "seconds": time.monotonic() - strategy.round_began if server_round else None,
                "providers": strategy.outcomes if server_round else [],
            }
        )
        progress.rounds, progress.model = server_round, _npz(task, weights)
        return MetricRecord({"loss": loss, **({} if accuracy is None else {"accuracy": accuracy})})

    prompt = PromptGrid(grid, deadline_s=job["round_timeout_s"], doubtful=strategy.doubtful)
    strategy.start(
        grid=cast(Grid, prompt),
        initial_arrays=ArrayRecord(task.initial()),
        num_rounds=job["rounds"],
        timeout=job["round_timeout_s"],
        evaluate_fn=measure,
    )
    if progress.model is not None:
        coordinator.model(progress.model)


def _npz(task: tasks.Task, weights: tasks.Weights) -> bytes:
    archive = io.BytesIO()
    arrays: dict[str, Any] = dict(zip(task.arrays, weights, strict=True))
    np.savez(archive, **arrays)
    return archive.getvalue()


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
