"""Shapley's axioms hold for what providers are said to have contributed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oe_app.contribution import (
    BETWEEN_ROUNDS,
    MAX_EXACT,
    MAX_MEASURED,
    MAX_SWEEPS,
    WITHIN_ROUND,
    Game,
    average,
    gtg_shapley,
    leave_one_out,
    measure,
    shapley,
)
from oe_app.tasks import Weights

numbers = st.floats(-10, 10, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def rounds(draw: st.DrawFn, at_least: int = 1, at_most: int = 5) -> tuple[list[Weights], list[int], Weights]:
    """(updates, examples, base) of small models."""
    n = draw(st.integers(at_least, at_most))

    def model() -> Weights:
        return [np.array(draw(st.lists(numbers, min_size=2, max_size=2))), np.array([[draw(numbers)]])]

    return [model() for _ in range(n)], [draw(st.integers(1, 1000)) for _ in range(n)], model()


def bumpy(weights: Weights) -> float:
    """A value with no structure that the axioms could hide behind."""
    return float(np.sin(3 * weights[0][0]) * weights[0][1] + np.abs(weights[1]).sum() ** 1.5)


def values_of(updates: list[Weights], examples: list[int], base: Weights, value: Callable[[Weights], float]) -> list[float]:
    return shapley(Game(updates, examples, base, value))


@given(rounds())
def test_efficiency_the_values_add_up_to_what_all_together_gained(play: Any) -> None:
    updates, examples, base = play

    values = values_of(updates, examples, base, bumpy)

    assert sum(values) == pytest.approx(bumpy(average(updates, examples)) - bumpy(base), abs=1e-6)


@given(rounds(), st.integers(1, 1000))
def test_symmetry_equal_updates_are_worth_the_same(play: Any, same: int) -> None:
    updates, examples, base = play
    twins = [[layer.copy() for layer in updates[0]], *updates]

    values = values_of(twins, [same, same, *examples[1:]], base, bumpy)

    assert values[0] == pytest.approx(values[1], abs=1e-6)


@given(rounds(), st.randoms())
def test_anonymity_who_comes_first_does_not_matter(play: Any, random: Any) -> None:
    updates, examples, base = play
    order = list(range(len(updates)))
    random.shuffle(order)

    values = values_of(updates, examples, base, bumpy)
    shuffled = values_of([updates[i] for i in order], [examples[i] for i in order], base, bumpy)

    assert shuffled == pytest.approx([values[i] for i in order], abs=1e-6)


@given(rounds(), st.integers(1, 1000), st.integers(0, 5))
def test_null_player_an_update_that_changes_no_group_is_worth_nothing(play: Any, examples_of_null: int, place: int) -> None:
    updates, examples, _ = play
    nothing = [np.zeros(2), np.zeros((1, 1))]

    def direction(weights: Weights) -> float:
        """Blind to a model's length, so that averaging zeros into a group changes nothing."""
        length = float(np.linalg.norm(weights[0]))
        return float(weights[0][0] / length) if length > 1e-9 else 0.0

    updates = [[np.abs(u[0]) + 1, u[1]] for u in updates]  # no group may average to zero by chance
    place = min(place, len(updates))
    values = values_of(
        [*updates[:place], nothing, *updates[place:]], [*examples[:place], examples_of_null, *examples[place:]], nothing, direction
    )

    assert values[place] == pytest.approx(0, abs=1e-9)


@given(rounds())
def test_one_provider_alone_gets_all(play: Any) -> None:
    updates, examples, base = play

    (value,) = values_of(updates[:1], examples[:1], base, bumpy)

    assert value == pytest.approx(bumpy(updates[0]) - bumpy(base), abs=1e-9)


def test_a_worked_example_with_two_providers() -> None:
    one, two, base = ([np.array([x])] for x in (1.0, 3.0, 0.0))

    # v(1) = 1, v(2) = 9, v(both) = 4: (1 + (4 - 9)) / 2 and (9 + (4 - 1)) / 2
    found = measure([one, two], [10, 10], base, lambda w: float(w[0][0] ** 2), seed="run:1")

    assert found is not None
    assert (found.method, found.values, found.leave_one_out) == ("shapley", [-2.0, 6.0], [-5.0, 3.0])


def test_more_providers_than_can_be_counted_exactly_are_sampled_and_nobody_has_no_value() -> None:
    model = [np.ones(1)]
    many = MAX_EXACT + 1

    for count, method in ((MAX_EXACT, "shapley"), (many, "gtg_shapley")):
        found = measure([model] * count, [1] * count, [np.zeros(1)], lambda w: float(w[0][0]), seed="run:1")
        assert found is not None
        assert (found.method, len(found.values), len(found.leave_one_out)) == (method, count, count)
    assert measure([], [], model, lambda _: 1.0, seed="run:1") is None


# --- sampled, beyond what can be counted ------------------------------------------------------------------------------
def untruncated(game: Game, **more: Any) -> list[float]:
    return gtg_shapley(game, "run:1", between=-1, within=-1, **more)


@given(rounds(at_most=4))
def test_sampled_values_come_close_to_the_exact_ones(play: Any) -> None:
    game = Game(play[0], play[1], play[2], bumpy)
    marginals = [game.worth(group | {i}) - game.worth(group) for group in list(game._known) for i in game.players]

    exact = shapley(game)
    sampled = untruncated(game, converged=-1, max_sweeps=400)

    spread = max(abs(exact[i]) for i in game.players) + max(map(abs, marginals), default=0) + max(map(abs, game._known.values()))
    assert sampled == pytest.approx(exact, abs=0.1 * spread + 1e-9)


@given(rounds(at_most=9))
def test_sampled_efficiency_without_truncation_the_values_add_up_to_the_gain(play: Any) -> None:
    game = Game(play[0], play[1], play[2], bumpy)

    values = untruncated(game)

    assert sum(values) == pytest.approx(game.worth(game.everybody) - game.worth(frozenset()), abs=1e-6)


@given(rounds(at_most=9))
def test_sampled_efficiency_a_truncation_loses_no_more_than_it_says(play: Any) -> None:
    game = Game(play[0], play[1], play[2], bumpy)
    gain = game.worth(game.everybody) - game.worth(frozenset())

    values = gtg_shapley(game, "run:1")

    assert sum(values) == pytest.approx(gain, abs=(BETWEEN_ROUNDS if abs(gain) <= BETWEEN_ROUNDS else WITHIN_ROUND) + 1e-6)


class Counted(Game):
    """A game of groups, whatever their models: worth `of(group)`."""

    def __init__(self, players: int, of: Callable[[frozenset[int]], float]) -> None:
        model = [np.zeros(1)]
        super().__init__([model] * players, [1] * players, model, lambda _: of(frozenset()))
        self._of = of

    def worth(self, group: frozenset[int]) -> float:
        return self._known.setdefault(group, self._of(group))


@given(st.integers(2, 12), st.data())
def test_sampled_null_player_who_changes_no_group_is_worth_exactly_nothing(players: int, data: st.DataObject) -> None:
    null = data.draw(st.integers(0, players - 1))
    game = Counted(players, lambda group: float(len(group - {null})) ** 1.5)

    values = gtg_shapley(game, "run:1")

    assert values[null] == 0
    assert leave_one_out(game)[null] == 0
    assert min(value for i, value in enumerate(values) if i != null) > 0


@given(st.integers(9, 14), st.integers(0, 100))
def test_sampled_symmetry_those_who_add_the_same_to_every_group_are_worth_about_the_same(players: int, seed: int) -> None:
    # Two who can stand in for each other: one of them is worth 1, the second nothing more. The others add 1 each.
    game = Counted(players, lambda group: len(group - {0, 1}) + float(bool(group & {0, 1})))

    values = gtg_shapley(game, str(seed), converged=-1, max_sweeps=60)

    assert values[0] == pytest.approx(values[1], abs=0.2)
    assert values[0] + values[1] == pytest.approx(1, abs=1e-9)
    assert leave_one_out(game)[:2] == [0, 0]  # what leave-one-out cannot see, and Shapley can


def test_a_sample_is_drawn_by_its_seed_alone() -> None:
    def play(seed: str) -> list[float]:
        return gtg_shapley(Counted(10, lambda group: float(sum(group)) ** 2 + len(group & {3, 4})), seed, max_sweeps=2)

    assert play("run:1") == play("run:1")
    assert play("run:1") != play("run:2")


def test_a_round_that_gained_nothing_is_measured_twice_and_no_more() -> None:
    game = Counted(12, lambda group: BETWEEN_ROUNDS * len(group) / 12)

    assert gtg_shapley(game, "run:1") == [0.0] * 12
    assert game.measured == 2


def test_an_order_is_not_followed_once_everything_is_reached() -> None:
    # Whoever of the last six comes first brings all: after that nobody is measured.
    game = Counted(12, lambda group: float(any(i >= 6 for i in group)))

    values = gtg_shapley(game, "run:1", max_sweeps=1)

    assert max(map(len, game._known.keys() - {game.everybody})) < 8
    assert sum(values) == pytest.approx(1)


def test_sampling_ends_when_the_values_settle_and_after_so_many_sweeps_at_the_latest() -> None:
    settled = Counted(20, lambda group: float(len(group)))
    gtg_shapley(settled, "run:1")
    wild = np.random.default_rng(0)
    restless = Counted(20, lambda group: float(wild.normal()) if 0 < len(group) < 20 else float(len(group)))
    gtg_shapley(restless, "run:1", converged=-1)

    assert settled.measured <= 2 * 20 * 20 + 2  # the second sweep agreed with the first
    assert settled.measured < restless.measured <= MAX_SWEEPS * 20 * 20 + 2


def test_a_crowd_is_not_sampled_for_longer_than_so_many_measurements() -> None:
    wild = np.random.default_rng(0)
    crowd = Counted(100, lambda group: float(wild.normal()) if 0 < len(group) < 100 else float(len(group)))

    values = gtg_shapley(crowd, "run:1")

    assert crowd.measured <= MAX_MEASURED + 100 * 100
    assert sum(values) == pytest.approx(100)


@given(rounds())
def test_leave_one_out_is_what_all_lose_without_the_one(play: Any) -> None:
    updates, examples, base = play

    lost = leave_one_out(Game(updates, examples, base, bumpy))

    for i in range(len(updates)):
        rest = [j for j in range(len(updates)) if j != i]
        without = bumpy(average([updates[j] for j in rest], [examples[j] for j in rest])) if rest else bumpy(base)
        assert lost[i] == pytest.approx(bumpy(average(updates, examples)) - without)


@given(rounds(at_least=2))
def test_the_average_lies_between_the_updates_and_is_that_of_numpy(play: Any) -> None:
    updates, examples, _ = play

    mean = average(updates, examples)

    for layer, found in enumerate(mean):
        assert np.allclose(found, np.average([u[layer] for u in updates], axis=0, weights=examples))
