"""Matching is killed in the middle of a hundred matches: each intent is matched once or still open, and an open one can be matched."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import httpx

from tests.e2e.stack import RealStack
from tests.e2e.test_the_loop import Buyer, persistently

AT_ONCE = 100


def patiently(buyer: Buyer, path: str, body: dict[str, Any]) -> httpx.Response:
    """Asks again where the gateway says that it was asked too often, and where matching is not back."""
    end = time.monotonic() + 120
    while True:
        answer = persistently(lambda: buyer.owner.post(path, json=body))
        if answer.status_code != 429 or time.monotonic() > end:
            return answer
        time.sleep(float(answer.headers["retry-after"]))


def test_each_of_a_hundred_intents_is_matched_once_or_open_when_matching_dies(real_stack: RealStack) -> None:
    buyer = Buyer(real_stack, "storm")
    buyer.offers()
    asked = {"model_owner_id": "buyer-storm", "task_type": "classification", "required_modalities": ["storm"]}
    intents = [patiently(buyer, "/marketplace/round_intents", asked).json()["round_intent_id"] for _ in range(AT_ONCE)]
    victim = real_stack.processes()["matching"]

    def match(intent_id: str) -> int:
        return buyer.owner.post("/marketplace/match", json={"round_intent_id": intent_id}).status_code

    with ThreadPoolExecutor(AT_ONCE // 2) as pool:
        answers = [pool.submit(match, intent_id) for intent_id in intents[: AT_ONCE // 2]]
        wait(answers, return_when=FIRST_COMPLETED)
        victim.kill()
        answers += [pool.submit(match, intent_id) for intent_id in intents[AT_ONCE // 2 :]]
    codes = dict(zip(intents, (answer.result() for answer in answers), strict=True))

    def contracts(intent_id: str) -> list[dict[str, Any]]:
        query = {"round_intent_id": intent_id}
        return list(persistently(lambda: buyer.reader.get("/marketplace/contracts", params=query)).json()["contracts"])

    def state(intent_id: str) -> tuple[str, int]:
        intent = persistently(lambda: buyer.reader.get(f"/marketplace/round_intents/{intent_id}")).json()
        return str(intent["status"]), len(contracts(intent_id))

    after = {intent_id: state(intent_id) for intent_id in intents}
    assert set(after.values()) == {("matched", 1), ("open", 0)}, codes
    assert all(after[intent_id] == ("matched", 1) for intent_id, status in codes.items() if status == 201)
    for intent_id, found in after.items():
        if found == ("open", 0):
            again = patiently(buyer, "/marketplace/match", {"round_intent_id": intent_id})
            assert again.status_code == 201, again.text
    assert {state(intent_id) for intent_id in intents} == {("matched", 1)}
    assert buyer.sums()["sum"] == 0
    for contract in (
        one for intent_id in intents for one in contracts(intent_id)
    ):  # leave nothing to train for the tests that follow
        buyer.contract(contract["contract_id"], "escrow_locked")
        ended = patiently(buyer, "/marketplace/escrow/refund", {"contract_id": contract["contract_id"]})
        assert ended.status_code == 200, ended.text
