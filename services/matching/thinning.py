"""Leaves out most offers that k others dominate, by NumPy, before anything is searched. Pure."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.matching.columns import Columns, Rows
from services.matching.conditions import BLOCK

SAMPLE: Final = 1024


def promising(columns: Columns, rows: Rows, k: int, one_per_seller: bool) -> Rows:
    """`rows` without most of those that k others dominate: dominated by a sample is dominated by all.

    What it keeps decides nothing but the time that the exact search takes.
    """
    price, score = columns["price"], columns["score"]
    while len(rows) > SAMPLE:
        few = rows[:: len(rows) // SAMPLE]
        # Where a seller may be chosen once, one of the dominating sellers may be the offer's own.
        at, floor = _floors(price[few], score[few], columns["seller"][few] if one_per_seller else None, k)
        if not len(at):
            return rows
        parts = [_above(price, score, rows[start : start + BLOCK], at, floor) for start in range(0, len(rows), BLOCK)]
        kept = np.concatenate(parts)
        if len(kept) > 0.9 * len(rows):
            return kept
        rows = kept
    return rows


def _above(price: NDArray[np.int64], score: NDArray[np.int32], rows: Rows, at: NDArray[np.int64], floor: NDArray[np.int32]) -> Rows:
    """The rows that reach the floor at their price."""
    prices, scores = price[rows], score[rows]
    for step in (len(at) // 2, len(at) - 1):  # two cheap cuts before the exact one
        kept = np.flatnonzero((prices < at[step]) | (scores >= floor[step]))
        rows, prices, scores = rows[kept], prices[kept], scores[kept]
    steps = np.searchsorted(at, prices, side="right") - 1
    kept_rows: Rows = rows[(steps < 0) | (scores >= floor[steps])]
    return kept_rows


def _floors(prices: NDArray[Any], scores: NDArray[Any], sellers: NDArray[Any] | None, k: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Steps (price, score): an offer at that price or above needs that score, or k of these dominate it."""
    if sellers is not None:
        _, first = np.unique(sellers, return_index=True)
        prices, scores, k = prices[first], scores[first], k + 1
    order = np.argsort(prices, kind="stable")
    prices, left = prices[order], scores[order]
    for _ in range(k):  # the highest so far; then, of what it pushed down, the second highest so far; and so on
        highest = np.maximum.accumulate(left)
        left = np.minimum(left, np.concatenate([[-1], highest[:-1]]))
    steps = np.flatnonzero(np.diff(highest, prepend=-1) > 0)
    return prices[steps], highest[steps]
