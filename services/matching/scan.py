"""One look over the judged book, block by block, for what the diagnostics tell: how many rows fail what, and the best of some."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.columns import Columns, Mask
from services.matching.conditions import BIT, BLOCK, BUDGET, CODES, Bits


@dataclass(frozen=True)
class Scan:
    """`counts[code]`: rows that fail exactly the conditions of that sum of bits. Prices in micro-credits per round."""

    counts: NDArray[np.intp]
    fit: list[int]
    """The best of those that fail nothing, or can only not be paid for: the intent wants them all the same."""
    near: list[int]
    """The best of those that fail one condition."""
    cheapest: int | None
    """The lowest price among those that fit."""


class _Best:
    """The best rows by score, price and id, of what has been seen so far."""

    def __init__(self, columns: Columns, count: int) -> None:
        self._columns, self._count, self._limit = columns, count, -1
        self.rows: list[int] = []

    def see(self, rows: Mask, scores: NDArray[np.int32], start: int) -> None:
        """Of the block from `start` on the `rows`, most of which are behind what is known already."""
        found = np.flatnonzero(rows & (scores >= self._limit))
        if len(found):
            self.rows = self._columns.best(np.concatenate([np.array(self.rows, np.intp), found + start]), self._count)
            if len(self.rows) == self._count:
                self._limit = int(self._columns["score"][self.rows[-1]])


def scan(columns: Columns, bits: Bits, count: int) -> Scan:
    """Looks at every row once; `count` of the best are named."""
    counts = np.zeros(CODES, np.intp)
    fit, near, cheapest = _Best(columns, count), _Best(columns, count), np.iinfo(np.int64).max
    for start in range(0, len(bits), BLOCK):
        failed = bits[start : start + BLOCK]
        block = columns.block(start, start + BLOCK)
        counts += np.bincount(failed, minlength=CODES)
        fits = (failed & np.uint16(CODES - 1 - BIT[BUDGET])) == 0
        fit.see(fits, block["score"], start)
        near.see(((failed & (failed - np.uint16(1))) == 0) & (failed != 0), block["score"], start)
        cheaper = block["price"][fits & (block["price"] < cheapest)]
        if len(cheaper):
            cheapest = cheaper.min()
    known = counts[0] + counts[BIT[BUDGET]] > 0
    return Scan(counts, fit.rows, near.rows, int(cheapest) if known else None)
