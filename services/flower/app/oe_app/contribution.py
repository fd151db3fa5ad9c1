"""What each provider's update was worth in a round: its Shapley value on the exchange's validation set.

Method: Shapley 1953 over averaged subsets of updates, as in Song, Tong and Wei 2019 ("profit allocation for federated learning").
Exact: 2^n evaluations, so for at most `MAX_EXACT` providers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

import numpy as np

from .tasks import Weights

MAX_EXACT = 8


def average(updates: Sequence[Weights], examples: Sequence[int]) -> Weights:
    """The mean of models, weighted by their numbers of examples."""
    total = sum(examples)
    shares = [n / total for n in examples]
    return [np.tensordot(shares, np.stack([u[layer] for u in updates]), axes=1) for layer in range(len(updates[0]))]


def shapley(
    updates: Sequence[Weights], examples: Sequence[int], base: Weights, value: Callable[[Weights], float]
) -> list[float] | None:
    """A value per update; they add up to value(all) - value(base). None for more than `MAX_EXACT` updates, or none."""
    n = len(updates)
    if not 0 < n <= MAX_EXACT:
        return None
    worth: dict[tuple[int, ...], float] = {(): value(base)}
    for size in range(1, n + 1):
        for group in combinations(range(n), size):
            worth[group] = value(average([updates[i] for i in group], [examples[i] for i in group]))
    values = []
    for i in range(n):
        rest = [j for j in range(n) if j != i]
        total = 0.0
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for group in combinations(rest, size):
                total += weight * (worth[tuple(sorted((*group, i)))] - worth[group])
        values.append(total)
    return values
