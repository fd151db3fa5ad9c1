"""What each provider's update was worth in a round, on the exchange's validation set: its Shapley value, and leave-one-out beside it.

A group of providers is worth what the mean of its updates is worth (Song, Tong and Wei 2019, "Profit allocation for federated
learning"). Up to `MAX_EXACT` providers the value is Shapley's (1953), over all 2^n groups. Beyond, it is sampled as in GTG-Shapley
(Liu et al. 2022, "GTG-Shapley: Efficient and accurate participant contribution evaluation in federated learning", Algorithm 1).
Leave-one-out is what all together lose without the one: cheap, and nothing for each of two who brought the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Final, Literal

import numpy as np

from .tasks import Weights

MAX_EXACT: Final = 8
BETWEEN_ROUNDS: Final = 0.01
"""A round that changed the model's worth by no more than this is not sampled: everybody's value is 0."""
WITHIN_ROUND: Final = 0.001
"""An order of providers is not followed where the group is worth all but so much of what all are worth."""
CONVERGED: Final = 0.05
"""Sampling ends when a sweep changed the values by no more than this share of them."""
MIN_ORDERS: Final = 30
MAX_SWEEPS: Final = 30
MAX_MEASURED: Final = 10_000
"""No further sweep begins once so many groups were measured: a round's time is bounded, whatever the updates are like."""

Method = Literal["shapley", "gtg_shapley"]


@dataclass(frozen=True)
class Contributions:
    """In the order of the updates. `values` add up to what the round gained: exactly with `shapley`, to a truncation with `gtg_shapley`."""

    method: Method
    values: list[float]
    leave_one_out: list[float]


def average(updates: Sequence[Weights], examples: Sequence[int]) -> Weights:
    """The mean of models, weighted by their numbers of examples."""
    total = sum(examples)
    shares = [n / total for n in examples]
    return [np.tensordot(shares, np.stack([u[layer] for u in updates]), axes=1) for layer in range(len(updates[0]))]


class Game:
    """What every group of a round's updates is worth; each is measured once, when it is asked for."""

    def __init__(
        self, updates: Sequence[Weights], examples: Sequence[int], base: Weights, value: Callable[[Weights], float]
    ) -> None:
        self.players = range(len(updates))
        self._updates, self._examples, self._value = updates, examples, value
        self._known: dict[frozenset[int], float] = {frozenset(): value(base)}

    @property
    def measured(self) -> int:
        """How many groups were."""
        return len(self._known)

    def worth(self, group: frozenset[int]) -> float:
        if group not in self._known:
            members = sorted(group)
            self._known[group] = self._value(average([self._updates[i] for i in members], [self._examples[i] for i in members]))
        return self._known[group]

    @property
    def everybody(self) -> frozenset[int]:
        return frozenset(self.players)


def measure(
    updates: Sequence[Weights], examples: Sequence[int], base: Weights, value: Callable[[Weights], float], *, seed: str
) -> Contributions | None:
    """The round's contributions; the same seed and updates give the same. None where there is no update."""
    if not updates:
        return None
    game = Game(updates, examples, base, value)
    few = len(updates) <= MAX_EXACT
    values = shapley(game) if few else gtg_shapley(game, seed)
    return Contributions("shapley" if few else "gtg_shapley", values, leave_one_out(game))


def leave_one_out(game: Game) -> list[float]:
    """What all together are worth, less what they are worth without the one."""
    everybody = game.everybody
    return [game.worth(everybody) - game.worth(everybody - {i}) for i in game.players]


def shapley(game: Game) -> list[float]:
    """Each one's mean marginal worth over all orders. Measures all 2^n groups."""
    n = len(game.players)
    values = []
    for i in game.players:
        rest = [j for j in game.players if j != i]
        total = 0.0
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for group in map(frozenset, combinations(rest, size)):
                total += weight * (game.worth(group | {i}) - game.worth(group))
        values.append(total)
    return values


def gtg_shapley(
    game: Game,
    seed: str,
    *,
    between: float = BETWEEN_ROUNDS,
    within: float = WITHIN_ROUND,
    converged: float = CONVERGED,
    max_sweeps: int = MAX_SWEEPS,
) -> list[float]:
    """Each one's mean marginal worth over sampled orders.

    Sampled in sweeps, in which everybody is first once (the paper's guidance): the values of a sweep are never lopsided, and so
    they are held against those of the sweep before, where the paper compares single orders. At most `MAX_MEASURED` + n² measurements.
    """
    nobody, n = game.worth(frozenset()), len(game.players)
    everybody = game.worth(game.everybody)
    if abs(everybody - nobody) <= between:
        return [0.0] * n
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()))
    sums, before = np.zeros(n), np.full(n, np.inf)
    for sweep in range(1, max_sweeps + 1):
        for first in game.players:
            others = random.permutation([i for i in game.players if i != first])
            group, reached = frozenset[int](), nobody
            for i in (first, *map(int, others)):
                if abs(everybody - reached) <= within:
                    break  # whoever comes later adds nothing that could be told
                group |= {i}
                sums[i] += game.worth(group) - reached
                reached = game.worth(group)
        values = sums / (sweep * n)  # each order adds one marginal worth of everybody
        if sweep * n >= MIN_ORDERS and np.abs(values - before).sum() <= converged * np.abs(values).sum():
            break
        if game.measured >= MAX_MEASURED:
            break
        before = values
    return [float(value) for value in values]
