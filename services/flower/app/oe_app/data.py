"""A data set as arrays, and the fingerprint that a contract names it by. What a node tells about it is in `measure`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


class UnusableData(Exception):
    """The data cannot be trained on; the message says why, and `code` is that of the exchange's catalogue."""

    def __init__(self, message: str, code: str = "data_unusable") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Dataset:
    """Samples × features, and a label per sample. Checked when it is made: what exists can be trained on."""

    features: Floats
    labels: Labels
    modality: str
    schema: str = ""
    """What the features and labels mean, as an offer's `label_schema` (`schema.text`); empty where the source has no names."""
    missing: int = 0
    """Cells without a value; the samples that they were in are not here."""

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.labels.shape != (len(self.features),):
            raise UnusableData("features must be samples × features, with one label per sample")
        if len(self.labels) == 0:
            raise UnusableData("there are no samples", "data_directory_empty")
        if not np.isfinite(self.features).all():
            raise UnusableData("features have values that are not finite", "data_not_finite")

    def rows(self, which: npt.NDArray[Any]) -> Dataset:
        """Some of the samples: by index, or by a mask."""
        return replace(self, features=self.features[which], labels=self.labels[which])

    def __len__(self) -> int:
        return len(self.labels)


def digests(dataset: Dataset) -> list[bytes]:
    """The SHA-256 of each sample."""
    # Adding zero makes -0.0 and 0.0, which no model can tell apart, the same bytes.
    features = (dataset.features + 0.0).astype("<f8")
    labels = dataset.labels.astype("<i8")
    return [hashlib.sha256(x.tobytes() + y.tobytes()).digest() for x, y in zip(features, labels, strict=True)]


def fingerprint(dataset: Dataset) -> str:
    """SHA-256 over the sorted SHA-256s of the samples: the same for the same samples in any order, file or compression."""
    rows = sorted(digests(dataset))
    whole = hashlib.sha256(f"{dataset.features.shape[1]}:{len(rows)}:".encode())
    for row in rows:
        whole.update(row)
    return whole.hexdigest()
