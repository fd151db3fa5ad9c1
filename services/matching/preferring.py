"""Preferred sellers: among sets of equal score the one with more of their offers. Pure.

A score becomes score × 26, plus one for a preferred seller. A set has at most 25 offers, so that preferences add up to less than one
unit of score: the sum orders sets by score first and then by preferred offers, exactly, and the search is as it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from services.matching.columns import Columns
from services.matching.selection import Chosen
from shared.contracts.http import SelectPolicy

WEIGHT: Final = 26
"""One more than a set has offers."""


def weighted(columns: Columns, policy: SelectPolicy) -> tuple[Columns, int]:
    """The columns with scores that prefer, and the weight of a unit of score in them; 1 where the policy prefers nobody."""
    sellers = [code for code in columns.names.sellers.find(*policy.preferred_sellers) if code >= 0]
    if not sellers:
        return columns, 1
    preferred = np.isin(columns["seller"], sellers)
    return columns.scored(columns["score"].astype(np.int64) * WEIGHT + preferred), WEIGHT


def plain(chosen: Chosen | None, weight: int) -> Chosen | None:
    """The set with its score, and its bound, as they are without preferences."""
    if chosen is None or weight == 1:
        return chosen
    return replace(chosen, score=chosen.score // weight, bound=None if chosen.bound is None else chosen.bound // weight)
