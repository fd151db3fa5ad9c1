"""Data specs and what reads them. A new kind of source is a module with a `read(spec) -> Dataset` and a row in a table below.

A spec is `<scheme>:…` for a source that is not a path, or the path of a file or of a folder of files of one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from oe_app.data import Dataset, UnusableData

from . import npz, sandbox

SCHEMES: Final[Mapping[str, Callable[[str], Dataset]]] = {"sandbox": sandbox.read}
FILES: Final[Mapping[str, Callable[[list[Path]], Dataset]]] = {".npz": npz.read}


def read(spec: str) -> Dataset:
    """The data set behind a spec. Raises `UnusableData`."""
    scheme, colon, _ = spec.partition(":")
    if colon and scheme in SCHEMES:
        return SCHEMES[scheme](spec)
    path = Path(spec)
    files = sorted(file for file in path.iterdir() if file.suffix in FILES) if path.is_dir() else [path]
    kinds = {file.suffix for file in files}
    if len(kinds) != 1 or not kinds <= set(FILES):
        raise UnusableData(f"{spec}: give one kind of file ({', '.join(FILES)}), or a folder of it")
    return FILES[kinds.pop()](files)
