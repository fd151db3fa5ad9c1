"""NumPy archives with `X` (samples × features, or samples × height × width) and `y` (integer labels)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from oe_app.data import Dataset, Floats, Labels, UnusableData

from .options import Options


def read(files: list[Path], _: Options) -> Dataset:
    """All archives as one data set. Samples with more than one dimension are images."""
    features, labels = [], []
    for file in files:
        try:
            # Pickled objects run code when they are loaded: never from a file that somebody gave us.
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as archive:
                features.append(_samples(archive["X"]))
                labels.append(_whole(archive["y"]))
        except Exception as error:  # a broken archive fails in a dozen ways, down to MemoryError; all mean the same
            raise UnusableData(f"{file} is not an .npz with X and y: {error}", "data_unreadable") from error
    if len({part.shape[1:] for part in features}) != 1:
        raise UnusableData("the files have samples of different shapes", "data_unreadable")
    samples = np.concatenate(features)
    modality = "image" if samples.ndim > 2 else "tabular"
    return Dataset(samples.reshape(len(samples), math.prod(samples.shape[1:])), np.concatenate(labels), modality)


def _samples(features: np.typing.NDArray[np.generic]) -> Floats:
    if features.dtype.kind not in "fiub" or features.ndim < 2:
        raise ValueError("X must be numbers, samples × features")
    return features.astype(np.float64)


def _whole(labels: np.typing.NDArray[np.generic]) -> Labels:
    if labels.dtype.kind not in "iub" or labels.ndim != 1:
        raise ValueError("y must be integers, one per sample")
    return labels.astype(np.int64)
