"""Softmax regression on 8×8 images of digits, in NumPy.

Model: weights (64 × 10) and bias (10), float64. Loss: mean cross-entropy in nats. Accuracy: share of samples classified rightly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from oe_app.data import Dataset, Floats
from oe_app.readers import sandbox

from . import Measured, Weights

FEATURES: Final = 64
CLASSES: Final = 10


class DigitsSoftmax:
    serves = "classification"
    arrays = ("weights", "bias")
    hyperparameters: Mapping[str, float] = {"learning_rate": 1.0, "local_epochs": 20}

    def unfit(self, dataset: Dataset) -> str | None:
        if dataset.features.shape[1] != FEATURES:
            return f"samples have {dataset.features.shape[1]} features, not {FEATURES}"
        if dataset.labels.min() < 0 or dataset.labels.max() >= CLASSES:
            return f"labels go beyond 0..{CLASSES - 1}"
        return None

    def validation(self) -> Dataset:
        return sandbox.digits()[1]

    def initial(self) -> Weights:
        """Zeros: every class is equally likely."""
        return [np.zeros((FEATURES, CLASSES)), np.zeros(CLASSES)]

    def train(self, weights: Weights, dataset: Dataset, hyperparameters: Mapping[str, Any]) -> Weights:
        """Full-batch gradient descent on the cross-entropy, a step per epoch."""
        rate, epochs = float(hyperparameters["learning_rate"]), int(hyperparameters["local_epochs"])
        matrix, bias = weights[0].copy(), weights[1].copy()
        wanted = np.eye(CLASSES)[dataset.labels]
        for _ in range(epochs):
            gradient = _softmax(dataset.features @ matrix + bias) - wanted
            matrix -= rate * dataset.features.T @ gradient / len(dataset)
            bias -= rate * gradient.mean(axis=0)
        return [matrix, bias]

    def evaluate(self, weights: Weights, dataset: Dataset) -> Measured:
        likely = _softmax(dataset.features @ weights[0] + weights[1])
        loss = float(-np.log(likely[np.arange(len(dataset)), dataset.labels] + 1e-12).mean())
        return Measured(loss, float((likely.argmax(axis=1) == dataset.labels).mean()))


def _softmax(scores: Floats) -> Floats:
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = exp / exp.sum(axis=1, keepdims=True)
    return result


TASK: Final = DigitsSoftmax()
