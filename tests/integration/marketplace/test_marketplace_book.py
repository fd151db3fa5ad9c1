"""Offers and intents: what is stored, shown, listed and said."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest

from tests.integration.marketplace.conftest import MICRO, Market, code

OFFER_DEFAULTS = {
    "title": "",
    "description": "",
    "modality": "tabular",
    "label_schema": "",
    "sample_count": 0,
    "quality_score": 0.5,
    "privacy_profile": "",
    "allowed_tasks": [],
    "attestation_status": "unknown",
    "price_per_round": 0,
    "min_rounds": 1,
    "min_payout_share": 0,
    "expires_at": 0,
    "status": "active",
    "measurements": None,
    "quality_source": "stated",
}
OTHER: dict[str, Any] = {
    "title": "Scans",
    "description": "Two\nlines",
    "modality": "image",
    "label_schema": "0..9",
    "sample_count": 1797,
    "quality_score": 0.9,
    "privacy_profile": "dp",
    "allowed_tasks": ["classification"],
    "attestation_status": "verified",
    "price_per_round": 0.000001,
    "min_rounds": 3,
    "min_payout_share": 0.75,
    "expires_at": 32_503_680_000,
    "status": "paused",
}


async def test_an_offer_of_two_fields_gets_the_defaults_of_the_api(market: Market) -> None:
    response = await market.call("POST", "/offers", "provider", json={"seller_node_id": " s ", "dataset_fingerprint": "f"})

    offer = response.json()
    assert response.status_code == 201
    assert offer.pop("offer_id").startswith("offer-")
    assert abs(offer.pop("created_at") - time.time()) < 5
    assert abs(offer.pop("updated_at") - time.time()) < 5
    assert offer == {**OFFER_DEFAULTS, "seller_node_id": "s", "dataset_fingerprint": "f", "version": 1, "warnings": []}


async def test_every_field_can_be_set_and_changed_and_each_change_is_a_version_that_is_said_whole(market: Market) -> None:
    offer = await market.offer(price_per_round=0)
    path = f"/offers/{offer['offer_id']}"

    for version, (field, value) in enumerate(OTHER.items(), start=2):
        changed = await market.ok("PATCH", path, "provider", json={field: value})
        assert (changed[field], changed["version"]) == (value, version)

    assert await market.ok("GET", path) == changed
    assert {**changed, **OTHER} == changed
    facts = await market.said("marketplace.offer_changed.v1")
    assert [fact["version"] for fact in facts] == list(range(2, 2 + len(OTHER)))
    assert facts[-1] == {k: v for k, v in changed.items() if k in facts[-1]} | {"price_per_round": 1}
    [published] = await market.said("marketplace.offer_published.v1")
    assert published["offer_id"] == offer["offer_id"]


async def test_a_patch_that_names_nothing_changes_nothing(market: Market) -> None:
    offer = await market.offer()

    assert await market.ok("PATCH", f"/offers/{offer['offer_id']}", "provider", json={}) == offer


async def test_the_ids_of_an_offer_cannot_be_changed(market: Market) -> None:
    offer = await market.offer()

    for field in ("offer_id", "seller_node_id", "dataset_fingerprint", "version"):
        response = await market.call("PATCH", f"/offers/{offer['offer_id']}", json={field: "x"})
        assert (response.status_code, code(response)) == (400, "unknown_field")


async def test_an_offer_that_is_past_already_is_stored_with_a_warning_and_never_matches(market: Market) -> None:
    offer = await market.offer(expires_at=int(time.time()) - 10)

    assert [warning["code"] for warning in offer["warnings"]] == ["offer_expired"]
    response = await market.match((await market.intent())["round_intent_id"])
    assert code(response) == "no_compatible_offers_found"
    assert response.json()["details"]["rejection_reasons"] == {"offer_expired": 1}


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_unknown_ids_are_not_found(market: Market, method: str) -> None:
    body: dict[str, Any] = {"json": {}} if method == "PATCH" else {}

    assert code(await market.call(method, "/offers/offer-0", **body)) == "offer_not_found"
    response = await market.call(method, "/round_intents/intent-0", **body)
    assert (response.status_code, code(response)) == (404, "round_intent_not_found")


async def test_lists_are_newest_first_filtered_and_paged_without_gap_or_repeat(market: Market) -> None:
    made = [await market.offer(seller_node_id=f"s{n % 2}", modality="image" if n % 3 else "text") for n in range(7)]
    ids = [offer["offer_id"] for offer in reversed(made)]

    seen, cursor = [], ""
    while cursor is not None:
        page = await market.ok("GET", f"/offers?limit=3{cursor and '&cursor=' + cursor}")
        assert page["count"] == len(page["offers"]) <= 3
        seen += [offer["offer_id"] for offer in page["offers"]]
        cursor = page["next_cursor"]

    assert seen == ids
    for query in ("seller_node_id=s1", "modality=text", "status=active", "seller_node_id=s0&modality=image"):
        wanted = dict(part.split("=") for part in query.split("&"))
        expected = [offer["offer_id"] for offer in reversed(made) if wanted.items() <= offer.items()]
        assert [offer["offer_id"] for offer in (await market.ok("GET", f"/offers?{query}"))["offers"]] == expected
    assert (await market.ok("GET", "/offers?status=withdrawn")) == {"count": 0, "offers": [], "next_cursor": None}


# --- intents ----------------------------------------------------------------------------------------------------------
async def test_an_intent_of_two_fields_gets_the_defaults_of_the_api(market: Market) -> None:
    response = await market.call("POST", "/round_intents", "model_owner", json={"model_owner_id": "m", "task_type": "t"})

    intent = response.json()
    assert response.status_code == 201
    assert intent["round_intent_id"].startswith("intent-")
    assert abs(intent["deadline_ts"] - time.time() - 3600) < 5
    assert (intent["status"], intent["rounds"], intent["budget_total"]) == ("open", 1, 0)
    assert (intent["required_modalities"], intent["min_quality_score"]) == ([], 0)
    assert await market.ok("GET", f"/round_intents/{intent['round_intent_id']}") == intent
    [fact] = await market.said("marketplace.intent_opened.v1")
    assert fact["round_intent_id"] == intent["round_intent_id"]


async def test_the_further_conditions_of_an_intent_reach_matching(market: Market) -> None:
    await market.offer(sample_count=10)
    further = {
        "min_sample_count": 11,
        "label_schema": "0..9",
        "privacy_profile": "dp",
        "attestation_required": True,
        "excluded_sellers": ["clinic-1"],
        "one_offer_per_seller": True,
        "min_providers": 2,
        "preferred_sellers": ["clinic-2"],
    }
    intent = await market.intent(**further)

    response = await market.match(intent["round_intent_id"])

    assert further.items() <= intent.items()
    assert code(response) == "no_compatible_offers_found"
    assert len(response.json()["details"]["rejection_reasons"]) == 5


async def test_the_policy_of_an_open_intent_can_be_changed_and_that_is_said(market: Market) -> None:
    intent = await market.intent()
    changes = {"budget_total": 12.5, "min_quality_score": 0.7, "deadline_ts": intent["deadline_ts"] + 60}

    changed = await market.ok("PATCH", f"/round_intents/{intent['round_intent_id']}", "model_owner", json=changes)

    assert changes.items() <= changed.items()
    [fact] = await market.said("marketplace.intent_changed.v1")
    assert (fact["previous_status"], fact["status"]) == ("open", "open")
    stored = await market.pool.fetchval("SELECT budget_total FROM round_intent")
    assert stored == 12.5 * MICRO


STATUSES = ("open", "matched", "closed", "cancelled", "expired")


async def test_a_client_can_move_an_intent_along_the_table_and_no_further(market: Market) -> None:
    """Every pair of statuses: allowed, no change, or `invalid_status_transition` with what is allowed."""
    allowed = {"open": ["cancelled"], "matched": ["closed"], "closed": [], "cancelled": [], "expired": []}

    for current, asked in itertools.product(STATUSES, STATUSES):
        path = f"/round_intents/{(intent_id := (await market.intent())['round_intent_id'])}"
        await market.pool.execute("UPDATE round_intent SET status = $2 WHERE round_intent_id = $1", intent_id, current)
        response = await market.call("PATCH", path, "model_owner", json={"status": asked})

        if asked == current or asked in allowed[current]:
            assert (response.status_code, response.json()["status"]) == (200, asked)
        else:
            assert (response.status_code, code(response)) == (409, "invalid_status_transition")
            expected = {"current_status": current, "next_status": asked, "allowed": allowed[current]}
            assert response.json()["details"] == expected


async def test_the_policy_of_an_intent_that_is_not_open_stays(market: Market) -> None:
    path = f"/round_intents/{(await market.intent())['round_intent_id']}"
    await market.ok("PATCH", path, json={"status": "cancelled"})

    response = await market.call("PATCH", path, json={"budget_total": 1})

    assert (response.status_code, code(response)) == (409, "round_intent_not_open")


async def test_an_intent_expires_with_its_deadline_and_that_is_said_once(market: Market) -> None:
    intent = await market.intent(deadline_ts=int(time.time()) - 1)
    path = f"/round_intents/{intent['round_intent_id']}"

    assert intent["status"] == "expired"
    assert (await market.ok("GET", path))["status"] == "expired"
    assert (await market.ok("GET", "/round_intents?status=open"))["count"] == 0
    assert (await market.ok("GET", "/round_intents?status=expired"))["count"] == 1
    response = await market.call("PATCH", path, json={"status": "cancelled"})
    assert code(response) == "invalid_status_transition"
    response = await market.match(intent["round_intent_id"])
    assert (response.status_code, code(response)) == (409, "round_intent_expired")
    [fact] = await market.said("marketplace.intent_changed.v1")
    assert (fact["previous_status"], fact["status"]) == ("open", "expired")


async def test_intents_are_listed_by_owner_and_status(market: Market) -> None:
    a, b = await market.intent(model_owner_id="a"), await market.intent(model_owner_id="b")
    await market.ok("PATCH", f"/round_intents/{a['round_intent_id']}", json={"status": "cancelled"})

    found = [
        (await market.ok("GET", f"/round_intents?{q}"))["round_intents"]
        for q in ("model_owner_id=b", "status=cancelled", "limit=1")
    ]

    assert [[intent["round_intent_id"] for intent in page] for page in found] == [
        [b["round_intent_id"]],
        [a["round_intent_id"]],
        [b["round_intent_id"]],
    ]


# --- who may ----------------------------------------------------------------------------------------------------------
ROLES = ("provider", "model_owner", "operator", "reviewer", "service")


MAY = [
    ("POST", "/offers", {"provider"}),
    ("PATCH", "/offers/offer-0", {"provider"}),
    ("POST", "/round_intents", {"model_owner"}),
    ("PATCH", "/round_intents/intent-0", {"model_owner"}),
    ("POST", "/match", {"model_owner"}),
    ("POST", "/policy/preview", {"model_owner"}),
    ("POST", "/policy/draft", {"model_owner"}),
    ("GET", "/offers", set(ROLES)),
    ("GET", "/offers/offer-0", set(ROLES)),
    ("GET", "/round_intents", set(ROLES)),
    ("GET", "/round_intents/intent-0", set(ROLES)),
    ("GET", "/contracts", set(ROLES)),
    ("GET", "/contracts/contract-0", set(ROLES)),
    ("GET", "/contracts/contract-0/timeline", set(ROLES)),
    ("GET", "/summary", set(ROLES)),
]


async def test_each_call_is_open_to_its_roles_and_to_operators_only(market: Market) -> None:
    for method, path, may in MAY:
        for role in ROLES:
            response = await market.call(method, path, role, **({"json": {}} if method != "GET" else {}))
            assert (response.status_code == 403) == (role not in may | {"operator"}), (path, role)

        response = await market.call(method, path, headers={"authorization": "Bearer nobody"})
        assert (response.status_code, code(response)) == (401, "unauthorized"), path
