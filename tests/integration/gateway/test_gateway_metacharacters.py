"""Text that means something to SQL, NATS, shells or templates means nothing here, in whichever field of whichever call it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.gateway.conftest import Exchange, until

NASTY = [
    "'; DROP TABLE offer; --",
    '"); DELETE FROM account WHERE ("1"="1',
    "' OR 1=1 /*",
    "%_\\%",
    "marketplace.*.>",
    "$JS.API.STREAM.DELETE.MARKETPLACE",
    ">",
    "*",
    "{{7*7}} ${jndi:ldap://x} $(id) `id`",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "naïve 🩺 \u202e",
]

ALL_OF_IT = ["'; DROP TABLE offer; -- %_\\\" OR 1=1 /* {{7*7}}", "$JS.API.*.> ../${x} <b>\x1c?#"]
"""For the walk through all fields, where each text costs a request."""


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return _resolved(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice, schemas)
    return schema


def _valid(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Some value that fits the schema well enough to get past the other fields' validation."""
    schema = _resolved(schema, schemas)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: _valid(schema["properties"][name], schemas) for name in schema.get("required", ())}
    return {"string": "x", "integer": max(1, schema.get("minimum", 1)), "number": 1, "boolean": True, "array": []}.get(str(kind))


def _calls(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Each call once for each place that takes a text, with each of the texts there."""
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path == "/ops/events":  # a stream that does not end
                continue
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            valid: Any = None if body is None else _valid(body, schemas)
            inside = {} if body is None else _resolved(body, schemas).get("properties", {})
            for text in ALL_OF_IT:
                for name, schema in inside.items():
                    found = _resolved(schema, schemas)
                    if found.get("type") == "string":
                        yield method, path, {**valid, name: text}
                    elif found.get("type") == "array":
                        yield method, path, {**valid, name: [text]}
                    elif found.get("type") == "object":
                        yield method, path, {**valid, name: {text: text}}
                for given in operation.get("parameters", ()):
                    if given["in"] == "query":
                        yield method, f"{path}?{given['name']}={quote(text)}", valid
                if "{" in path:
                    yield method, path, (valid, text.replace("/", ""))  # a path with a slash more is another path


@pytest.mark.timeout(300)
async def test_no_call_stumbles_over_any_of_it(exchange: Exchange) -> None:
    document = (await exchange.http.get("/openapi.json")).json()
    wrong, asked = [], 0
    for method, path, body in _calls(document):
        body, text = body if isinstance(body, tuple) else (body, "x")
        place = "/".join(quote(text, safe="") if part.startswith("{") else part for part in path.split("/"))
        answer = await exchange.call(method.upper(), place, json=body)
        asked += 1
        # The coordinator is not there.
        if answer.status_code >= 500 and "training_coordinator" not in answer.text:
            wrong.append((method, place, body, answer.status_code, answer.text[:300]))
    assert wrong == []
    assert asked > 200
    assert (await exchange.ok("GET", "/escrow/trial_balance"))["sum"] == 0


async def test_it_comes_back_as_it_was_sent_and_finds_itself(exchange: Exchange) -> None:
    texts = ("seller_node_id", "dataset_fingerprint", "title", "description", "modality", "label_schema", "privacy_profile")
    contracts = {}
    for text in NASTY:
        offer = await exchange.ok("POST", "/marketplace/offers", json={**dict.fromkeys(texts, text), "allowed_tasks": [text]})
        await exchange.deposit(text, 5)
        kept = await exchange.ok("GET", f"/marketplace/offers/{offer['offer_id']}")
        assert {name: kept[name] for name in texts} == dict.fromkeys(texts, text)
        for name in ("seller_node_id", "modality"):
            found = await exchange.ok("GET", f"/marketplace/offers?{name}={quote(text)}")
            assert [one["offer_id"] for one in found["offers"]] == [offer["offer_id"]], (name, text)
        found = await exchange.ok("GET", f"/marketplace/offers?q={quote(text)}")
        assert all(text in one["title"] for one in found["offers"])
        assert offer["offer_id"] in {one["offer_id"] for one in found["offers"]}
        wanted = {"model_owner_id": text, "task_type": text, "required_modalities": [text]}
        intent = await exchange.ok("POST", "/marketplace/round_intents", json=wanted)
        contract = await exchange.ok("POST", "/marketplace/match", json={"round_intent_id": intent["round_intent_id"]})
        assert [one["seller_node_id"] for one in contract["selected_offers"]] == [text]
        contracts[contract["contract_id"]] = text

    async def told() -> bool:
        path = "/ops/events/recent?limit=500&kind=marketplace.contract_created"
        events = (await exchange.ok("GET", path))["events"]
        return {event["data"]["contract_id"]: event["data"]["terms"]["model_owner_id"] for event in events} == contracts

    await until(told)
