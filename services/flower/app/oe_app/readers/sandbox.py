"""Data that ships with a package, in shares: `sandbox:digits:<i>/<n>` is the i-th of n non-IID shares of scikit-learn's digits."""

from __future__ import annotations

import gzip
import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from oe_app.data import Dataset, UnusableData

TRAIN_SAMPLES: Final = 1400
"""Of 1,797 digits; the other 397 are the exchange's own validation set and are given to nobody."""
SKEW: Final = 0.3


@lru_cache
def digits() -> tuple[Dataset, Dataset]:
    """(to train on, to validate on): 8×8 grey images of digits, scaled to 0..1, in a fixed order.

    Read from the file that scikit-learn ships, without importing scikit-learn (about a second of imports).
    """
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise UnusableData("scikit-learn, which ships the digits, is not installed")
    with gzip.open(Path(spec.origin).parent / "datasets/data/digits.csv.gz", "rt") as file:
        table = np.fromstring(file.read().strip().replace("\n", ","), sep=",").reshape(-1, 65)
    order = np.random.default_rng(0).permutation(len(table))
    features = (table[order, :-1] / 16.0).astype(np.float64)
    labels = table[order, -1].astype(np.int64)
    return (
        Dataset(features[:TRAIN_SAMPLES], labels[:TRAIN_SAMPLES], "image"),
        Dataset(features[TRAIN_SAMPLES:], labels[TRAIN_SAMPLES:], "image"),
    )


def share(index: int, of: int) -> Dataset:
    """The `index`-th of `of` shares with label skew by a Dirichlet draw per class (Hsu et al. 2019)."""
    if not 0 <= index < of:
        raise UnusableData(f"share {index} of {of} does not exist")
    whole, _ = digits()
    rng = np.random.default_rng(7)
    mine = []
    for label in range(10):
        where = np.flatnonzero(whole.labels == label)
        cuts = (np.cumsum(rng.dirichlet([SKEW] * of))[:-1] * len(where)).astype(int)
        mine.append(np.split(where, cuts)[index])
    chosen = np.sort(np.concatenate(mine))
    return Dataset(whole.features[chosen], whole.labels[chosen], whole.modality)


def read(spec: str) -> Dataset:
    """The share that a spec names."""
    try:
        _, name, part = spec.split(":")
        index, of = map(int, part.split("/"))
    except ValueError:
        name = ""
    if name != "digits":
        raise UnusableData(f"'{spec}' is not sandbox:digits:<i>/<n>")
    return share(index, of)
