"""What a node tells about its data: measured here, and no sample of it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from oe_app.data import Dataset, Floats, UnusableData, digests, fingerprint

FEW_CLASSES: Final = 50
"""More different labels than this are amounts: no score is measured for them."""
HOLD_OUT: Final = 5
"""Every so-many-th sample is held out."""
STEPS: Final = 100
RATE: Final = 0.5


def facts(dataset: Dataset) -> dict[str, Any]:
    """Fingerprint, counts, and how well a plain model does on samples that it has not seen (null where that has no meaning)."""
    values, counts = np.unique(dataset.labels, return_counts=True)
    rows = digests(dataset)
    return {
        "dataset_fingerprint": fingerprint(dataset),
        "sample_count": len(dataset),
        "label_histogram": {str(int(v)): int(c) for v, c in zip(values, counts, strict=True)},
        "modality": dataset.modality,
        "label_schema": dataset.schema,
        "missing_values": dataset.missing,
        "duplicates": len(rows) - len(set(rows)),
        "holdout_score": holdout_score(dataset),
    }


def check(dataset: Dataset) -> None:
    """Raises `UnusableData` (`data_one_class`) where there is nothing to tell apart."""
    if len(np.unique(dataset.labels)) < 2:
        raise UnusableData("every sample has the same label: there is nothing to learn", "data_one_class")


def split(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """(to train on, held out), a fifth by the samples' own digests: the same samples whatever file they come in, equal ones together."""
    held = np.array([int.from_bytes(digest[:8]) % HOLD_OUT == 0 for digest in digests(dataset)])
    if held.all() or not held.any():
        held = np.arange(len(dataset)) == 0
    return dataset.rows(~held), dataset.rows(held)


def standardised(dataset: Dataset) -> Dataset:
    """Each column with mean 0 and deviation 1; a column of one value becomes zeros."""
    spread = dataset.features.std(axis=0)
    scaled: Floats = (dataset.features - dataset.features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return Dataset(scaled, dataset.labels, dataset.modality, dataset.schema, dataset.missing)


def holdout_score(dataset: Dataset) -> float | None:
    """The accuracy of softmax regression on the held-out fifth; null for amounts, or where there is too little to hold out."""
    classes, labels = np.unique(dataset.labels, return_inverse=True)
    if not 2 <= len(classes) <= FEW_CLASSES or len(dataset) < 2 * HOLD_OUT:
        return None
    train, held = split(standardised(Dataset(dataset.features, labels.astype(np.int64), dataset.modality)))
    weights, bias = np.zeros((train.features.shape[1], len(classes))), np.zeros(len(classes))
    wanted = np.eye(len(classes))[train.labels]
    for _ in range(STEPS):
        scores = train.features @ weights + bias
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = likely / likely.sum(axis=1, keepdims=True) - wanted
        weights -= RATE * train.features.T @ error / len(train)
        bias -= RATE * error.mean(axis=0)
    guessed = (held.features @ weights + bias).argmax(axis=1)
    return round(float((guessed == held.labels).mean()), 4)
