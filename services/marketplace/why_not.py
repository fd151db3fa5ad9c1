"""Why an offer is not chosen: which prices are tried, and what may be told of how it fared. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from services.marketplace.explanations import LostToCondition, PricePoint, WhyNotOut
from shared.contracts.explain import Fared
from shared.contracts.values import MICRO_PER_CREDIT

RIVALS: Final = 3
"""From so many other sellers on, what the offer lost to is nobody's in particular. With one or two it would be theirs."""
_CENT: Final = MICRO_PER_CREDIT // 100


def prices_around(price: int) -> list[int]:
    """From nothing to half as much again in steps of a twentieth, in micro-credits; the price itself among them."""
    base = price or MICRO_PER_CREDIT
    steps = (base * step // 20 for step in range(31))
    return sorted({price, *(step // _CENT * _CENT if base >= MICRO_PER_CREDIT else step for step in steps)})


def told(offer_id: str, price: int, prices: Sequence[int], fared: Sequence[Fared], *, window_s: int, contracted: int) -> WhyNotOut:
    """What its seller is told. Where one or two other sellers compete, neither a price nor who was chosen."""
    compatible = [one for one in fared if not one.failed]
    open_ = [one for one in compatible if one.rivals == 0 or one.rivals >= RIVALS]
    highest = [one.highest_price for one in open_]
    chosen = sum(at is not None and at >= price for at in highest)
    never = sum(at is None for at in highest)
    failed = Counter(reason for one in fared for reason in one.failed)
    alone = Counter(one.failed[0] for one in fared if len(one.failed) == 1)
    return WhyNotOut(
        offer_id=offer_id,
        window_s=window_s,
        intents=len(fared),
        contracted=contracted,
        compatible=len(compatible),
        chosen=chosen,
        lost_to_price=len(open_) - chosen - never,
        lost_to_others=never,
        withheld=len(compatible) - len(open_),
        lost_to_conditions=[
            LostToCondition(reason=reason, intents=count, alone=alone[reason])
            for reason, count in sorted(failed.items(), key=lambda item: (-item[1], item[0]))
        ],
        prices=[PricePoint(price_per_round=p, chosen=sum(at is not None and at >= p for at in highest)) for p in prices],
    )
