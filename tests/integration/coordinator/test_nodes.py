"""Provider nodes: a key gets one id, the facts are the newest that it measured, and it is known who is connected."""

from __future__ import annotations

from typing import Any

from tests.integration.coordinator.conftest import Coordinator, refused
from tests.integration.kit.conftest import until

BODY: dict[str, Any] = {
    "name": "clinic",
    "seller_node_id": "clinic",
    "public_key": "ecdsa-sha2-nistp384 AAAA",
    "dataset_fingerprint": "f",
    "sample_count": 10,
    "label_histogram": {"0": 4, "1": 6},
    "modality": "image",
    "tasks": ["classification"],
    "sandbox": True,
    "label_schema": "s",
    "missing_values": 1,
    "duplicates": 2,
    "holdout_score": 0.75,
}


async def test_a_node_is_registered_and_shown_with_what_it_measured(coordinator: Coordinator) -> None:
    node_id = await coordinator.node("x", **BODY, online=False)

    listed = await coordinator.get("/training/nodes")

    assert listed["count"] == 1
    expected = {key: value for key, value in BODY.items() if key != "public_key"}
    assert listed["nodes"] == [{**expected, "node_id": node_id, "online": False}]
    (fact,) = await coordinator.said("node_changed")
    assert (fact["change"], fact["node_id"], fact["name"]) == ("registered", node_id, "clinic")


async def test_an_id_beyond_63_bits_is_kept_as_it_is(coordinator: Coordinator) -> None:
    coordinator.link.keys["ecdsa-sha2-nistp384 AAAA"] = str(2**64 - 1)

    assert await coordinator.node("x", **BODY) == "18446744073709551615"


async def test_the_same_key_gets_the_same_id_and_the_newest_facts(coordinator: Coordinator) -> None:
    first = await coordinator.node("x", **BODY)
    second = await coordinator.node("x", **{**BODY, "dataset_fingerprint": "new", "sample_count": 11})

    nodes = (await coordinator.get("/training/nodes"))["nodes"]
    assert first == second
    assert [(n["dataset_fingerprint"], n["sample_count"]) for n in nodes] == [("new", 11)]
    assert [fact["change"] for fact in await coordinator.said("node_changed") if fact["change"] == "registered"] == ["registered"]


async def test_a_key_is_the_same_key_whatever_comment_its_line_has(coordinator: Coordinator) -> None:
    first = await coordinator.node("x", **BODY)
    second = await coordinator.node("x", **{**BODY, "public_key": "  ecdsa-sha2-nistp384   AAAA me@laptop \n"})

    assert first == second
    assert (await coordinator.get("/training/nodes"))["count"] == 1


async def test_a_key_that_the_engine_does_not_take_is_refused(coordinator: Coordinator) -> None:
    answer = await coordinator.call("POST", "/training/nodes", role="provider", json={**BODY, "public_key": "ssh-rsa AAAA"})

    details = refused(answer, 400, "invalid_public_key")
    assert [f["field"] for f in details["fields"]] == ["public_key"]
    assert (await coordinator.get("/training/nodes"))["count"] == 0


async def test_without_the_superlink_no_node_is_registered(coordinator: Coordinator) -> None:
    coordinator.link.away = True

    refused(await coordinator.call("POST", "/training/nodes", role="provider", json=BODY), 503, "training_unavailable")

    assert await coordinator.said("node_changed") == []


async def test_a_node_that_comes_and_goes_is_said_to_each_time_once(coordinator: Coordinator) -> None:
    node_id = await coordinator.node("x", **BODY)

    async def changes() -> list[str]:
        return [fact["change"] for fact in await coordinator.said("node_changed")]

    async def is_online(wanted: bool) -> bool:
        return bool((await coordinator.get("/training/nodes"))["nodes"][0]["online"] is wanted)

    await until(lambda: is_online(True))
    del coordinator.link.online[node_id]
    await until(lambda: is_online(False))

    assert await changes() == ["registered", "online", "offline"]


async def test_a_node_that_only_the_engine_knows_is_not_shown(coordinator: Coordinator) -> None:
    coordinator.link.connect("777")
    await coordinator.node("x", **BODY)

    refused(await coordinator.trigger(), 409, "no_contract_ready")  # has looked at the nodes

    assert [n["name"] for n in (await coordinator.get("/training/nodes"))["nodes"]] == ["clinic"]
