"""The ServerApp's strategy: only the contract's nodes, no wait without an end, no round without a quorum."""

from __future__ import annotations

import time

import numpy as np
import pytest
from oe_app.grid import GRACE_S
from oe_app.readers import sandbox
from oe_app.refusals import Refused
from oe_app.strategy import ContractNode, QuorumLost

from tests.unit.flower.grid import Answer, InProcessGrid, filled, refuses, replies, silent, trains_on, update
from tests.unit.flower.rounds import TASK, fingerprint, node, outcome, play, strategy


# --- who is asked -----------------------------------------------------------------------------------------------------
def test_only_the_contracts_nodes_are_addressed() -> None:
    connected = {number: replies(update(filled(1.0))) for number in (1, 2, 3, 4, 5)}
    grid, chosen = InProcessGrid(connected), strategy(node(2), node(4))

    for server_round in (1, 2, 3):
        play(chosen, grid, server_round=server_round)

    assert sorted(grid.addressed()) == [2, 2, 2, 4, 4, 4]


def test_each_node_is_told_the_fingerprint_that_the_contract_names_for_it() -> None:
    grid = InProcessGrid({1: replies(update(filled(1.0))), 2: replies(update(filled(1.0)))})

    play(strategy(node(1, fingerprint="one"), node(2, fingerprint="two")), grid, server_round=7)

    told = [message.content.config_records["config"] for message in grid.sent]
    assert [config["dataset-fingerprint"] for config in told] == ["one", "two"]
    assert {config["server-round"] for config in told} == {7}
    assert {config["task"] for config in told} == {"digits-softmax"}


def test_a_node_id_beyond_63_bits_is_addressed_as_it_is() -> None:
    big = 2**64 - 59
    grid = InProcessGrid({big: replies(update(filled(1.0)))})
    chosen = strategy(
        ContractNode.of(
            {"node_id": str(big), "seller_node_id": "s", "offer_id": "o", "dataset_fingerprint": "f", "max_examples": 5, "more": 1}
        )
    )

    play(chosen, grid)

    assert grid.addressed() == [big]
    assert outcome(chosen, big)["ok"]


def test_a_node_that_is_not_connected_is_not_sent_to_and_is_noted() -> None:
    grid, chosen = InProcessGrid({1: replies(update(filled(1.0)))}), strategy(node(1), node(2))

    play(chosen, grid)

    assert grid.addressed() == [1]
    assert outcome(chosen, 2)["error_code"] == "provider_node_offline"
    assert not outcome(chosen, 2)["ok"]


# --- what is averaged -------------------------------------------------------------------------------------------------
def test_the_new_model_is_the_mean_weighted_by_examples() -> None:
    grid = InProcessGrid({1: replies(update(filled(1.0), 30)), 2: replies(update(filled(2.0), 10))})

    averaged = play(strategy(node(1), node(2)), grid)

    assert all(np.allclose(layer, 1.25) for layer in averaged)


def test_a_node_that_claims_more_examples_than_the_contract_declares_weighs_as_declared() -> None:
    grid = InProcessGrid({1: replies(update(filled(1.0), 10**12)), 2: replies(update(filled(2.0), 10))})
    chosen = strategy(node(1, max_examples=30), node(2, max_examples=30))

    averaged = play(chosen, grid)

    assert all(np.allclose(layer, 1.25) for layer in averaged)
    assert outcome(chosen, 1)["num_examples"] == 30
    assert outcome(chosen, 2)["num_examples"] == 10


def test_what_the_providers_contributed_adds_up_to_what_the_round_gained() -> None:
    specs = {number + 1: f"sandbox:digits:{number}/3" for number in range(3)}
    grid = InProcessGrid({number: trains_on(spec) for number, spec in specs.items()})
    chosen = strategy(*(node(n, fingerprint=fingerprint(spec)) for n, spec in specs.items()), round_timeout_s=60)

    averaged = play(chosen, grid)

    validation = TASK.validation()
    gained = TASK.evaluate(averaged, validation).worth - TASK.evaluate(TASK.initial(), validation).worth
    assert gained > 0.3
    assert sum(outcome(chosen, n)["contribution"] for n in specs) == pytest.approx(gained)


def test_what_was_not_measured_is_null() -> None:
    grid, chosen = InProcessGrid({1: replies(update(filled(1.0))), 2: silent}), strategy(node(1), node(2))

    play(chosen, grid)

    late = outcome(chosen, 2)
    assert late["num_examples"] is None
    assert late["contribution"] is None


# --- deadline and quorum ----------------------------------------------------------------------------------------------
def test_when_the_deadline_has_passed_the_round_goes_on_with_the_rest() -> None:
    grid = InProcessGrid({1: replies(update(filled(1.0))), 2: silent, 3: replies(update(filled(3.0)))})
    chosen = strategy(node(1), node(2), node(3), round_timeout_s=0.3)

    began = time.monotonic()
    averaged = play(chosen, grid)
    took = time.monotonic() - began

    assert 0.3 <= took < 5
    assert all(np.allclose(layer, 2.0) for layer in averaged)
    assert outcome(chosen, 2)["error_code"] == "round_deadline_passed"


def test_a_node_that_missed_a_round_does_not_hold_up_the_next_one_for_the_whole_deadline() -> None:
    grid = InProcessGrid({1: replies(update(filled(1.0))), 2: silent})
    chosen = strategy(node(1), node(2), round_timeout_s=60)
    chosen.doubtful.add(2)

    began = time.monotonic()
    play(chosen, grid)

    assert GRACE_S <= time.monotonic() - began < 20


def test_a_node_that_is_back_is_trusted_again() -> None:
    answers: dict[int, Answer] = {1: replies(update(filled(1.0))), 2: silent}
    grid, chosen = InProcessGrid(answers), strategy(node(1), node(2))

    play(chosen, grid)
    missed = set(chosen.doubtful)
    answers[2] = replies(update(filled(3.0)))
    averaged = play(chosen, grid, server_round=2)

    assert missed == {2}
    assert chosen.doubtful == set()
    assert all(np.allclose(layer, 2.0) for layer in averaged)


def test_a_lost_quorum_ends_the_run_and_says_who_was_missing_and_why() -> None:
    grid = InProcessGrid({1: replies(update(filled(1.0))), 2: refuses(Refused.DATA_UNUSABLE), 3: silent})

    with pytest.raises(QuorumLost) as caught:
        play(strategy(node(1), node(2), node(3), node(4), min_providers=2), grid)

    text = str(caught.value)
    assert text.startswith("round 1: 1 of 2 needed providers delivered")
    for part in ("seller-2: data_unusable", "seller-3: round_deadline_passed", "seller-4: provider_node_offline"):
        assert part in text


@pytest.mark.parametrize("min_providers", [0, 1])
def test_a_round_in_which_everybody_refused_is_no_success(min_providers: int) -> None:
    grid = InProcessGrid({1: refuses(Refused.DATA_UNUSABLE), 2: silent})

    with pytest.raises(QuorumLost):
        play(strategy(node(1), node(2), min_providers=min_providers), grid)


def test_a_quorum_of_all_that_is_there_is_kept() -> None:
    grid = InProcessGrid({1: replies(update(filled(1.0))), 2: replies(update(filled(3.0)))})

    averaged = play(strategy(node(1), node(2), min_providers=2), grid)

    assert all(np.allclose(layer, 2.0) for layer in averaged)


# --- with the real ClientApp ------------------------------------------------------------------------------------------
def test_a_node_whose_data_is_not_the_contracts_trains_nothing() -> None:
    grid = InProcessGrid({1: trains_on("sandbox:digits:0/3"), 2: trains_on("sandbox:digits:1/3")})
    chosen = strategy(
        node(1, fingerprint=fingerprint("sandbox:digits:0/3")),
        node(2, fingerprint=fingerprint("sandbox:digits:2/3")),
        round_timeout_s=30,
    )

    averaged = play(chosen, grid)

    alone = TASK.train(TASK.initial(), sandbox.share("digits", 0, 3), TASK.hyperparameters)
    assert all(np.allclose(mine, theirs) for mine, theirs in zip(averaged, alone, strict=True))
    assert outcome(chosen, 2)["error_code"] == "dataset_fingerprint_mismatch"
