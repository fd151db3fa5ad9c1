"""Models in NumPy that tasks are made of: softmax regression, a small network, linear regression. Full-batch gradient descent each.

`proximal_mu` among the hyperparameters is FedProx's pull towards the model that the round began with (Li et al. 2020): 0 without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oe_app.data import Dataset, Floats
from oe_app.tasks import Measured, Weights


@dataclass(frozen=True)
class _Model:
    serves: tuple[str, ...]
    sandbox: str
    features: int
    held_back: Callable[[], Dataset]
    hyperparameters: Mapping[str, float]

    def validation(self) -> Dataset:
        return self.held_back()

    def training_part(self, dataset: Dataset) -> Dataset:
        return dataset

    def unfit(self, dataset: Dataset) -> str | None:
        if dataset.features.shape[1] != self.features:
            return f"samples have {dataset.features.shape[1]} features, not {self.features}"
        return None


@dataclass(frozen=True)
class SoftmaxRegression(_Model):
    """Weights (features × classes) and bias. Loss: mean cross-entropy in nats. Accuracy: share of samples classified rightly."""

    classes: int
    arrays: tuple[str, ...] = ("weights", "bias")

    def unfit(self, dataset: Dataset) -> str | None:
        if dataset.labels.min() < 0 or dataset.labels.max() >= self.classes:
            return f"labels go beyond 0..{self.classes - 1}"
        return super().unfit(dataset)

    def initial(self) -> Weights:
        """Zeros: every class is equally likely."""
        return [np.zeros((self.features, self.classes)), np.zeros(self.classes)]

    def train(self, weights: Weights, dataset: Dataset, hyperparameters: Mapping[str, Any]) -> Weights:
        rate, pull = float(hyperparameters["learning_rate"]), float(hyperparameters.get("proximal_mu", 0))
        matrix, bias = weights[0].copy(), weights[1].copy()
        wanted = np.eye(self.classes)[dataset.labels]
        for _ in range(int(hyperparameters["local_epochs"])):
            gradient = _softmax(dataset.features @ matrix + bias) - wanted
            matrix -= rate * (dataset.features.T @ gradient / len(dataset) + pull * (matrix - weights[0]))
            bias -= rate * (gradient.mean(axis=0) + pull * (bias - weights[1]))
        return [matrix, bias]

    def evaluate(self, weights: Weights, dataset: Dataset) -> Measured:
        return _classified(_softmax(dataset.features @ weights[0] + weights[1]), dataset)


@dataclass(frozen=True)
class Network(SoftmaxRegression):
    """One hidden layer of rectified units below the softmax. Loss and accuracy as there."""

    hidden: int = 32
    arrays: tuple[str, ...] = ("hidden_weights", "hidden_bias", "weights", "bias")

    def initial(self) -> Weights:
        """He et al. 2015, from a fixed seed: all providers begin with the same model."""
        rng = np.random.default_rng(0)
        return [
            rng.normal(0, np.sqrt(2 / self.features), (self.features, self.hidden)),
            np.zeros(self.hidden),
            rng.normal(0, np.sqrt(2 / self.hidden), (self.hidden, self.classes)),
            np.zeros(self.classes),
        ]

    def train(self, weights: Weights, dataset: Dataset, hyperparameters: Mapping[str, Any]) -> Weights:
        rate, pull = float(hyperparameters["learning_rate"]), float(hyperparameters.get("proximal_mu", 0))
        inner, inner_bias, outer, bias = layers = [layer.copy() for layer in weights]
        wanted = np.eye(self.classes)[dataset.labels]
        for _ in range(int(hyperparameters["local_epochs"])):
            active = np.maximum(dataset.features @ inner + inner_bias, 0)
            gradient = (_softmax(active @ outer + bias) - wanted) / len(dataset)
            back = (gradient @ outer.T) * (active > 0)
            slopes = [dataset.features.T @ back, back.sum(axis=0), active.T @ gradient, gradient.sum(axis=0)]
            for layer, slope, base in zip(layers, slopes, weights, strict=True):
                layer -= rate * (slope + pull * (layer - base))
        return [inner, inner_bias, outer, bias]

    def evaluate(self, weights: Weights, dataset: Dataset) -> Measured:
        active = np.maximum(dataset.features @ weights[0] + weights[1], 0)
        return _classified(_softmax(active @ weights[2] + weights[3]), dataset)


@dataclass(frozen=True)
class LinearRegression(_Model):
    """Weights (features) and bias; labels are divided by `scale`. Loss: mean squared error of that. There is no accuracy."""

    scale: float
    arrays: tuple[str, ...] = ("weights", "bias")

    def initial(self) -> Weights:
        return [np.zeros(self.features), np.zeros(1)]

    def train(self, weights: Weights, dataset: Dataset, hyperparameters: Mapping[str, Any]) -> Weights:
        rate, pull = float(hyperparameters["learning_rate"]), float(hyperparameters.get("proximal_mu", 0))
        slope, bias = weights[0].copy(), weights[1].copy()
        for _ in range(int(hyperparameters["local_epochs"])):
            error = dataset.features @ slope + bias - dataset.labels / self.scale
            slope -= rate * (dataset.features.T @ error / len(dataset) + pull * (slope - weights[0]))
            bias -= rate * (error.mean() + pull * (bias - weights[1]))
        return [slope, bias]

    def evaluate(self, weights: Weights, dataset: Dataset) -> Measured:
        error = dataset.features @ weights[0] + weights[1] - dataset.labels / self.scale
        return Measured(float((error**2).mean()), None)


def _softmax(scores: Floats) -> Floats:
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = exp / exp.sum(axis=1, keepdims=True)
    return result


def _classified(likely: Floats, dataset: Dataset) -> Measured:
    loss = float(-np.log(likely[np.arange(len(dataset)), dataset.labels] + 1e-12).mean())
    return Measured(loss, float((likely.argmax(axis=1) == dataset.labels).mean()))
