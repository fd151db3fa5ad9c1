"""A data set as arrays, the fingerprint that a contract names it by, and the facts that a node tells about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


class UnusableData(Exception):
    """The data cannot be trained on; the message says why."""


@dataclass(frozen=True)
class Dataset:
    """Samples × features, and a label per sample. Checked when it is made: what exists can be trained on."""

    features: Floats
    labels: Labels
    modality: str

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.labels.shape != (len(self.features),):
            raise UnusableData("features must be samples × features, with one label per sample")
        if len(self.labels) == 0:
            raise UnusableData("there are no samples")
        if not np.isfinite(self.features).all():
            raise UnusableData("features have values that are not finite")

    def __len__(self) -> int:
        return len(self.labels)


def fingerprint(dataset: Dataset) -> str:
    """SHA-256 over the sorted SHA-256s of the samples: the same for the same samples in any order, file or compression."""
    # Adding zero makes -0.0 and 0.0, which no model can tell apart, the same bytes.
    features = (dataset.features + 0.0).astype("<f8")
    labels = dataset.labels.astype("<i8")
    rows = sorted(hashlib.sha256(x.tobytes() + y.tobytes()).digest() for x, y in zip(features, labels, strict=True))
    whole = hashlib.sha256(f"{features.shape[1]}:{len(rows)}:".encode())
    for row in rows:
        whole.update(row)
    return whole.hexdigest()


def facts(dataset: Dataset) -> dict[str, Any]:
    """What a node tells about its data: measured, and no sample of it."""
    values, counts = np.unique(dataset.labels, return_counts=True)
    return {
        "dataset_fingerprint": fingerprint(dataset),
        "sample_count": len(dataset),
        "label_histogram": {str(int(v)): int(c) for v, c in zip(values, counts, strict=True)},
        "modality": dataset.modality,
    }
