"""The coordinator's adapter, the SuperLink, the nodes and their executors, for real: no other engine stands in."""

from __future__ import annotations

import asyncio
import ssl
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.local.ports import free_port
from services.training_coordinator.flower import FlowerLink
from services.training_coordinator.link import EngineUnavailable
from tests.integration.flower.conftest import Fleet, changed_bundle, finished, until
from tests.unit.flower.desk import Desk

pytestmark = pytest.mark.timeout(400)  # a dozen processes start on whatever machine this is


def new_key(curve: ec.EllipticCurve | None = None) -> str:
    key = ec.generate_private_key(curve or ec.SECP384R1()).public_key()
    return key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


async def test_three_nodes_train_a_model_together(fleet: Fleet, desk: Desk) -> None:
    desk.verdict = lambda what: (200, fleet.job(rounds=3) if what == "claim" else {})

    async with fleet.link() as link:
        began = time.monotonic()
        run_id = await link.start_run(fleet.config(desk))
        await until(lambda: desk.told("claim"), 300)
        claimed = time.monotonic() - began
        await until(lambda: desk.told("finish"), 300)
        took = time.monotonic() - began
        status = await finished(link, run_id)

    assert (status.status, status.sub_status) == ("finished", "completed")
    assert desk.told("claim") == [{"flower_run_id": run_id}]
    assert desk.told("finish") == [{"succeeded": True, "reason": "", "rounds_completed": 3}]
    rounds = desk.told("rounds")
    seconds = ", ".join(f"{r['seconds']:.1f}" for r in rounds[1:])
    print(f"claimed after {claimed:.1f} s, rounds of {seconds} s, finished after {took:.1f} s")  # for docs/flower.md: pytest -s
    assert [r["round"] for r in rounds] == [0, 1, 2, 3]
    assert rounds[0]["accuracy"] < 0.2 < 0.8 < rounds[3]["accuracy"]
    for r in rounds[1:]:
        assert {p["node_id"]: p["ok"] for p in r["providers"]} == dict.fromkeys(fleet.nodes, True)
    assert len(desk.told("model")) == 3  # a checkpoint after every round, to resume from


async def test_a_bundle_that_nobody_allowed_runs_nowhere(fleet: Fleet, desk: Desk) -> None:
    """Whoever reaches the control API may hand in what they like."""
    async with fleet.link() as link:
        stranger = FlowerLink(link._http, changed_bundle("server_app.py"))
        run_id = await stranger.start_run(fleet.config(desk))
        status = await finished(stranger, run_id)

    assert (status.status, status.sub_status) == ("finished", "failed")
    assert "bundle_not_allowed" in status.details
    assert "may not run here" in fleet.log()
    assert desk.calls == []


async def test_a_key_is_registered_once_and_keeps_its_id(fleet: Fleet) -> None:
    key = new_key()

    async with fleet.link() as link:
        first, again = await link.register_node(key, "a node"), await link.register_node(f"{key} with a comment", "another name")
        other = await link.register_node(new_key(), "a node")
        known = {node.node_id: node for node in await link.nodes()}

    assert first == again
    assert first != other
    assert known[first].name == "a node"
    assert not known[first].online


@pytest.mark.parametrize(
    "key", [new_key(ec.SECP256R1()), "ssh-ed25519 AAAA", "nonsense", ""], ids=["P-256", "broken", "text", "nothing"]
)
async def test_what_is_no_p_384_key_is_refused(fleet: Fleet, key: str) -> None:
    async with fleet.link() as link:
        with pytest.raises(ValueError, match=r"."):
            await link.register_node(key, "a node")


async def test_a_run_that_the_superlink_does_not_know_is_unknown_and_stopped_already(fleet: Fleet) -> None:
    async with fleet.link() as link:
        assert (await link.run_status("12345")).status == "unknown"
        await link.stop_run("12345")


async def test_a_superlink_that_does_not_answer_is_unavailable_to_every_question(fleet: Fleet) -> None:
    gone = Fleet(fleet.folder, port=free_port())

    async with gone.link() as link:
        for call in (
            link.check(),
            link.nodes(),
            link.start_run({}),
            link.run_status("1"),
            link.stop_run("1"),
            link.register_node(new_key(), "a node"),
        ):
            with pytest.raises(EngineUnavailable):
                await call


async def test_a_node_that_announces_a_gigabyte_is_refused_unread(fleet: Fleet) -> None:
    authority = ssl.create_default_context(cafile=str(fleet.folder / "certs" / "ca.crt"))
    reader, writer = await asyncio.open_connection("127.0.0.1", fleet.port, ssl=authority)
    try:
        writer.write(b"POST /v1/fleet/push-object HTTP/1.1\r\nhost: link\r\ncontent-length: 1073741824\r\n\r\n")
        async with asyncio.timeout(30):
            status = await reader.readline()
    finally:
        writer.close()

    assert status.split()[1] == b"413"
