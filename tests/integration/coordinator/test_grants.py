"""A claimed run's nodes each get a grant, once; what they refused is in the run, and in what the coordinator says of its end."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import jwt

from deploy import token_keys
from tests.integration.coordinator.conftest import SELLERS, Launch


def decoded(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    (key,) = keys["keys"]
    public: Any = jwt.algorithms.OKPAlgorithm.from_jwk(key)
    found: dict[str, Any] = jwt.decode(token, public, algorithms=["EdDSA"], options={"verify_aud": False})
    return found


async def test_each_node_of_a_run_gets_one_grant_and_a_claim_that_is_repeated_the_same(launch: Launch, tmp_path: Path) -> None:
    token_keys.ensure(tmp_path / "grants.pem", [])
    async with launch(grant_signing_key_file=tmp_path / "grants.pem") as coordinator:
        server_app = await coordinator.bound()
        job, again = [(await server_app.claim()).json() for _ in range(2)]
        registered = await coordinator.call(
            "POST",
            "/training/nodes",
            role="provider",
            json={
                "name": "n",
                "seller_node_id": "s",
                "public_key": "ecdsa-sha2-nistp384 n",
                "dataset_fingerprint": "f",
                "sample_count": 1,
            },
        )
        (started,) = await coordinator.said("run_started")

    assert job == again
    keys = registered.json()["grant_keys"]
    for node, seller in zip(job["nodes"], SELLERS, strict=True):
        claims = decoded(node["grant"], keys)
        assert claims.pop("exp") - claims.pop("iat") >= 3 * job["round_timeout_s"]
        assert claims.pop("jti").startswith("grant-")
        assert claims == {
            "iss": "training_coordinator",
            "aud": node["node_id"],
            "run": server_app.run_id,
            "contract": "contract-1",
            "model_owner": "lab",
            "offer": f"offer-{seller}",
            "offer_version": 1,
            "seller": seller,
            "price_per_round": 2_000_000,
            "dataset": f"data-{seller}",
            "task": "classification",
            "first_round": 1,
            "last_round": 3,
            "bundle": "b" * 64,
        }
    digests = [hashlib.sha256(node["grant"].encode()).hexdigest() for node in job["nodes"]]
    assert [grant["token_sha256"] for grant in started["grants"]] == digests


async def test_grants_from_before_a_rotation_are_shown_with_the_key_that_signed_them(launch: Launch, tmp_path: Path) -> None:
    path = tmp_path / "grants.pem"
    token_keys.ensure(path, [])
    async with launch(grant_signing_key_file=path) as coordinator:
        server_app = await coordinator.running()
        token_keys.rotate(path, [])
        before = await coordinator.get("/training/contracts/contract-1/evidence")
        await server_app.round(1)
        await server_app.finish(succeeded=False, reason="QuorumLost")
        second = await coordinator.start("contract-1")
        assert (await second.claim("flower-2")).status_code == 200

        after = await coordinator.get("/training/contracts/contract-1/evidence")

    kids = [[jwt.get_unverified_header(grant["token"])["kid"] for grant in run["grants"]] for run in after["runs"]]
    (old,), (new,) = (set(of_run) for of_run in kids)
    assert old != new
    assert {key["kid"] for key in after["grant_keys"]["keys"]} == {key["kid"] for key in before["grant_keys"]["keys"]} == {old, new}
    keys = {key["kid"]: {"keys": [key]} for key in after["grant_keys"]["keys"]}
    for run in after["runs"]:
        for grant in run["grants"]:
            assert decoded(grant["token"], keys[jwt.get_unverified_header(grant["token"])["kid"]])["run"] == run["run_id"]


async def test_without_a_key_nothing_is_granted(launch: Launch) -> None:
    async with launch() as coordinator:
        server_app = await coordinator.bound()

        job = (await server_app.claim()).json()

    assert [node["grant"] for node in job["nodes"]] == ["", ""]


async def test_what_a_node_refused_is_in_the_run_and_in_what_is_said_of_its_end(launch: Launch) -> None:
    async with launch() as coordinator:
        server_app = await coordinator.running()
        await server_app.round(1, delivered=SELLERS[:1])
        names = ("node_id", "seller_node_id", "offer_id")
        who = [dict(zip(names, (f"node-{s}", s, f"offer-{s}"), strict=True)) for s in SELLERS]
        why = {"ok": False, "error_code": "policy_outside_hours", "error": "not at night"}
        body = {"succeeded": False, "reason": "QuorumLost", "rounds_completed": 1, "providers": [{**w, **why} for w in who]}
        assert (await server_app.say("finish", body)).status_code == 200

        run = await coordinator.get(f"/training/runs/{server_app.run_id}")
        (finished,) = await coordinator.said("run_finished")

    last = {"round": 2, "error_code": "policy_outside_hours", "error": "not at night"}
    late = {"round": 1, "error_code": "round_deadline_passed", "error": ""}
    assert {p["seller_node_id"]: p["refusals"] for p in run["providers"]} == {"clinic-a": [last], "clinic-b": [late, last]}
    assert [d["rounds_delivered"] for d in finished["deliveries"]] == [1, 0]
    assert {o["error_code"] for o in finished["last_outcomes"]} == {"policy_outside_hours"}
