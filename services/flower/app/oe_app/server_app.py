"""Trains one contract: claims the run, leads its rounds, reports each as it ends, hands in the model."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping, Sequence
from logging import INFO, WARNING
from typing import Any, cast

import numpy as np
from flwr.app import ArrayRecord, Context, MetricRecord
from flwr.common.logger import log
from flwr.serverapp import Grid, ServerApp

from . import tables, tasks
from .data import Dataset
from .engines import DEFAULT, Engine, Privacy
from .grid import PromptGrid
from .report import Coordinator, NotMine
from .strategy import ContractNode, ContractStrategy

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
            coordinator.finish(
                succeeded=False, reason=_sentence(error), rounds_completed=progress.rounds, providers=progress.unfinished()
            )
        except Exception as unheard:  # noqa: BLE001 - the first error is the one that says why
            log(WARNING, "The end of the run could not be reported: %s", unheard)
        raise
    coordinator.finish(succeeded=True, reason="", rounds_completed=progress.rounds)


class Progress:
    """How far a run has come: the rounds that were reported, and what the providers did in the one that is not."""

    def __init__(self) -> None:
        self.rounds = 0
        self.outcomes: Callable[[], Sequence[Mapping[str, Any]]] = tuple
        self.reported: Sequence[Mapping[str, Any]] = ()

    def unfinished(self) -> Sequence[Mapping[str, Any]]:
        """What the providers did in a round that was not reported."""
        now = self.outcomes()
        return () if now is self.reported else now


def _train(job: dict[str, Any], coordinator: Coordinator, grid: Grid, progress: Progress) -> None:
    name = tasks.for_type(job["task"])
    label_schema = job.get("label_schema", "")
    task = tables.named(name, label_schema)
    validation = _validation(task)
    private = job.get("differential_privacy")
    strategy = ContractStrategy(
        [ContractNode.of(node) for node in job["nodes"]],
        task=task,
        task_name=name,
        validation=validation,
        min_providers=job["min_providers"],
        round_timeout_s=job["round_timeout_s"],
        hyperparameters={**task.hyperparameters, **job["hyperparameters"]},
        engine=Engine(
            job.get("strategy", DEFAULT), Privacy(private["noise_multiplier"], private["clipping_norm"]) if private else None
        ),
        label_schema=label_schema,
        seed=job["run_id"],
    )

    progress.outcomes = lambda: strategy.outcomes

    def measure(server_round: int, arrays: ArrayRecord) -> MetricRecord:
        """Measures the round's model, stores it and reports the round; round 0 is the model that the run begins with."""
        weights = arrays.to_numpy_ndarrays()
        measured = task.evaluate(weights, validation) if validation is not None else strategy.measured
        loss, accuracy = measured or (None, None)
        if server_round:
            # Stored first: a run that goes on after a crash never lacks the model of a round that is paid.
            coordinator.model(_npz(task, weights))
        coordinator.round(
            {
                "round": server_round,
                "accuracy": accuracy,
                "loss": loss,
                "seconds": time.monotonic() - strategy.round_began if server_round else None,
                "contribution_method": strategy.contribution_method if server_round else None,
                "providers": strategy.outcomes if server_round else [],
            }
        )
        progress.rounds, progress.reported = server_round, strategy.outcomes
        return MetricRecord({name: value for name, value in (("loss", loss), ("accuracy", accuracy)) if value is not None})

    prompt = PromptGrid(grid, deadline_s=job["round_timeout_s"], doubtful=strategy.doubtful)
    first = _arrays(task, coordinator.checkpoint()) if job.get("resumed_from") else task.initial()
    strategy.start(
        grid=cast(Grid, prompt),
        initial_arrays=ArrayRecord(first),
        num_rounds=job["rounds"],
        timeout=job["round_timeout_s"],
        evaluate_fn=measure,
    )


def _validation(task: tasks.Task) -> Dataset | None:
    try:
        return task.validation()
    except tables.NoValidationSet:
        return None


def _npz(task: tasks.Task, weights: tasks.Weights) -> bytes:
    archive = io.BytesIO()
    arrays: dict[str, Any] = dict(zip(task.arrays, weights, strict=True))
    np.savez(archive, **arrays)
    return archive.getvalue()


def _arrays(task: tasks.Task, npz: bytes) -> tasks.Weights:
    """The model that an earlier run of the contract stored."""
    with np.load(io.BytesIO(npz), allow_pickle=False) as archive:
        return [archive[name] for name in task.arrays]


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
