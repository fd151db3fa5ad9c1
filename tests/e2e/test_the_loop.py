"""The whole loop over real processes, as a newcomer does it, and what becomes of it when parts of the system die."""

from __future__ import annotations

import contextlib
import json
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.processes import ROOT
from shared import verify
from tests.e2e.stack import RealStack, problem

CLINICS = ("clinic-a", "clinic-b", "clinic-c")
"""The nodes that the stack itself runs."""
KILLED = ("marketplace", "matching", "escrow", "training_coordinator", "nats", "postgres")


def persistently(call: Callable[[], httpx.Response], seconds: float = 60) -> httpx.Response:
    """What a client does with an answer that says 'later': the same request again."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = call()
            if answer.status_code < 500:
                return answer
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)
            continue
        if time.monotonic() > end:
            return answer
        assert answer.headers["retry-after"]
        time.sleep(0.3)


class Buyer:
    """Goes through the loop, insisting as a careful client does: an idempotency key on everything that changes something."""

    def __init__(self, stack: RealStack, name: str) -> None:
        self.name = name
        self.provider, self.owner = stack.client("provider"), stack.client("model_owner")
        self.reader = stack.client("operator")

    def post(self, who: httpx.Client, path: str, key: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Idempotency-Key": f"{self.name}-{key}"}
        return persistently(lambda: who.post(path, json=body, headers=headers))

    def offers(self, price: float = 1.0) -> None:
        nodes = persistently(lambda: self.reader.get("/training/nodes")).json()["nodes"]
        for node in nodes:
            if node["name"] not in CLINICS:
                continue  # another test's newcomer, who has left again
            body = {
                "seller_node_id": node["seller_node_id"],
                "dataset_fingerprint": node["dataset_fingerprint"],
                "sample_count": node["sample_count"],
                "modality": self.name,
                "price_per_round": price,
            }
            made = self.post(self.provider, "/marketplace/offers", f"offer-{node['name']}", body)
            assert made.status_code == 201, made.text

    def match(self, *, rounds: int, owner: str | None = None, **choice: Any) -> httpx.Response:
        body = {
            "model_owner_id": owner or f"buyer-{self.name}",
            "task_type": "classification",
            "required_modalities": [self.name],
            "rounds": rounds,
            **choice,
        }
        intent = self.post(self.owner, "/marketplace/round_intents", f"intent-{rounds}-{owner}", body)
        assert intent.status_code == 201, intent.text
        intent_id = intent.json()["round_intent_id"]
        return self.post(self.owner, "/marketplace/match", f"match-{intent_id}", {"round_intent_id": intent_id})

    def contract(self, contract_id: str, wait_for: str) -> dict[str, Any]:
        """The contract once its timeline has one of the events; fails after five minutes."""
        end = time.monotonic() + 300
        params: dict[str, str | int] = {"wait_for": wait_for, "timeout_ms": 10_000}
        while time.monotonic() < end:
            found = persistently(lambda: self.reader.get(f"/marketplace/contracts/{contract_id}", params=params)).json()
            if {event["event"] for event in found["timeline"]} & set(wait_for.split(",")):
                return dict(found)
        raise AssertionError(f"no {wait_for} in {[event['event'] for event in found['timeline']]}")

    def trigger(self, contract_id: str) -> httpx.Response:
        answer = self.post(self.owner, "/trigger_fl", f"trigger-{contract_id}", {"contract_id": contract_id})
        assert answer.status_code == 202, answer.text
        return answer

    def release(self, contract_id: str) -> httpx.Response:
        return self.post(self.owner, "/marketplace/escrow/release", f"release-{contract_id}", {"contract_id": contract_id})

    def sums(self) -> dict[str, Any]:
        return dict(persistently(lambda: self.reader.get("/escrow/trial_balance")).json())


def steps(contract: dict[str, Any]) -> list[str]:
    return [event["event"] for event in contract["timeline"]]


def test_the_loop_ends_with_a_contract_trained_paid_and_shown(real_stack: RealStack, tmp_path: Path) -> None:
    buyer = Buyer(real_stack, "plain")
    before = buyer.reader.get("/metrics_summary").json()["marketplace"]
    buyer.offers()
    contract = buyer.match(rounds=2).json()
    pending = buyer.reader.get("/training/status").json()
    accepted = buyer.trigger(contract["contract_id"])
    contract = buyer.contract(contract["contract_id"], "training_completed,training_failed")
    released = buyer.release(contract["contract_id"]).json()
    second = buyer.owner.post("/marketplace/escrow/release", json={"contract_id": contract["contract_id"]})
    run = buyer.reader.get(f"/training/runs/{accepted.json()['run_id']}").json()

    assert pending["marketplace_pending_contract"]["contract_id"] == contract["contract_id"]
    assert pending["marketplace_pending_contracts"]["count"] == 1
    assert accepted.status_code == 202
    assert steps(released) == [
        "created",
        "escrow_locked",
        "bound_to_round",
        "round_started",
        "round_completed",
        "round_completed",
        "training_completed",
        "escrow_released",
    ]
    assert released["payout_status"] == "released"
    assert [payout["amount"] for payout in released["payouts"]] == [2, 2, 2]
    assert problem(second) == "contract_already_released"
    assert run["state"] == "succeeded"
    assert run["accuracy"] > run["untrained"]["accuracy"]
    assert {provider["rounds_delivered"] for provider in run["providers"]} == {2}
    model = buyer.owner.get(f"/training/runs/{run['run_id']}/model")
    assert model.content.startswith(b"PK")
    assert buyer.sums()["sum"] == 0
    evidence, keys = tmp_path / "evidence.json", tmp_path / "keys.json"
    evidence.write_bytes(buyer.owner.get(f"/marketplace/contracts/{contract['contract_id']}/evidence").content)
    keys.write_bytes(buyer.owner.get("/.well-known/evidence-keys.json").content)
    assert verify.main([str(evidence), "--key", str(keys)]) == 0
    [trained] = json.loads(evidence.read_text())["training"]["runs"]
    assert len({grant["jti"] for grant in trained["grants"]}) == 3
    assert all(len(provider["reply_sha256"]) == 64 for r in trained["rounds_detail"] for provider in r["providers"])
    summary = buyer.reader.get("/metrics_summary").json()
    assert summary["marketplace"]["contracts_by_status"]["released"] == before["contracts_by_status"].get("released", 0) + 1
    assert summary["marketplace"]["released_payout_total"] == before["released_payout_total"] + 6
    assert summary["unavailable"] == {}


def test_measured_contributions_decide_the_bonus_without_anybody_asking(real_stack: RealStack) -> None:
    buyer = Buyer(real_stack, "shared")
    buyer.offers()
    choice: dict[str, Any] = {"settlement": "auto", "dispute_window_s": 0, "settlement_rule": "contribution"}
    contract_id = buyer.match(rounds=1, **choice).json()["contract_id"]
    buyer.trigger(contract_id)
    released = buyer.contract(contract_id, "escrow_released")

    assert (released["settled_by"], [payout["base"] for payout in released["payouts"]]) == ("contribution", [0.5, 0.5, 0.5])
    measured = {delivery["offer_id"]: delivery["contribution"] for delivery in released["deliveries"]}
    worth = {offer_id: max(0.0, contribution) for offer_id, contribution in measured.items()}
    for payout in released["payouts"]:
        share = 1.5 * worth[payout["offer_id"]] / sum(worth.values()) if sum(worth.values()) else 0
        assert payout["bonus"] == pytest.approx(share, abs=2e-6)
        assert payout["amount"] == pytest.approx(payout["base"] + payout["bonus"], abs=1e-9)
    assert buyer.sums()["sum"] == 0


def test_a_buyer_without_money_is_told_what_is_missing_and_the_intent_is_open_again(real_stack: RealStack) -> None:
    buyer = Buyer(real_stack, "poor")
    buyer.offers(price=900)
    refused = buyer.match(rounds=2)

    assert refused.status_code == 402
    assert problem(refused) == "insufficient_funds"
    assert refused.json()["details"]["needed"] == 5400
    assert refused.json()["details"]["available"] == 1000
    contract = buyer.contract(refused.json()["details"]["contract_id"], "escrow_rejected")
    intent = buyer.reader.get(f"/marketplace/round_intents/{contract['round_intent_id']}").json()
    assert contract["escrow_status"] == "rejected"
    assert intent["status"] == "open"


def test_a_match_without_offers_says_why(real_stack: RealStack) -> None:
    refused = Buyer(real_stack, "nobody").match(rounds=1)

    assert refused.status_code == 422
    assert problem(refused) == "no_compatible_offers_found"
    details = refused.json()["details"]
    assert details["rejection_reasons"]["modality_mismatch"] == details["offers_evaluated"]
    assert details["budget_rejected"] == 0


def test_nothing_is_trained_without_a_funded_contract(real_stack: RealStack) -> None:
    refused = Buyer(real_stack, "idle").owner.post("/trigger_fl")

    assert refused.status_code == 409
    assert problem(refused) == "no_contract_ready"


def test_a_provider_that_dies_in_mid_round_is_not_paid_for_what_it_did_not_deliver(tmp_path: Path) -> None:
    stack = RealStack.launch(tmp_path / "run", ROUND_TIMEOUT_S="25")
    try:
        buyer = Buyer(stack, "node")
        buyer.offers()
        contract_id = buyer.match(rounds=3).json()["contract_id"]
        buyer.trigger(contract_id)
        buyer.contract(contract_id, "round_completed")
        stack.kill("clinic-b")
        contract = buyer.contract(contract_id, "training_completed,training_failed")
        assert contract["timeline"][-1]["event"] == "training_completed", contract["timeline"][-1]
        released = buyer.release(contract_id).json()

        paid = {payout["seller_node_id"]: payout for payout in released["payouts"]}
        assert paid["clinic-a"]["rounds_delivered"] == paid["clinic-c"]["rounds_delivered"] == 3
        assert paid["clinic-b"]["rounds_delivered"] < 3
        assert paid["clinic-b"]["amount"] == paid["clinic-b"]["rounds_delivered"]
        assert released["returned"] == 3 - paid["clinic-b"]["rounds_delivered"]
        assert buyer.sums()["sum"] == 0
    finally:
        assert stack.close() == []


def test_a_provider_that_drops_out_is_replaced_and_the_model_goes_on(tmp_path: Path) -> None:
    """Two providers are the least that the buyer wants in a round: one dies, the third takes its place, and all is in one timeline."""
    stack = RealStack.launch(tmp_path / "run", ROUND_TIMEOUT_S="25")
    try:
        buyer = Buyer(stack, "drop")
        buyer.offers()
        wanted = {"model_owner_id": "buyer-drop", "task_type": "classification", "required_modalities": ["drop"], "rounds": 3}
        intent = buyer.post(buyer.owner, "/marketplace/round_intents", "intent", wanted | {"min_providers": 2, "budget_total": 6})
        asked = {"round_intent_id": intent.json()["round_intent_id"], "max_offers": 2}
        contract = buyer.post(buyer.owner, "/marketplace/match", "match", asked).json()
        contract_id = contract["contract_id"]
        stays, drops = (chosen["seller_node_id"] for chosen in contract["selected_offers"])
        buyer.trigger(contract_id)
        buyer.contract(contract_id, "round_completed")
        stack.kill(drops)
        failed = buyer.contract(contract_id, "training_completed,training_failed")["timeline"][-1]
        assert failed["event"] == "training_failed", failed
        done = failed["data"]["rounds_completed"]

        answer = buyer.post(buyer.owner, f"/marketplace/contracts/{contract_id}/replacements", "replace", {})
        assert answer.status_code == 200, answer.text
        again = buyer.post(buyer.owner, "/trigger_fl", "again", {"contract_id": contract_id})
        assert again.status_code == 202, again.text
        trained = buyer.contract(contract_id, "training_completed")
        released = buyer.release(contract_id).json()

        assert 1 <= done < 3
        paid = {payout["seller_node_id"]: payout for payout in released["payouts"]}
        (comes,) = paid.keys() - {stays, drops}
        assert {seller: payout["amount"] for seller, payout in paid.items()} == {stays: 3, drops: done, comes: 3 - done}
        assert released["returned"] == 0
        assert [s for s in steps(trained) if s != "round_completed"] == [
            "created",
            "escrow_locked",
            "bound_to_round",
            "round_started",
            "training_failed",
            "provider_replaced",
            "bound_to_round",
            "round_started",
            "training_completed",
        ]
        assert buyer.sums()["sum"] == 0
    finally:
        assert stack.close() == []


@contextlib.contextmanager
def killed(stack: RealStack, victim: str, *, after_s: float) -> Iterator[None]:
    """Kills the victim meanwhile, or at the latest before what comes after. What fails meanwhile leaves no killer behind."""
    killer = threading.Timer(after_s, stack.kill, [victim])
    killer.start()
    try:
        yield
    except BaseException:
        killer.cancel()
        raise
    finally:
        killer.join()


def test_kill_9_of_every_part_leaves_each_contract_resolved_and_paid_once(tmp_path: Path) -> None:
    """One part after another dies at a random moment of a loop: the contract still ends released, and is paid once."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    stack = RealStack.launch(tmp_path / "run", ROUND_TIMEOUT_S="180")
    try:
        setup = Buyer(stack, "kill")
        setup.offers()
        for number, victim in enumerate(KILLED):
            buyer = Buyer(stack, "kill")
            with killed(stack, victim, after_s=chance.uniform(0.0, 6.0)):
                matched = buyer.match(rounds=1, owner=f"buyer-{number}-{victim}")
                assert matched.status_code == 201, matched.text
                contract_id = matched.json()["contract_id"]
                buyer.contract(contract_id, "escrow_locked")
                triggered = buyer.trigger(contract_id)
                assert triggered.status_code == 202, triggered.text
                trained = buyer.contract(contract_id, "training_completed,training_failed")
                assert trained["timeline"][-1]["event"] == "training_completed", trained["timeline"][-1]
            released = buyer.release(contract_id)
            assert released.status_code == 200, released.text
            contract = buyer.contract(contract_id, "escrow_released")
            assert steps(contract).count("escrow_released") == 1
            assert contract["payout_status"] == "released"
        sums = setup.sums()
        assert sums["sum"] == 0
        assert sums["locked"] == sums["held"] == 0
        earned = {a["account_id"]: a["balance"] for a in sums["accounts"] if a["account_id"].startswith("participant:clinic")}
        assert earned == {f"participant:clinic-{letter}": len(KILLED) for letter in "abc"}
        audit = subprocess.run(
            [sys.executable, "-m", "services.escrow.audit"],
            env={"DATABASE_URL": stack.stack.dsn("escrow")},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert audit.returncode == 0, audit.stdout + audit.stderr
    finally:
        assert stack.close() == []


def test_a_taken_port_is_named_with_the_way_out(real_stack: RealStack, tmp_path: Path) -> None:
    env = {"STATE_DIR": str(tmp_path), "PORT_BASE": str(real_stack.stack.ports.base), "PATH": "/usr/bin:/bin"}
    second = subprocess.run(
        [sys.executable, "-m", "deploy.local", "demo", "--once"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert re.search(rf"port {real_stack.stack.ports.gateway}, wanted for gateway, is taken by", second.stderr)
    assert "PORT_BASE=9000 make demo" in second.stderr


@pytest.mark.parametrize("path", ["/health", "/errors", "/openapi.json", "/docs", "/ops/events/recent", "/errors/offer_not_found"])
def test_the_pages_of_an_operator_answer(real_stack: RealStack, path: str) -> None:
    assert real_stack.client("reviewer").get(path).status_code == 200
