"""A contract's evidence holds all of its life, for its parties and nobody else, and checks out with the published key alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy import token_keys
from services.gateway.domain import Upstream
from shared import verify
from shared.kit.auth import Principal, Role
from tests.integration.access.conftest import Everything
from tests.integration.access.test_access import CLINIC, LAB, OPERATOR, OTHER_CLINIC, OTHER_LAB, REVIEWER
from tests.integration.coordinator.conftest import ServerApp
from tests.integration.kit.conftest import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


async def trained_contract(every: Everything) -> str:
    """A contract that lived from its offer to the release of its money, one round of which a provider refused."""
    node = {
        "name": "e",
        "seller_node_id": "clinic",
        "public_key": "ecdsa-sha2-nistp384 EVID",
        "dataset_fingerprint": "fe",
        "sample_count": 9,
    }
    every.link.connect((await every.ok("training_coordinator", CLINIC, "POST", "/training/nodes", node))["node_id"])
    offer = {"seller_node_id": "clinic", "dataset_fingerprint": "fe", "price_per_round": 1.1, "modality": "evidence"}
    offer_id = (await every.ok("marketplace", CLINIC, "POST", "/marketplace/offers", offer))["offer_id"]
    wanted = {"model_owner_id": "lab", "task_type": "t", "required_modalities": ["evidence"], "rounds": 2}
    intent = (await every.ok("marketplace", LAB, "POST", "/marketplace/round_intents", wanted))["round_intent_id"]
    contract_id: str = (await every.ok("marketplace", LAB, "POST", "/marketplace/match", {"round_intent_id": intent}))[
        "contract_id"
    ]

    async def triggered() -> Any:
        answer = await every.ask("training_coordinator", LAB, "POST", "/trigger_fl", {"contract_id": contract_id})
        return answer.json().get("run_id")

    run_id = await until(triggered)

    async def handed() -> Any:
        return next((config for config in every.link.started if config["run-id"] == run_id), None)

    config = await until(handed)
    transport = httpx.ASGITransport(every.apps["training_coordinator"])
    async with httpx.AsyncClient(transport=transport, base_url="http://coordinator") as http:
        app = ServerApp(http, config)
        assert (await app.claim("flower-evidence")).status_code == 200
        who = {"node_id": "n", "seller_node_id": "clinic", "offer_id": offer_id}
        outcomes = [
            {**who, "ok": True, "num_examples": 9, "contribution": 3.2e-07, "reply_sha256": "a" * 64},
            {**who, "ok": False, "error_code": "grant_replayed", "error": "round 2 was trained before"},
        ]
        for number, outcome in enumerate(outcomes, start=1):
            report = {"round": number, "accuracy": 0.1, "loss": 2.5e-09, "seconds": 1.0, "providers": [outcome]}
            assert (await app.say("rounds", report)).status_code == 200
        assert (await app.finish(rounds=2)).status_code == 200

    async def trained() -> Any:  # a release may come first: the timeline would end with the training
        contract = await every.ok("marketplace", LAB, "GET", f"/marketplace/contracts/{contract_id}")
        return "training_completed" in [event["event"] for event in contract["timeline"]]

    await until(trained)

    async def released() -> Any:
        answer = await every.ask("escrow", LAB, "POST", "/marketplace/escrow/release", {"contract_id": contract_id})
        return answer.is_success

    await until(released)

    async def settled() -> Any:
        contract = await every.ok("marketplace", LAB, "GET", f"/marketplace/contracts/{contract_id}")
        return contract["payout_status"] == "released"

    await until(settled)
    return contract_id


async def test_the_evidence_of_a_contract_checks_out_and_shows_every_change(everything: Everything, tmp_path: Path) -> None:
    clients = everything.apps["gateway"].state.runtime.extra["upstreams"]._clients
    for service in Upstream:
        clients[service]._transport = httpx.ASGITransport(everything.apps[str(service)])
    contract_id = await trained_contract(everything)
    path = f"/marketplace/contracts/{contract_id}/evidence"

    # The gateway takes keys, not tokens: whoever comes by a bootstrap key of a role has no limit; the parties are asked for below.
    answer = await everything.ask("gateway", Principal(Role.REVIEWER), "GET", path, None)
    assert answer.status_code == 200, answer.text
    keys = await everything.ask("gateway", None, "GET", "/.well-known/evidence-keys.json", None)
    said = answer.json()

    assert set(said) == {
        "format",
        "contract_id",
        "as_of",
        "decision",
        "intent",
        "contract",
        "training",
        "ledger",
        "timeline",
        "manifest",
        "signature",
    }
    (run,) = said["training"]["runs"]
    assert [grant["offer_id"] for grant in run["grants"]] == [said["contract"]["selected_offers"][0]["offer_id"]]
    assert run["rounds_detail"][0]["providers"][0]["reply_sha256"] == "a" * 64
    assert run["providers"][0]["refusals"] == [{"round": 2, "error_code": "grant_replayed", "error": "round 2 was trained before"}]
    assert [transfer["kind"] for transfer in said["ledger"]["transfers"]] == ["hold", "release"]
    assert [event["event"] for event in said["timeline"]["events"]][-1] == "escrow_released"

    assert said["decision"]["contract_id"] == contract_id
    file, key = tmp_path / "evidence.json", tmp_path / "keys.json"
    file.write_bytes(answer.content)
    key.write_bytes(keys.content)
    assert verify.main([str(file), "--key", str(key)]) == 0

    token_keys.rotate(everything.folder / "grants.pem", [])
    token_keys.rotate(everything.folder / "evidence.pem", [everything.folder / "evidence_keys.json"], kept=None)
    later, rotated = tmp_path / "later.json", tmp_path / "rotated.json"
    later.write_bytes((await everything.ask("gateway", Principal(Role.REVIEWER), "GET", path, None)).content)
    rotated.write_bytes((await everything.ask("gateway", None, "GET", "/.well-known/evidence-keys.json", None)).content)

    assert [json.loads(one.read_bytes())["signature"]["kid"] for one in (later, file)] == [
        one["kid"] for one in json.loads(rotated.read_bytes())["keys"]
    ]
    assert verify.main([str(file), "--key", str(key)]) == verify.main([str(file), "--key", str(rotated)]) == 0
    assert verify.main([str(later), "--key", str(rotated)]) == 0
    assert verify.main([str(later), "--key", str(key)]) == 1  # whoever saved the keys before the rotation saves them again
    said["ledger"]["transfers"][1]["entries"][0]["amount"] += 1
    file.write_text(json.dumps(said))
    assert verify.main([str(file), "--key", str(key)]) == 1


async def test_the_parties_get_their_evidence_and_a_stranger_none(everything: Everything) -> None:
    contracts = (await everything.ok("marketplace", REVIEWER, "GET", "/marketplace/contracts"))["contracts"]
    path = f"/marketplace/contracts/{contracts[0]['contract_id']}/evidence"
    for who, status in ((LAB, 200), (CLINIC, 200), (OTHER_LAB, 404), (OTHER_CLINIC, 404)):
        body = {"participant": who.participant, "role": str(who.role)}
        key = (await everything.ok("gateway", OPERATOR, "POST", "/identity/keys", body))["key"]
        answer = await everything.ask("gateway", key, "GET", path, None)
        assert answer.status_code == status, answer.text
        assert (answer.json().get("code") == "contract_not_found") == (status == 404)
        if status == 200:  # the buyer's policy, and whom it did not take, are not the sellers' business
            assert [answer.json()[part] is not None for part in ("intent", "decision")] == [who is LAB] * 2
