"""Which demand the market does not meet: what kept a match from being made, and how much money it lacked. Pure.

A reason counts once for each match that found nothing, however many offers have it, and only where it alone kept an offer out:
what would be met if that one thing were different.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

BUDGET: Final = "price_over_budget"
TOO_FEW: Final = "too_few_providers"
NO_OFFERS: Final = "no_offers"
SEVERAL: Final = "several"


def reasons(details: Mapping[str, Any]) -> set[str]:
    """Why a match found nothing, from its diagnostics."""
    if details["offers_evaluated"] == 0:
        return {NO_OFFERS}
    found = {one for told in details["rejected_by_set"] if len(told["reasons"]) == 1 for one in told["reasons"]}
    if details["compatible_offers"]:
        # Offers suit, and still there is no set: they are too few, or together too dear.
        found.discard(BUDGET)
        found.add(TOO_FEW if details["budget"]["cheapest_feasible_set"] is None else BUDGET)
    return found or {SEVERAL}


def budget_gap(details: Mapping[str, Any]) -> float | None:
    """Credits that the budget lacks for the cheapest set that suits; None where it is not the budget that lacks."""
    cheapest, budget = details["budget"]["cheapest_feasible_set"], details["budget"]["budget_total"]
    return None if cheapest is None or budget is None or cheapest <= budget else float(cheapest - budget)
