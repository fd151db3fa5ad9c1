"""The network of `digits-mlp`, trained by PyTorch: Adam (Kingma and Ba 2015) over mini-batches.

Needs the extra `torch`, and only where it is trained: the exchange measures the model in NumPy, and a node without PyTorch says so
(`task_not_supported`) and is not offered for the task.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oe_app.data import Dataset
from oe_app.models import Network
from oe_app.readers.sandbox import held_back
from oe_app.tasks import Weights


@dataclass(frozen=True)
class TorchNetwork(Network):
    """Loss and accuracy as in `Network`; `batch_size` is in samples. Batches are drawn by a fixed seed: the same data, the same model."""

    def unfit(self, dataset: Dataset) -> str | None:
        if importlib.util.find_spec("torch") is None:
            return "PyTorch is not installed on this node"
        return super().unfit(dataset)

    def train(self, weights: Weights, dataset: Dataset, hyperparameters: Mapping[str, Any]) -> Weights:
        import torch

        pull = float(hyperparameters.get("proximal_mu", 0))
        samples, labels = torch.from_numpy(dataset.features), torch.from_numpy(dataset.labels)
        bases = [torch.tensor(layer) for layer in weights]
        layers = [base.clone().requires_grad_() for base in bases]
        inner, inner_bias, outer, bias = layers
        optimizer = torch.optim.Adam(layers, lr=float(hyperparameters["learning_rate"]))
        order = torch.Generator().manual_seed(0)
        for _ in range(int(hyperparameters["local_epochs"])):
            for batch in torch.randperm(len(dataset), generator=order).split(int(hyperparameters["batch_size"])):
                scores = torch.relu(samples[batch] @ inner + inner_bias) @ outer + bias
                loss = torch.nn.functional.cross_entropy(scores, labels[batch])
                if pull:
                    loss = loss + pull / 2 * sum(((layer - base) ** 2).sum() for layer, base in zip(layers, bases, strict=True))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return [layer.detach().numpy() for layer in layers]


TASK = TorchNetwork(
    serves=("digits-torch",),
    sandbox="digits",
    features=64,
    classes=10,
    held_back=lambda: held_back("digits"),
    hyperparameters={"learning_rate": 0.005, "local_epochs": 5, "batch_size": 32},
)
