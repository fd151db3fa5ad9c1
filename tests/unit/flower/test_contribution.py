"""Shapley's axioms hold for what providers are said to have contributed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oe_app.contribution import MAX_EXACT, average, shapley
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
    found = shapley(updates, examples, base, value)
    assert found is not None
    return found


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
    values = shapley([one, two], [10, 10], base, lambda w: float(w[0][0] ** 2))

    assert values == [-2.0, 6.0]


def test_more_providers_than_can_be_counted_exactly_and_none_have_no_value() -> None:
    model = [np.ones(1)]

    assert shapley([model] * (MAX_EXACT + 1), [1] * (MAX_EXACT + 1), model, lambda _: 1.0) is None
    assert shapley([], [], model, lambda _: 1.0) is None


@given(rounds(at_least=2))
def test_the_average_lies_between_the_updates_and_is_that_of_numpy(play: Any) -> None:
    updates, examples, _ = play

    mean = average(updates, examples)

    for layer, found in enumerate(mean):
        assert np.allclose(found, np.average([u[layer] for u in updates], axis=0, weights=examples))
