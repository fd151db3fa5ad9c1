"""What is said of an offer's price is what happens when the offer is put into the book at that price."""

from __future__ import annotations

import random

import pytest

from services.matching import conditions, engine
from services.matching.columns import Columns
from services.matching.why_not import fare
from shared.contracts.http import SelectPolicy
from tests.unit.matching.oracle import NOW, random_offer, random_policy, reasons

PRICES = [0, 1, 250_000, 500_000, 900_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000, 6_000_000]


@pytest.mark.parametrize("pricing", ["posted", "truthful"])
def test_each_price_is_tried_in_the_book_itself(pricing: str) -> None:
    rng = random.Random(41)
    seen = {"failed": 0, "never": 0, "always": 0, "between": 0}
    for _ in range(120):
        plain = {"status": "active", "expires_at": 0, "min_rounds": 1, "allowed_tasks": ()}
        offers = [random_offer(rng, n).model_copy(update=plain) for n in range(rng.randint(1, 9))]
        policy = random_policy(rng)
        if rng.random() < 0.3:
            offers[0] = random_offer(rng, 0)
        if rng.random() < 0.8:  # few conditions, so that it is the price that decides
            policy = SelectPolicy(
                task_type="classification",
                max_offers=rng.randint(1, 3),
                budget_total=rng.choice([0, 2_000_000, 4_000_000]),
                one_offer_per_seller=rng.random() < 0.4,
            )
        policy = policy.model_copy(
            update={"pricing": pricing, **({} if pricing == "posted" else {"budget_total": policy.budget_total or 7_000_000})}
        )
        fared = fare(Columns.of(offers), "offer-000", policy, PRICES, NOW)

        assert list(fared.failed) == [reason for reason in reasons(offers[0], policy) if reason != "price_over_budget"]
        free = policy.model_copy(update={"budget_total": 0})
        others = {o.seller_node_id for o in offers[1:] if not reasons(o, free)} - {offers[0].seller_node_id}
        assert fared.rivals == len(others)
        for price in PRICES:
            tried = [offers[0].model_copy(update={"price_per_round": price}), *offers[1:]]
            columns = Columns.of(tried)
            best, _ = engine.choose(columns, conditions.eligible(conditions.judge(columns, policy, NOW), policy), policy)
            chosen = best is not None and "offer-000" in best.offer_ids
            assert chosen == (fared.highest_price is not None and price <= fared.highest_price), (offers, policy, price)
        kind = "failed" if fared.failed else "never" if fared.highest_price is None else "between"
        seen["always" if fared.highest_price == PRICES[-1] else kind] += 1

    assert all(seen.values()), seen


def test_an_offer_that_the_book_does_not_know_is_not_active() -> None:
    assert fare(Columns(), "offer-1", SelectPolicy(task_type="t"), [0], NOW).failed == ("offer_not_active",)
