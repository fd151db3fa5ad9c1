"""The task: a softmax classifier of digits in NumPy, its loss and its accuracy.

Model: weights (64 × 10) and bias (10), float64. Loss: mean cross-entropy in nats. Accuracy: share of samples classified rightly.
"""

from __future__ import annotations

import numpy as np

from oe_app.data import Floats, Labels

Weights = list[Floats]

LEARNING_RATE = 0.5
LOCAL_EPOCHS = 5
FEATURES, CLASSES = 64, 10


def initial() -> Weights:
    """The untrained model: zeros, so that every class is equally likely."""
    return [np.zeros((FEATURES, CLASSES)), np.zeros(CLASSES)]


def _softmax(scores: Floats) -> Floats:
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = exp / exp.sum(axis=1, keepdims=True)
    return result


def train(weights: Weights, features: Floats, labels: Labels, *, learning_rate: float, epochs: int) -> Weights:
    """Full-batch gradient descent on the cross-entropy, `epochs` steps."""
    matrix, bias = weights[0].copy(), weights[1].copy()
    wanted = np.eye(CLASSES)[labels]
    for _ in range(epochs):
        gradient = _softmax(features @ matrix + bias) - wanted
        matrix -= learning_rate * features.T @ gradient / len(features)
        bias -= learning_rate * gradient.mean(axis=0)
    return [matrix, bias]


def evaluate(weights: Weights, features: Floats, labels: Labels) -> tuple[float, float]:
    """(loss, accuracy) of a model on a set."""
    likely = _softmax(features @ weights[0] + weights[1])
    loss = float(-np.log(likely[np.arange(len(labels)), labels] + 1e-12).mean())
    return loss, float((likely.argmax(axis=1) == labels).mean())
