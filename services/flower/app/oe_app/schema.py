"""What the columns and the labels of a data set are called: the text that an offer and an intent name as `label_schema`.

Canonical JSON, so that equal meanings are equal texts: `{"classes":["benign","malignant"],"features":["radius","texture"]}`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oe_app.data import Labels, UnusableData

MOST_NAMED = 3000
"""A text with more characters than this names no features, only their number: an offer has room for 4,000."""
MOST_CLASSES = 1000


@dataclass(frozen=True)
class Schema:
    """How many features a sample has, and what the classes are called, in the order of their numbers."""

    features: int
    classes: tuple[str, ...]


def text(classes: Sequence[str], features: Sequence[str]) -> str:
    """The schema of named columns."""
    named = _canonical({"classes": list(classes), "features": list(features)})
    return named if len(named) <= MOST_NAMED else _canonical({"classes": list(classes), "features": len(features)})


def parse(written: str) -> Schema:
    """Raises ValueError for what is no schema of this kind."""
    try:
        found = json.loads(written)
        features, classes = found["features"], tuple(found["classes"])
        count = features if isinstance(features, int) else len(features)
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError("the label schema does not name classes and features") from error
    if count < 1 or not 2 <= len(classes) <= MOST_CLASSES or not all(isinstance(name, str) for name in classes):
        raise ValueError("the label schema needs a feature and at least two classes")
    return Schema(count, classes)


def encode(labels: Sequence[str], classes: Sequence[str] | None) -> tuple[Labels, tuple[str, ...]]:
    """The number of each label, and the names of the classes in their order.

    Labels that are whole numbers from 0 on keep them; names are numbered in their order, or in that of `classes`.

    Raises:
        UnusableData: `label_schema_mismatch` for a label that is none of `classes`.
    """
    if classes:
        number = {name: index for index, name in enumerate(classes)}
        strange = sorted(set(labels) - set(number))
        if strange:
            raise UnusableData(f"'{strange[0]}' is none of the classes {', '.join(classes)}", "label_schema_mismatch")
        return np.array([number[label] for label in labels], dtype=np.int64), tuple(classes)
    whole = _whole(labels)
    if whole is not None:
        return whole, tuple(str(n) for n in range(int(whole.max()) + 1)) if whole.max() < MOST_CLASSES else ()
    names = tuple(sorted(set(labels)))
    if len(names) > MOST_CLASSES:
        raise UnusableData(f"the label column has {len(names)} different names", "data_unreadable")
    number = {name: index for index, name in enumerate(names)}
    return np.array([number[label] for label in labels], dtype=np.int64), names


def _whole(labels: Sequence[str]) -> Labels | None:
    try:
        numbers = np.array([float(label) for label in labels])
    except ValueError:
        return None
    if not len(numbers) or not np.isfinite(numbers).all() or (numbers < 0).any() or (numbers > 2**53).any():
        return None
    if (numbers % 1 != 0).any():
        raise UnusableData("labels must be names or whole numbers", "data_unreadable")
    return numbers.astype(np.int64)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
