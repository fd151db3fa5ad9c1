"""Who sends the model back, and who trains on wrong labels, ends last: real digits, whole rounds in this process."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from flwr.app import Message
from oe_app.contribution import MAX_EXACT
from oe_app.data import Dataset
from oe_app.readers import sandbox

from tests.unit.flower.grid import Answer, InProcessGrid, replies, update
from tests.unit.flower.rounds import TASK, node, play, strategy

ROUNDS = 3


def _shares(count: int) -> list[Dataset]:
    """Equal shares of the digits: what tells the providers apart is what they do."""
    whole, _ = sandbox.split("digits")
    return [whole.rows(np.arange(number, len(whole), count)) for number in range(count)]


def _trains(dataset: Dataset) -> Answer:
    def answer(message: Message) -> Message:
        model = message.content.array_records["arrays"].to_numpy_ndarrays()
        trained = TASK.train(model, dataset, TASK.hyperparameters)
        return replies(update(trained, len(dataset)))(message)  # type: ignore[return-value]

    return answer


def _free_rides(message: Message) -> Message | None:
    return replies(update(message.content.array_records["arrays"].to_numpy_ndarrays(), 10_000))(message)


def _flips(dataset: Dataset) -> Answer:
    """Every digit is called by the next one's name."""
    return _trains(Dataset(dataset.features, (dataset.labels + 1) % 10, dataset.modality))


@pytest.mark.parametrize("count", [5, MAX_EXACT + 2], ids=["exact", "sampled"])
def test_a_free_rider_and_a_label_flipper_end_last(count: int) -> None:
    shares = _shares(count)
    answers: dict[int, Answer] = {number + 1: _trains(share) for number, share in enumerate(shares)}
    rider, flipper = 2, 4
    answers[rider], answers[flipper] = _free_rides, _flips(shares[flipper - 1])
    chosen = strategy(*(node(number, max_examples=len(shares[number - 1])) for number in answers), round_timeout_s=60)
    grid, model = InProcessGrid(answers), None
    worth: dict[int, float] = defaultdict(float)
    alone: dict[int, float] = defaultdict(float)

    for server_round in range(1, ROUNDS + 1):
        model = play(chosen, grid, base=model, server_round=server_round)
        for outcome in chosen.outcomes:
            worth[int(outcome["node_id"])] += outcome["contribution"]
            alone[int(outcome["node_id"])] += outcome["leave_one_out"]

    honest = min(value for number, value in worth.items() if number not in (rider, flipper))
    assert sorted(worth, key=lambda number: worth[number])[:2] == [flipper, rider]
    assert honest > 3 * abs(worth[rider])
    assert min(alone, key=lambda number: alone[number]) == flipper
    assert chosen.contribution_method == ("shapley" if count <= MAX_EXACT else "gtg_shapley")
