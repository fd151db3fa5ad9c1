"""A table of texts or numbers as a data set: which column is the label, which cells lack a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from oe_app import schema
from oe_app.data import Dataset, Floats, UnusableData

from .options import Options

LACKING: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})


def dataset(names: Sequence[str], columns: Sequence[Sequence[Any]], options: Options) -> Dataset:
    """The table's data set; its columns other than the label's are in the order of their names, as files may differ in it."""
    place = _label_column(names, options)
    features = sorted((i for i in range(len(names)) if i != place), key=(lambda i: names[i]) if options.header else (lambda i: i))
    if not features:
        raise UnusableData("the table has no column beside the label", "data_unreadable")
    labels = [_text(cell) for cell in columns[place]]
    numbers = np.column_stack([_numbers(names[i], columns[i]) for i in features])
    lacking = np.isnan(numbers)
    nameless = np.array([label.lower() in LACKING for label in labels], dtype=bool)
    missing = int(lacking.sum() + nameless.sum())
    kept = ~(lacking.any(axis=1) | nameless)
    if missing and not options.drop_missing:
        raise UnusableData(
            f"{missing} cells have no value: fill them, or leave their samples out (--drop-missing)", "data_not_finite"
        )
    if not kept.any():
        raise UnusableData("no sample has a value in every column", "data_directory_empty")
    encoded, classes = schema.encode([label for label, keep in zip(labels, kept, strict=True) if keep], options.classes)
    written = schema.text(classes, [names[i] for i in features]) if classes else ""
    return Dataset(numbers[kept], encoded, "tabular", written, missing)


def _label_column(names: Sequence[str], options: Options) -> int:
    if not options.label:
        return len(names) - 1
    if options.label not in names:
        raise UnusableData(f"there is no column '{options.label}': there are {', '.join(names[:20])}", "data_unreadable")
    return list(names).index(options.label)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _numbers(name: str, cells: Sequence[Any]) -> Floats:
    try:
        return np.array([np.nan if _text(cell).lower() in LACKING else float(cell) for cell in cells])
    except (TypeError, ValueError) as error:
        raise UnusableData(f"the column '{name}' is not made of numbers: {error}", "data_unreadable") from error
