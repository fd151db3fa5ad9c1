"""The columns hold the market and not its history."""

from __future__ import annotations

import random

import pytest

from services.matching import decision
from services.matching.columns import Columns
from shared.contracts.events import OfferState
from tests.unit.matching.oracle import NOW, random_offer, random_policy


def offers(rng: random.Random, first: int, count: int) -> list[OfferState]:
    return [random_offer(rng, n).model_copy(update={"status": "active", "version": 1}) for n in range(first, first + count)]


def withdrawn(offer: OfferState) -> OfferState:
    return offer.model_copy(update={"status": "withdrawn", "version": offer.version + 1})


@pytest.mark.parametrize("at_once", [1, 7, 1000])
def test_ten_times_as_many_offers_that_come_and_go_leave_the_columns_as_long_as_they_were(at_once: int) -> None:
    """And every answer is that of columns that never heard of what is gone."""
    rng = random.Random(at_once)
    columns = Columns()
    market: dict[str, OfferState] = {}
    sizes = []
    for turn in range(11):
        coming = offers(rng, turn * 300, 300)
        going = [withdrawn(offer) for offer in market.values()]
        rng.shuffle(going)
        facts = [*going, *coming]
        for start in range(0, len(facts), at_once):
            columns.put(*facts[start : start + at_once])
        market = {offer.offer_id: offer for offer in coming}
        sizes.append(len(columns._columns["price"]))

        assert len(columns) == len(columns.ids) == len(columns.fingerprints) == len(columns._rows) == 300
        assert all(columns.ids[row] == offer_id for offer_id, row in columns._rows.items())
        fresh = Columns.of(coming)
        for _ in range(3):
            policy = random_policy(rng)
            assert decision.answer(columns, policy, NOW, seq=1) == decision.answer(fresh, policy, NOW, seq=1)

    assert max(sizes[1:]) == sizes[1] <= 1200


def test_an_offer_that_comes_back_is_there_again_and_an_old_withdrawal_takes_nothing_away() -> None:
    first, other = offers(random.Random(1), 0, 2)
    columns = Columns.of([first, other])

    columns.put(withdrawn(first))
    assert columns.ids == [other.offer_id]
    columns.put(withdrawn(first))
    assert columns.row(first.offer_id) is None
    columns.put(first.model_copy(update={"version": 3}))
    assert sorted(columns.ids) == sorted([first.offer_id, other.offer_id])
    columns.put(withdrawn(first))
    assert columns.row(first.offer_id) is not None
