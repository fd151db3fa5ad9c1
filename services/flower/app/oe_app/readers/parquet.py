"""Parquet tables (`.parquet`), where pyarrow is installed: it is large, so it is an extra."""

from __future__ import annotations

import importlib
from pathlib import Path

from oe_app.data import Dataset, UnusableData

from . import table
from .options import Options


def read(files: list[Path], options: Options) -> Dataset:
    """All files as one table. Raises `UnusableData`, with `data_reader_missing` where pyarrow is not installed."""
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise UnusableData(
            "Parquet needs pyarrow, which is not installed here: pip install pyarrow", "data_reader_missing"
        ) from error
    tables = []
    for file in files:
        try:
            tables.append(parquet.read_table(file))
        except Exception as error:  # pyarrow has a dozen errors for a broken file
            raise UnusableData(f"{file} is not a Parquet table: {error}", "data_unreadable") from error
    names = list(tables[0].column_names)
    for file, found in zip(files, tables, strict=True):
        if sorted(found.column_names) != sorted(names):
            raise UnusableData(f"{file} has other columns than {files[0]}", "data_unreadable")
    columns = [[cell for found in tables for cell in found.column(name).to_pylist()] for name in names]
    return table.dataset(names, columns, options)
