"""A folder with a folder of pictures per class: `DIR/<class>/<picture>.png`. Read as grey, 0 to 1, all of one size. Needs Pillow."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from oe_app import schema
from oe_app.data import Dataset, Floats, UnusableData

from .options import Options

PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"})


def found(inside: Sequence[Path]) -> list[Path]:
    """The pictures in the folders among `inside`; their folder is their class."""
    folders = [folder for folder in inside if folder.is_dir()]
    return [file for folder in folders for file in sorted(folder.iterdir()) if file.suffix.lower() in PICTURES]


def read(files: list[Path], options: Options) -> Dataset:
    """All pictures as one data set. Raises `UnusableData`, with `data_reader_missing` where Pillow is not installed."""
    try:
        pillow = importlib.import_module("PIL.Image")
    except ImportError as error:
        raise UnusableData(
            "pictures need Pillow, which is not installed here: pip install pillow", "data_reader_missing"
        ) from error
    samples: list[Floats] = []
    for file in files:
        try:
            with pillow.open(file) as picture:
                samples.append(np.asarray(picture.convert("L"), dtype=np.float64) / 255)
        except Exception as error:  # a broken picture fails in a dozen ways, down to a bomb that Pillow defuses
            raise UnusableData(f"{file} is not a picture: {error}", "data_unreadable") from error
        if samples[-1].shape != samples[0].shape:
            raise UnusableData(f"{file} has another size than {files[0]}", "data_unreadable")
    labels, classes = schema.encode([file.parent.name for file in files], options.classes)
    written = json.dumps({"classes": list(classes), "image": list(samples[0].shape)}, sort_keys=True, separators=(",", ":"))
    return Dataset(np.stack([sample.ravel() for sample in samples]), labels, "image", written if classes else "")
