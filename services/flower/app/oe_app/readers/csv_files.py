"""Comma-separated tables (`.csv`, `.csv.gz`; also with semicolons or tabs): a header, numbers, and a column with the label."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path

from oe_app.data import Dataset, UnusableData

from . import table
from .options import Options


def read(files: list[Path], options: Options) -> Dataset:
    """All files as one table. Raises `UnusableData`."""
    names: list[str] = []
    columns: list[list[str]] = []
    for file in files:
        found, rows = _rows(file, options)
        if names and sorted(found) != sorted(names):
            raise UnusableData(f"{file} has other columns than {files[0]}", "data_unreadable")
        if not names:
            names, columns = found, [[] for _ in found]
        order = [found.index(name) for name in names]
        for row in rows:
            for column, place in zip(columns, order, strict=True):
                column.append(row[place])
    return table.dataset(names, columns, options)


def _rows(file: Path, options: Options) -> tuple[list[str], list[list[str]]]:
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UnusableData(f"{file} is not text in UTF-8: {error}", "data_unreadable") from error
    first, _, _ = text.partition("\n")
    separator = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True) if row]
    except csv.Error as error:
        raise UnusableData(f"{file} is not a table: {error}", "data_unreadable") from error
    if not rows:
        raise UnusableData(f"{file} is empty", "data_directory_empty")
    names = [name.strip() for name in rows.pop(0)] if options.header else [str(n) for n in range(len(rows[0]))]
    if len(set(names)) != len(names):
        raise UnusableData(f"{file} names a column twice", "data_unreadable")
    for number, row in enumerate(rows, start=2 if options.header else 1):
        if len(row) != len(names):
            raise UnusableData(f"{file}, row {number}: {len(row)} cells, not {len(names)}", "data_unreadable")
    return names, rows
