"""An update that would drown the others is not averaged, whichever strategy the contract names."""

from __future__ import annotations

import numpy as np
import pytest
from flwr.app import Message
from oe_app.engines import STRATEGIES, Engine, Privacy
from oe_app.readers import sandbox
from oe_app.strategy import PROPORTION, QuorumLost

from tests.seen import told
from tests.unit.flower.grid import Answer, InProcessGrid, filled, replies, trains_on, update
from tests.unit.flower.rounds import TASK, fingerprint, node, outcome, play, strategy

SPECS = {number + 1: f"sandbox:digits:{number}/4" for number in range(4)}


def _blown_up(spec: str, factor: float) -> Answer:
    """Trains as it should, and answers with so many times the update."""
    honest = trains_on(spec)

    def answer(message: Message) -> Message | None:
        base = message.content.array_records["arrays"].to_numpy_ndarrays()
        reply = honest(message)
        assert reply is not None
        trained = reply.content.array_records["arrays"].to_numpy_ndarrays()
        return replies(update([b + factor * (t - b) for t, b in zip(trained, base, strict=True)], 10_000))(message)

    return answer


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_hundredfold_update_is_noted_and_the_model_is_that_of_the_others(name: str) -> None:
    nodes = [node(number, fingerprint=fingerprint(spec)) for number, spec in SPECS.items()]
    answers = {number: trains_on(spec) for number, spec in SPECS.items()}
    chosen, honest = strategy(*nodes, round_timeout_s=60), strategy(*nodes[:3], round_timeout_s=60)
    chosen._engine, honest._engine = Engine(name), Engine(name)

    model = play(chosen, InProcessGrid({**answers, 4: _blown_up(SPECS[4], 100)}))
    without = play(honest, InProcessGrid(answers))

    noted = outcome(chosen, 4)
    assert (noted["ok"], told(noted["error_code"]), noted["contribution"]) == (False, "update_out_of_proportion", None)
    assert "length" in noted["error"]
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(model, without, strict=True))


def test_honest_providers_of_very_different_data_are_all_in_proportion() -> None:
    """The widest spread of the sandbox: ten skewed shares, some of a few samples and two classes, over five rounds."""
    specs = {number + 1: f"sandbox:digits:{number}/10" for number in range(10) if len(sandbox.share("digits", number, 10))}
    chosen = strategy(*(node(n, fingerprint=fingerprint(spec)) for n, spec in specs.items()), round_timeout_s=60)
    grid, model = InProcessGrid({n: trains_on(spec) for n, spec in specs.items()}), None

    for server_round in range(1, 6):
        model = play(chosen, grid, base=model, server_round=server_round)

        assert [o["error_code"] for o in chosen.outcomes] == [None] * len(specs)


def test_the_bound_is_on_the_way_from_the_rounds_model_and_not_on_the_model() -> None:
    far = [layer + 1000.0 for layer in TASK.initial()]
    near = {n: replies(update([layer + n / 10 for layer in far])) for n in (1, 2, 3)}
    chosen = strategy(node(1), node(2), node(3))

    play(chosen, InProcessGrid(near), base=far)

    assert all(o["ok"] for o in chosen.outcomes)


def test_just_as_much_as_the_bound_is_taken() -> None:
    answers = {1: replies(update(filled(1.0))), 2: replies(update(filled(1.0))), 3: replies(update(filled(PROPORTION)))}
    chosen = strategy(node(1), node(2), node(3))

    play(chosen, InProcessGrid(answers))

    assert outcome(chosen, 3)["ok"]


def test_an_update_whose_length_is_beyond_all_numbers_is_out_of_proportion() -> None:
    answers = {1: replies(update(filled(1.0))), 2: replies(update(filled(1.0))), 3: replies(update(filled(1e200)))}
    chosen = strategy(node(1), node(2), node(3))

    averaged = play(chosen, InProcessGrid(answers))

    assert outcome(chosen, 3)["error_code"] == "update_out_of_proportion"
    assert all(np.allclose(layer, 1.0) for layer in averaged)


def test_two_who_send_the_model_back_do_not_shut_out_the_one_that_trained() -> None:
    answers = {1: replies(update(filled(0.0))), 2: replies(update(filled(0.0))), 3: replies(update(filled(1.0)))}
    chosen = strategy(node(1), node(2), node(3))

    play(chosen, InProcessGrid(answers))

    assert all(o["ok"] for o in chosen.outcomes)


def test_one_who_sends_the_model_back_does_not_let_a_hundredfold_update_in() -> None:
    answers = {1: replies(update(filled(0.0))), 2: replies(update(filled(1.0))), 3: replies(update(filled(100.0)))}
    chosen = strategy(node(1), node(2), node(3))

    play(chosen, InProcessGrid(answers))

    assert [outcome(chosen, number)["error_code"] for number in (1, 2, 3)] == [None, None, "update_out_of_proportion"]


def test_of_two_both_are_taken_since_nobody_can_tell_which_one_is_wrong() -> None:
    chosen = strategy(node(1), node(2))

    play(chosen, InProcessGrid({1: replies(update(filled(1.0))), 2: replies(update(filled(100.0)))}))

    assert all(o["ok"] for o in chosen.outcomes)


def test_with_privacy_a_large_update_is_cut_and_not_refused() -> None:
    chosen = strategy(node(1), node(2), node(3))
    chosen._engine = Engine(privacy=Privacy(noise_multiplier=1e-9, clipping_norm=1.0))
    answers = {1: replies(update(filled(0.01))), 2: replies(update(filled(0.01))), 3: replies(update(filled(100.0)))}

    averaged = play(chosen, InProcessGrid(answers))

    assert all(o["ok"] for o in chosen.outcomes)
    assert max(float(np.abs(layer).max()) for layer in averaged) < 0.05


def test_a_quorum_counts_only_what_is_in_proportion() -> None:
    answers = {1: replies(update(filled(1.0))), 2: replies(update(filled(1.0))), 3: replies(update(filled(100.0)))}

    with pytest.raises(QuorumLost, match="seller-3: update_out_of_proportion"):
        play(strategy(node(1), node(2), node(3), min_providers=3), InProcessGrid(answers))
