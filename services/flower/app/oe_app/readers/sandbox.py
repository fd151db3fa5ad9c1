"""Data that ships with scikit-learn, in shares: `sandbox:digits:<i>/<n>` is the i-th of n non-IID shares of the digits.

There are `digits`, `breast-cancer`, `wine` and `diabetes`. A part of each is the exchange's own validation set, given to nobody.
The files are read without importing scikit-learn (about a second of imports).
"""

from __future__ import annotations

import gzip
import importlib.util
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from oe_app.data import Dataset, Floats, UnusableData

SKEW: Final = 0.3
HELD_BACK: Final = {"digits": 397, "breast-cancer": 119, "wine": 48, "diabetes": 102}
"""How many samples of each set nobody is given."""
FEW: Final = 10
"""Up to so many labels are classes; more are amounts, and count as low, middle or high for the skew."""


def _table(name: str, columns: int, *, skip: int = 0, separator: str = ",") -> Floats:
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise UnusableData("scikit-learn, which ships the sandbox's data, is not installed")
    path = Path(spec.origin).parent / "datasets/data" / name
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = raw.decode("ascii").split()[skip:] if separator == "," else [raw.decode("ascii")]
    numbers: Floats = np.fromstring(separator.join(lines), sep=separator)
    return numbers.reshape(-1, columns)


def _digits() -> tuple[Floats, Floats, str]:
    """8×8 grey images, scaled to 0..1."""
    table = _table("digits.csv.gz", 65)
    return table[:, :-1] / 16.0, table[:, -1], "image"


def _last_column(name: str, columns: int) -> tuple[Floats, Floats, str]:
    table = _table(name, columns, skip=1)
    return _standard(table[:, :-1]), table[:, -1], "tabular"


def _diabetes() -> tuple[Floats, Floats, str]:
    target = _table("diabetes_target.csv.gz", 1, separator=" ")
    return _standard(_table("diabetes_data_raw.csv.gz", 10, separator=" ")), target[:, 0], "tabular"


def _standard(features: Floats) -> Floats:
    """Mean 0 and deviation 1 over the whole set: the shares would otherwise each have a scale of their own."""
    scaled: Floats = (features - features.mean(axis=0)) / features.std(axis=0)
    return scaled


SETS: Final[Mapping[str, Callable[[], tuple[Floats, Floats, str]]]] = {
    "digits": _digits,
    "breast-cancer": lambda: _last_column("breast_cancer.csv", 31),
    "wine": lambda: _last_column("wine_data.csv", 14),
    "diabetes": _diabetes,
}


@lru_cache
def split(name: str) -> tuple[Dataset, Dataset]:
    """(to train on, held back), in a fixed order."""
    features, labels, modality = SETS[name]()
    order = np.random.default_rng(0).permutation(len(labels))
    cut = len(labels) - HELD_BACK[name]
    features, whole = features[order], labels[order].astype(np.int64)
    return Dataset(features[:cut], whole[:cut], modality), Dataset(features[cut:], whole[cut:], modality)


def held_back(name: str) -> Dataset:
    """The exchange's own validation set."""
    return split(name)[1]


def share(name: str, index: int, of: int) -> Dataset:
    """The `index`-th of `of` shares with label skew by a Dirichlet draw per class (Hsu et al. 2019)."""
    if not 0 <= index < of:
        raise UnusableData(f"share {index} of {of} does not exist")
    whole, _ = split(name)
    classes = np.unique(whole.labels)
    groups = whole.labels if len(classes) <= FEW else np.digitize(whole.labels, np.quantile(whole.labels, (1 / 3, 2 / 3)))
    rng = np.random.default_rng(7)
    mine = []
    for group in np.unique(groups):
        where = np.flatnonzero(groups == group)
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
        name, index, of = "", 0, 0
    if name not in SETS:
        raise UnusableData(f"'{spec}' is not sandbox:<{'|'.join(SETS)}>:<i>/<n>")
    return share(name, index, of)
