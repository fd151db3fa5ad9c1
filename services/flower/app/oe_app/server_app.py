"""Trains one contract: claims the run, leads its rounds, reports each as it ends, hands in the model."""

from __future__ import annotations

import io
import time
from typing import Any, cast

import numpy as np
from flwr.app import ArrayRecord, Context, MetricRecord
from flwr.serverapp import Grid, ServerApp

from oe_app import data, task
from oe_app.grid import PromptGrid
from oe_app.report import Coordinator, NotMine
from oe_app.strategy import ContractFedAvg, ContractNode

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    config = context.run_config
    coordinator = Coordinator(str(config["coordinator-url"]), str(config["run-id"]), str(config["run-token"]))
    try:
        job = coordinator.claim(str(context.run_id))
    except NotMine:
        return
    Training(job, coordinator).run(grid)


class Training:
    """One claimed job."""

    def __init__(self, job: dict[str, Any], coordinator: Coordinator) -> None:
        self._job, self._coordinator = job, coordinator
        _, _, self._features, self._labels = data.digits()
        nodes = [
            ContractNode(
                int(node["node_id"]), node["seller_node_id"], node["offer_id"], node["dataset_fingerprint"], node["max_examples"]
            )
            for node in job["nodes"]
        ]
        self._strategy = ContractFedAvg(
            nodes,
            min_providers=job["min_providers"],
            round_timeout_s=job["round_timeout_s"],
            validation=(self._features, self._labels),
            hyperparameters=job["hyperparameters"],
        )
        self._completed = 0

    def run(self, grid: Grid) -> None:
        """Reports the end, good or bad, before it returns or raises."""
        try:
            result = self._strategy.start(
                grid=cast(Grid, PromptGrid(grid, self._job["round_timeout_s"])),
                initial_arrays=ArrayRecord(task.initial()),
                num_rounds=self._job["rounds"],
                timeout=self._job["round_timeout_s"],
                evaluate_fn=self._evaluate,
            )
            npz = io.BytesIO()
            weights, bias = result.arrays.to_numpy_ndarrays()
            np.savez(npz, weights=weights, bias=bias)
            self._coordinator.model(npz.getvalue())
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            self._coordinator.finish(succeeded=False, reason=reason, rounds_completed=self._completed)
            raise
        self._coordinator.finish(succeeded=True, reason="", rounds_completed=self._completed)

    def _evaluate(self, server_round: int, arrays: ArrayRecord) -> MetricRecord:
        """Measures the global model on the exchange's validation set and reports the round."""
        loss, accuracy = task.evaluate(arrays.to_numpy_ndarrays(), self._features, self._labels)
        began = self._strategy.round_began
        self._coordinator.round(
            {
                "round": server_round,
                "accuracy": accuracy,
                "loss": loss,
                "seconds": time.monotonic() - began if server_round else None,
                "providers": self._strategy.outcomes if server_round else [],
            }
        )
        self._completed = server_round
        return MetricRecord({"loss": loss, "accuracy": accuracy})
