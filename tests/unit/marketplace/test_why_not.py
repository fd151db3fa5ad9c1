"""What a seller is told of how its offer fared."""

from __future__ import annotations

from services.marketplace.why_not import prices_around, told
from shared.contracts.explain import MOST_PRICES, Fared

CREDIT = 1_000_000


def fared(highest: float | None, rivals: int = 3, *failed: str) -> Fared:
    return Fared(failed=failed, highest_price=None if highest is None else round(highest * CREDIT), rivals=rivals)


def test_prices_are_tried_around_the_present_one() -> None:
    for price in (0, 1, 19, 70_000, 7_200_000, 123_456_789, 10**15):
        prices = prices_around(price)
        assert price in prices
        assert prices == sorted(set(prices))
        assert prices[0] == 0
        assert len(prices) <= MOST_PRICES
        assert prices[-1] >= price * 1.5 - 10_000
    assert 7_920_000 in prices_around(7_200_000)


def test_counts_say_what_the_offer_lost_to() -> None:
    many = [fared(9), fared(8), fared(7.2), fared(5), fared(None), fared(None, 3, "a", "b"), fared(None, 0, "b"), fared(2, 0)]
    out = told("o", 8 * CREDIT, prices_around(8 * CREDIT), many, window_s=60, contracted=1)

    assert (out.intents, out.compatible, out.contracted, out.withheld) == (8, 6, 1, 0)
    assert (out.chosen, out.lost_to_price, out.lost_to_others) == (2, 3, 1)
    assert [(lost.reason, lost.intents, lost.alone) for lost in out.lost_to_conditions] == [("b", 2, 1), ("a", 1, 0)]
    curve = {point.price_per_round: point.chosen for point in out.prices}
    assert (curve[7_200_000], curve[8_000_000], curve[8_400_000], curve[0]) == (3, 2, 1, 5)


def test_nothing_is_told_where_one_or_two_other_sellers_compete() -> None:
    """Whatever happened there: the answer is the same."""
    outcomes = [
        told("o", CREDIT, prices_around(CREDIT), [fared(3), fared(highest, rivals)], window_s=60, contracted=0)
        for highest in (None, 0, 0.5, 2)
        for rivals in (1, 2)
    ]

    assert all(out == outcomes[0] for out in outcomes)
    assert (outcomes[0].withheld, outcomes[0].compatible, outcomes[0].chosen) == (1, 2, 1)
