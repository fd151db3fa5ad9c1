"""Offers by text and in other orders than the newest first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.marketplace.conftest import Market, code


async def listed(market: Market, **query: Any) -> list[str]:
    return [offer["title"] for offer in (await market.ok("GET", "/offers", params=query))["offers"]]


@pytest.fixture
async def book(market: Market) -> Market:
    await market.offer(title="Scans", price_per_round=3, quality_score=0.9, sample_count=10)
    await market.offer(
        title="Lab values, 100% complete", price_per_round=1, quality_score=0.5, sample_count=30, seller_node_id="clinic-2"
    )
    await market.offer(title="Notes", price_per_round=2, quality_score=0.5, sample_count=20, description="free_text")
    return market


@pytest.mark.parametrize(
    "sort, expected",
    [
        ("newest", ["Notes", "Lab values, 100% complete", "Scans"]),
        ("price", ["Lab values, 100% complete", "Notes", "Scans"]),
        ("-price", ["Scans", "Notes", "Lab values, 100% complete"]),
        ("-quality", ["Scans", "Notes", "Lab values, 100% complete"]),
        ("samples", ["Scans", "Notes", "Lab values, 100% complete"]),
    ],
)
async def test_offers_are_listed_in_the_order_that_is_asked_for(book: Market, sort: str, expected: list[str]) -> None:
    assert await listed(book, sort=sort) == expected


async def test_pages_of_an_order_hold_every_offer_once(book: Market) -> None:
    seen, cursor = [], None
    while True:
        query = {"sort": "quality", "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = await book.ok("GET", "/offers", params=query)
        seen += [offer["title"] for offer in page["offers"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == ["Lab values, 100% complete", "Notes", "Scans"]


@pytest.mark.parametrize(
    "q, expected",
    [
        ("scan", ["Scans"]),
        ("CLINIC-2", ["Lab values, 100% complete"]),
        ("free_t", ["Notes"]),
        ("100%", ["Lab values, 100% complete"]),
        ("1%0", []),
        ("free.t", []),
        ("a\\b", []),
    ],
)
async def test_a_search_means_what_is_written(book: Market, q: str, expected: list[str]) -> None:
    assert await listed(book, q=q) == expected


async def test_a_search_goes_with_a_filter(book: Market) -> None:
    assert await listed(book, q="a", seller_node_id="clinic-2") == ["Lab values, 100% complete"]


@pytest.mark.parametrize(
    "query, expected", [("sort=cheapest", "invalid_sort"), ("q=", "invalid_q"), (f"q={'x' * 201}", "invalid_q")]
)
async def test_a_nonsense_order_or_search_is_refused(market: Market, query: str, expected: str) -> None:
    assert code(await market.call("GET", f"/offers?{query}")) == expected
