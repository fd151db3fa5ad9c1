"""A series with its samples, before it is a series of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Samples = Sequence[tuple[Sequence[str], float]]


@dataclass(frozen=True)
class Family:
    """`counts`: it only ever grows."""

    name: str
    text: str
    labels: Sequence[str] = ()
    counts: bool = False


Found = Sequence[tuple[Family, Samples]]
Ask = Callable[[], Found]
