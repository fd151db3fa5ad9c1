"""NumPy archives with `X` (samples × features, or samples × height × width) and `y` (integer labels)."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from oe_app.data import Dataset, UnusableData


def read(files: list[Path]) -> Dataset:
    """All archives as one data set. Samples with more than one dimension are images."""
    features, labels = [], []
    for file in files:
        try:
            # Pickled objects run code when they are loaded: never from a file that somebody gave us.
            with np.load(file, allow_pickle=False) as archive:
                features.append(np.asarray(archive["X"], dtype=np.float64))
                labels.append(_whole(np.asarray(archive["y"])))
        except (OSError, EOFError, KeyError, ValueError, TypeError, BadZipFile) as error:
            raise UnusableData(f"{file} is not an .npz with X and y: {error}") from error
    if len({part.shape[1:] for part in features}) != 1:
        raise UnusableData("the files have samples of different shapes")
    samples = np.concatenate(features)
    if samples.ndim < 2:
        raise UnusableData("X must be samples × features")
    modality = "image" if samples.ndim > 2 else "tabular"
    return Dataset(samples.reshape(len(samples), -1), np.concatenate(labels), modality)


def _whole(labels: np.typing.NDArray[np.generic]) -> np.typing.NDArray[np.int64]:
    if labels.dtype.kind not in "iub":
        raise ValueError("y must be integers")
    return labels.astype(np.int64)
