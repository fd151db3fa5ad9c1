"""What a hold knows after any facts about its runs: the first word about each end counts, however often and late others come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from services.escrow import batches
from services.escrow.domain import Hold
from shared.contracts.events import BoundToRound, Delivery, Event, RunFinished
from tests.unit.escrow.test_settlement import holds

RUNS = st.sampled_from(["run-0", "run-1"])
ENDS = st.none() | st.lists(st.tuples(st.integers(0, 3), st.none() | st.floats(-1, 1)), min_size=3, max_size=3)
"""What each seller delivered, and what that was worth; None where a run begins."""


@st.composite
def stories(draw: st.DrawFn) -> tuple[Hold, list[Event]]:
    """A hold that knows of no run, and facts in any order, with repetitions that say something else."""
    hold = replace(draw(holds()), runs={}, contributions={})
    return hold, [fact(hold, draw(RUNS), draw(ENDS)) for _ in range(draw(st.integers(1, 5)))]


def fact(hold: Hold, run_id: str, end: list[tuple[int, float | None]] | None) -> Event:
    if end is None:
        return BoundToRound(contract_id=hold.contract_id, run_id=run_id, round_id="r", rounds=hold.terms.rounds)
    deliveries = tuple(
        Delivery(seller_node_id=seller.seller_node_id, offer_id=seller.offer_id, rounds_delivered=rounds, contribution=worth)
        for seller, (rounds, worth) in zip(hold.terms.sellers, end, strict=False)
    )
    return RunFinished(contract_id=hold.contract_id, run_id=run_id, succeeded=True, rounds_completed=3, deliveries=deliveries)


UNSHRUNK = settings(phases=[Phase.generate], database=None)

Told = Callable[[Hold, Event], Hold]


def is_wrong(told: Told, story: tuple[Hold, list[Event]]) -> bool:
    """Whether `told` leads elsewhere than the first end of each run says."""
    hold, facts = story
    for event in facts:
        hold = told(hold, event)
    runs: dict[str, dict[str, int] | None] = {}
    worth: dict[str, dict[str, float | None]] = {}
    for event in facts:
        assert isinstance(event, BoundToRound | RunFinished)
        runs.setdefault(event.run_id, None)
        if isinstance(event, RunFinished) and runs[event.run_id] is None:
            runs[event.run_id] = {one.offer_id: one.rounds_delivered for one in event.deliveries}
            worth[event.run_id] = {one.offer_id: one.contribution for one in event.deliveries}
    return (hold.runs, hold.contributions) != (runs, worth)


@given(stories())
def test_the_first_end_of_each_run_counts(story: tuple[Hold, list[Event]]) -> None:
    assert not is_wrong(batches.told, story)


def last_word(hold: Hold, event: Event) -> Hold:
    """Forgets that an end was told before."""
    known = dict.fromkeys(hold.runs) if isinstance(event, RunFinished) else hold.runs
    after = batches.told(replace(hold, runs=known), event)
    return replace(after, runs={**hold.runs, **{run: r for run, r in after.runs.items() if r is not None or run not in hold.runs}})


def begins_again(hold: Hold, event: Event) -> Hold:
    """Takes a late word of a run's beginning for news."""
    after = batches.told(hold, event)
    return after if isinstance(event, RunFinished) else replace(after, runs={**after.runs, event.run_id: None})  # type: ignore[attr-defined]


def values_last(hold: Hold, event: Event) -> Hold:
    """Takes the rounds of the first end and the contributions of the last."""
    return replace(batches.told(hold, event), contributions=last_word(hold, event).contributions)


@pytest.mark.parametrize("mutant", [last_word, begins_again, values_last])
def test_a_planted_bug_is_found(mutant: Told) -> None:
    try:
        find(stories(), lambda story: is_wrong(mutant, story), settings=UNSHRUNK, random=Random(0))
    except NoSuchExample:
        pytest.fail("the facts do not tell the mutant from the original")
