"""How good an offer is: 0.5 × quality + 0.3 × affordability + 0.2 × trust.

Affordability is 1 / (1 + price in credits), trust 1 for a verified attestation and 0.5 otherwise. Scores are compared as integers
of 10⁻⁹, so that a tie is a tie and the same book gives the same answer to the byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shared.contracts.values import MICRO_PER_CREDIT

UNIT: Final = 1_000_000_000


@dataclass(frozen=True)
class Score:
    """The weighted components in units of 10⁻⁹."""

    quality: int
    cost: int
    trust: int

    @property
    def total(self) -> int:
        return self.quality + self.cost + self.trust


def score(quality: float, price: int, *, verified: bool) -> Score:
    """The score of an offer by its quality, its price of a round in micro-credits and whether its attestation is verified."""
    cost = 3 * UNIT // 10 * MICRO_PER_CREDIT // (MICRO_PER_CREDIT + price)
    return Score(round(quality * UNIT) // 2, cost, UNIT // 5 if verified else UNIT // 10)


def totals(quality: NDArray[np.float64], price: NDArray[np.int64], verified: NDArray[np.bool_]) -> NDArray[Any]:
    """The totals of many offers, to the unit what `score` gives for each."""
    return values(quality, verified) + 3 * UNIT // 10 * MICRO_PER_CREDIT // (MICRO_PER_CREDIT + price)


def values(quality: NDArray[np.float64], verified: NDArray[np.bool_]) -> NDArray[Any]:
    """The same without affordability: what offers are worth whatever they ask; above zero."""
    return np.rint(quality * UNIT).astype(np.int64) // 2 + np.where(verified, UNIT // 5, UNIT // 10)
