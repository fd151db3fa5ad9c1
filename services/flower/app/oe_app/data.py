"""Data sets as arrays, and the fingerprint that a contract names them by.

A data spec is `sandbox:digits:<i>/<n>` (the i-th of n non-IID shares of scikit-learn's digits) or the path of an `.npz` with `X`
(float, samples × features) and `y` (integer labels).
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

TRAIN_SAMPLES = 1400
"""Of 1,797 digits; the other 397 are the exchange's own validation set and are given to nobody."""


class UnusableData(Exception):
    """The data cannot be trained on; the message says why."""


@lru_cache
def digits() -> tuple[Floats, Labels, Floats, Labels]:
    """(X, y) to train on and (X, y) to validate on: 8×8 grey images of digits, scaled to 0..1, in a fixed order.

    Read from the file that scikit-learn ships, without importing scikit-learn (about a second of imports).
    """
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise UnusableData("scikit-learn, which ships the digits, is not installed")
    with gzip.open(Path(spec.origin).parent / "datasets/data/digits.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    order = np.random.default_rng(0).permutation(len(table))
    features = (table[order, :-1] / 16.0).astype(np.float64)
    labels = table[order, -1].astype(np.int64)
    return features[:TRAIN_SAMPLES], labels[:TRAIN_SAMPLES], features[TRAIN_SAMPLES:], labels[TRAIN_SAMPLES:]


def digits_share(index: int, of: int, *, alpha: float = 0.3) -> tuple[Floats, Labels]:
    """The `index`-th of `of` shares with label skew by a Dirichlet(`alpha`) draw per class (Hsu et al. 2019)."""
    if not 0 <= index < of:
        raise UnusableData(f"share {index} of {of} does not exist")
    features, labels, _, _ = digits()
    rng = np.random.default_rng(7)
    mine: list[npt.NDArray[np.int64]] = []
    for label in range(10):
        where = np.flatnonzero(labels == label)
        cuts = (np.cumsum(rng.dirichlet([alpha] * of))[:-1] * len(where)).astype(int)
        mine.append(np.split(where, cuts)[index])
    chosen = np.sort(np.concatenate(mine))
    return features[chosen], labels[chosen]


def load(spec: str) -> tuple[Floats, Labels]:
    """The arrays behind a data spec. Raises `UnusableData`."""
    if spec.startswith("sandbox:digits:"):
        try:
            index, of = map(int, spec.rsplit(":", 1)[1].split("/"))
        except ValueError as error:
            raise UnusableData(f"'{spec}' is not sandbox:digits:<i>/<n>") from error
        return digits_share(index, of)
    try:
        with np.load(spec, allow_pickle=False) as archive:
            features, labels = np.asarray(archive["X"], dtype=np.float64), np.asarray(archive["y"], dtype=np.int64)
    except (OSError, KeyError, ValueError) as error:
        raise UnusableData(f"{spec} is not an .npz with X and y: {error}") from error
    if features.ndim != 2 or labels.shape != (len(features),) or len(features) == 0:
        raise UnusableData("X must be samples × features, y a label per sample, and there must be some")
    if not np.isfinite(features).all():
        raise UnusableData("X has values that are not finite")
    return features, labels


def fingerprint(features: Floats, labels: Labels) -> str:
    """SHA-256 over the sorted SHA-256s of the samples: the same for the same samples in any order, file or compression."""
    rows = [
        hashlib.sha256(x.astype("<f8").tobytes() + y.astype("<i8").tobytes()).digest()
        for x, y in zip(features, labels, strict=True)
    ]
    whole = hashlib.sha256(f"{features.shape[1]}:{len(rows)}:".encode())
    for row in sorted(rows):
        whole.update(row)
    return whole.hexdigest()


def facts(features: Floats, labels: Labels) -> dict[str, Any]:
    """What a node tells about its data: measured, and no sample of it."""
    values, counts = np.unique(labels, return_counts=True)
    return {
        "dataset_fingerprint": fingerprint(features, labels),
        "sample_count": len(labels),
        "label_histogram": {str(int(v)): int(c) for v, c in zip(values, counts, strict=True)},
    }
