"""Data specs and what reads them. A new kind of source is a module with a `read(files, options) -> Dataset` and a row in a table below.

A spec is `<scheme>:…` for a source that is not a path, the path of a file, of a folder of files of one kind, or of a folder with a
folder of pictures per class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from oe_app.data import Dataset, UnusableData

from . import csv_files, images, npz, parquet, sandbox
from .options import Options

__all__ = ["Options", "read"]

SCHEMES: Final[Mapping[str, Callable[[str], Dataset]]] = {"sandbox": sandbox.read}
FILES: Final[Mapping[str, Callable[[list[Path], Options], Dataset]]] = {
    ".npz": npz.read,
    ".csv": csv_files.read,
    ".parquet": parquet.read,
}


def _kind(path: Path) -> str:
    """`.csv` for `a.csv` and for `a.csv.gz`."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return ".csv" if suffixes[-2:] == [".csv", ".gz"] else (suffixes or [""])[-1]


def read(spec: str, options: Options | None = None) -> Dataset:
    """The data set behind a spec. Raises `UnusableData`."""
    options = options or Options()
    scheme, colon, _ = spec.partition(":")
    if colon and scheme in SCHEMES:
        return SCHEMES[scheme](spec)
    path = Path(spec)
    try:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        pictures = images.found(inside) if path.is_dir() else []
    except OSError as error:
        raise UnusableData(f"{spec} cannot be read: {error.strerror}", "data_unreadable") from error
    if pictures:
        return images.read(pictures, options)
    files = [file for file in inside if _kind(file) in FILES]
    if path.is_dir() and not files:
        raise UnusableData(
            f"{spec} has no data in it ({', '.join(FILES)}, or a folder of pictures per class)", "data_directory_empty"
        )
    kinds = {_kind(file) for file in files}
    if len(kinds) != 1:
        raise UnusableData(f"{spec}: give one kind of file ({', '.join(FILES)}), or a folder of it", "data_unreadable")
    return FILES[kinds.pop()](files, options)
