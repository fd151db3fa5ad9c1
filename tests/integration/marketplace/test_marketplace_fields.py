"""Every field of every request of the marketplace, wrong in every way: the code of API.md, 400, and nothing is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.marketplace.conftest import Market, code

NOT_A_STRING = ["7", "true", "[]", "{}"]
CONTROL = [r'"a\u0000b"', r'"a\u0007b"', r'"\ud800"']
BAD_LINE = [*NOT_A_STRING, *CONTROL, r'"a\nb"', json.dumps("x" * 201)]
BAD_TEXT = [*NOT_A_STRING, *CONTROL, json.dumps("x" * 4001)]
NOT_A_NUMBER = ['"1"', "true", "[]", "{}", "NaN", "Infinity", "-Infinity", "1e999"]
BAD_WHOLE = [*NOT_A_NUMBER, "-1", "1.5", "1.0", "1e400", "9" * 40]
BAD_MONEY = [*NOT_A_NUMBER, "-1", "-0.000001", "0.0000001", "1000000001", "9" * 40]
BAD_FRACTION = [*NOT_A_NUMBER, "-0.1", "1.1"]
BAD_NAMES = ['"a"', "1", "{}", "[1]", "[null]", '[""]', r'["a\u0000"]', json.dumps(["x" * 201]), json.dumps(["x"] * 101)]
BAD_FLAG = ['"true"', "1", "0", "[]", "{}"]
BAD_CHOICE = [*NOT_A_STRING, '"other"', '""', r'"active\u0000"']
NULL = ["null"]
BLANK = ['""', '"   "']

OFFER_REST = {
    "title": BAD_LINE + NULL,
    "description": BAD_TEXT + NULL,
    "modality": BAD_LINE + NULL + BLANK,
    "label_schema": BAD_TEXT + NULL,
    "sample_count": BAD_WHOLE + NULL,
    "quality_score": BAD_FRACTION + NULL,
    "privacy_profile": BAD_LINE + NULL,
    "allowed_tasks": BAD_NAMES + NULL,
    "attestation_status": BAD_CHOICE + NULL,
    "price_per_round": BAD_MONEY + NULL,
    "min_rounds": [*BAD_WHOLE, "0", "10001", *NULL],
    "min_payout_share": BAD_FRACTION + NULL,
    "expires_at": [*BAD_WHOLE, "32503680001", *NULL],
    "status": BAD_CHOICE + NULL,
}
COUNTED = '"missing_values": 0, "duplicates": 0'
BAD_MEASUREMENTS = [
    *("7", '"much"', "true", "[]", "{}"),
    *(f'{{"label_histogram": {bad}, {COUNTED}}}' for bad in ("[]", '{"0": -1}', '{"0": 1.5}', r'{"a\u0000": 1}')),
    *(f'{{"label_histogram": {{}}, {COUNTED}, "holdout_score": {bad}}}' for bad in BAD_FRACTION),
    f'{{"label_histogram": {{}}, {COUNTED}, "score": 1}}',
]
BAD_PRIVACY = [
    *("7", '"much"', "true", "[]", "{}", '{"noise_multiplier": 1}', '{"noise_multiplier": 1, "clipping_norm": 1, "epsilon": 1}'),
    *(f'{{"noise_multiplier": {bad}, "clipping_norm": 1}}' for bad in [*NOT_A_NUMBER, "0", "-1", "1001"]),
    *(f'{{"noise_multiplier": 1, "clipping_norm": {bad}}}' for bad in [*NOT_A_NUMBER, "0", "-1", "1000001"]),
    *(f'{{"noise_multiplier": 1, "clipping_norm": 1, "delta": {bad}}}' for bad in [*NOT_A_NUMBER, "0", "0.2"]),
]
FURTHER = {
    "min_sample_count": BAD_WHOLE + NULL,
    "label_schema": BAD_TEXT + NULL,
    "privacy_profile": BAD_LINE + NULL,
    "attestation_required": BAD_FLAG + NULL,
    "excluded_sellers": BAD_NAMES + NULL,
    "one_offer_per_seller": BAD_FLAG + NULL,
    "min_providers": [*BAD_WHOLE, "0", "26", *NULL],
    "preferred_sellers": BAD_NAMES + NULL,
    "pricing": BAD_CHOICE + NULL,
}
SETTLED = {
    "settlement": BAD_CHOICE,
    "dispute_window_s": [*BAD_WHOLE, "2592001"],
    "settlement_rule": BAD_CHOICE + NULL,
}
POLICY = {
    "required_modalities": BAD_NAMES + NULL,
    "min_quality_score": BAD_FRACTION + NULL,
    "budget_total": BAD_MONEY + NULL,
    "rounds": [*BAD_WHOLE, "0", "10001", *NULL],
}
MAX_OFFERS = {"max_offers": [*BAD_WHOLE, "0", "26", *NULL]}

# method, path, required fields, a good body, and the wrong values of each field
CALLS: dict[str, tuple[str, str, dict[str, Any], dict[str, list[str]]]] = {
    "publish": (
        "POST",
        "/offers",
        {"seller_node_id": "s", "dataset_fingerprint": "f"},
        {"seller_node_id": BAD_LINE, "dataset_fingerprint": BAD_LINE, **OFFER_REST, "measurements": BAD_MEASUREMENTS},
    ),
    "change offer": ("PATCH", "/offers/{offer_id}", {}, {**OFFER_REST, "measurements": BAD_MEASUREMENTS + NULL}),
    "open intent": (
        "POST",
        "/round_intents",
        {"model_owner_id": "m", "task_type": "t"},
        {
            "model_owner_id": BAD_LINE,
            "task_type": BAD_LINE,
            **POLICY,
            "deadline_ts": [*BAD_WHOLE, "32503680001"],
            "round_id": BAD_LINE + BLANK,
            **FURTHER,
            **SETTLED,
            "strategy": [*NOT_A_STRING, '"FedAvg"', '""', '"median"', *NULL],
            "differential_privacy": BAD_PRIVACY,
        },
    ),
    "change intent": (
        "PATCH",
        "/round_intents/{round_intent_id}",
        {},
        {
            "status": BAD_CHOICE + NULL,
            "budget_total": BAD_MONEY + NULL,
            "min_quality_score": BAD_FRACTION + NULL,
            "deadline_ts": BAD_WHOLE + NULL,
        },
    ),
    "match": ("POST", "/match", {"round_intent_id": "i"}, {"round_intent_id": BAD_LINE, **MAX_OFFERS}),
    "preview": (
        "POST",
        "/policy/preview",
        {"round_intent_id": "i"},
        {
            "round_intent_id": BAD_LINE,
            **MAX_OFFERS,
            "policy_overrides": ["null", "[]", '"a"', "1", '{"budget": 1}', '{"max_offers": 1}']
            + [
                f'{{"{field}": {value}}}'
                for field, values in {"task_type": BAD_LINE + BLANK + NULL, **POLICY, **FURTHER}.items()
                for value in values
            ],
            "sweep": ["[]", '"a"', "1", "{}", '{"field": "rounds", "values": [1]}', '{"field": "budget_total"}']
            + ['{"field": "budget_total", "values": [1], "more": 1}', '{"values": [1]}']
            + [f'{{"field": "min_quality_score", "values": {values}}}' for values in ("[]", "{}", "null", str([0.5] * 51))]
            + [f'{{"field": "budget_total", "values": [1, {value}]}}' for value in [*BAD_MONEY, *NULL]]
            + [f'{{"field": "min_quality_score", "values": [{value}]}}' for value in [*BAD_FRACTION, *NULL]],
        },
    ),
    "draft": ("POST", "/policy/draft", {"task_type": "t"}, {"task_type": BAD_LINE, **POLICY, **FURTHER, **MAX_OFFERS}),
}


@pytest.fixture
async def target(market: Market) -> dict[str, str]:
    """The ids of an offer and an intent that requests may aim at."""
    offer, intent = await market.offer(), await market.intent()
    return {"offer_id": offer["offer_id"], "round_intent_id": intent["round_intent_id"]}


async def _written(market: Market) -> list[Any]:
    return await market.pool.fetch(
        "SELECT (SELECT count(*) FROM outbox) AS facts, (SELECT count(*) FROM offer) AS offers,"
        " (SELECT sum(version) FROM offer) AS versions, (SELECT count(*) FROM round_intent) AS intents"
    )


@pytest.mark.parametrize("call", CALLS)
async def test_each_wrong_value_of_each_field_is_refused_by_its_own_code(market: Market, target: dict[str, str], call: str) -> None:
    method, path, good, wrong = CALLS[call]
    before = await _written(market)
    surprises: list[Any] = []

    for field, values in wrong.items():
        for value in values:
            raw = json.dumps({k: v for k, v in good.items() if k != field})[:-1]
            raw += f'{"" if raw == "{" else ", "}"{field}": {value}}}'
            response = await market.call(method, path.format(**target), content=raw.encode())
            body = response.json()
            if (response.status_code, body.get("code")) != (400, f"invalid_{field}"):
                surprises.append((field, value[:40], response.status_code, body.get("code")))
            elif [entry["field"].split(".")[0] for entry in body["details"]["fields"]] != [field]:
                surprises.append((field, value[:40], body["details"]))

    assert surprises == []
    assert await _written(market) == before


@pytest.mark.parametrize("call", CALLS)
async def test_a_missing_null_or_blank_required_field_is_named(market: Market, target: dict[str, str], call: str) -> None:
    method, path, good, _ = CALLS[call]

    for field in good:
        for body in ({}, {field: None}, {field: ""}, {field: "  "}):
            sent = {**{k: v for k, v in good.items() if k != field}, **body}
            response = await market.call(method, path.format(**target), json=sent)
            assert (response.status_code, code(response)) == (400, f"{field}_required"), sent


@pytest.mark.parametrize("call", CALLS)
async def test_every_wrong_field_is_listed_in_the_order_of_declaration(market: Market, target: dict[str, str], call: str) -> None:
    method, path, _, wrong = CALLS[call]
    raw = "{" + ", ".join(f'"{field}": {values[0]}' for field, values in reversed(wrong.items())) + "}"

    response = await market.call(method, path.format(**target), content=raw.encode())

    fields = response.json()["details"]["fields"]
    assert [entry["code"] for entry in fields] == [f"invalid_{field}" for field in wrong]
    assert code(response) == fields[0]["code"]


NO_OBJECT = [
    (b"{", "malformed_json"),
    (b"\xff", "malformed_json"),
    (b'{"a": 1,}', "malformed_json"),
    (b"[]", "json_object_required"),
    (b"[{}]", "json_object_required"),
    (b'"x"', "json_object_required"),
    (b"1", "json_object_required"),
    (b"null", "json_object_required"),
    (b"{" + b" " * (1 << 20) + b"}", "body_too_large"),
]


@pytest.mark.parametrize("call", CALLS)
async def test_what_is_no_json_object_is_refused_as_such(market: Market, call: str) -> None:
    method, path, *_ = CALLS[call]

    for raw, expected in NO_OBJECT:
        response = await market.call(method, path.format(offer_id="offer-0", round_intent_id="intent-0"), content=raw)

        assert code(response) == expected, raw[:20]


@pytest.mark.parametrize("call", CALLS)
async def test_an_unknown_field_is_refused_with_the_nearest_name(market: Market, target: dict[str, str], call: str) -> None:
    method, path, good, wrong = CALLS[call]
    nearest = list(wrong)[-1]

    response = await market.call(method, path.format(**target), json={**good, nearest + "x": 1})

    assert (response.status_code, code(response)) == (400, "unknown_field")
    assert response.json()["details"]["fields"][0]["hint"] == nearest


NONSENSE = [
    ("/offers?limit=0", "invalid_limit"),
    ("/offers?limit=501", "invalid_limit"),
    ("/offers?limit=ten", "invalid_limit"),
    ("/offers?cursor=x", "invalid_cursor"),
    ("/offers?status=sold", "invalid_status"),
    ("/offers?sort=colour", "invalid_sort"),
    ("/offers?seller_node_id=", "seller_node_id_required"),
    ("/offers?modality=%00", "invalid_modality"),
    ("/round_intents?limit=-1", "invalid_limit"),
    ("/round_intents?status=done", "invalid_status"),
    ("/round_intents?model_owner_id=%00", "invalid_model_owner_id"),
    ("/contracts?limit=1.0", "invalid_limit"),
    ("/contracts?payout_status=paid", "invalid_payout_status"),
    ("/contracts?escrow_status=gone", "invalid_escrow_status"),
    ("/contracts?model_owner_id=%00", "invalid_model_owner_id"),
    ("/contracts?seller_node_id=%00", "invalid_seller_node_id"),
    ("/contracts?round_intent_id=%00", "invalid_round_intent_id"),
    ("/contracts/contract-0?wait_for=paid", "invalid_wait_for"),
    ("/contracts/contract-0?wait_for=", "invalid_wait_for"),
    ("/contracts/contract-0?wait_for=created,", "invalid_wait_for"),
    ("/contracts/contract-0?timeout_ms=30001", "invalid_timeout_ms"),
    ("/contracts/contract-0?timeout_ms=-1", "invalid_timeout_ms"),
    ("/contracts/contract-0?timeout_ms=1e3", "invalid_timeout_ms"),
]


async def test_a_nonsense_query_is_an_error_and_no_silent_default(market: Market) -> None:
    for path, expected in NONSENSE:
        response = await market.call("GET", path)

        assert (response.status_code, code(response)) == (400, expected), path
