"""Matching is killed in the middle of a hundred matches: each intent is matched once or still open, and an open one can be matched."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
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
    under_way = threading.Semaphore(0)

    def match(intent_id: str) -> int:
        try:
            return buyer.owner.post("/marketplace/match", json={"round_intent_id": intent_id}).status_code
        finally:
            under_way.release()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [pool.submit(match, intent_id) for intent_id in intents]
        for _ in range(AT_ONCE // 10):
            under_way.acquire()
        real_stack.kill("matching")
    codes = dict(zip(intents, (answer.result() for answer in answers), strict=True))

    def state(intent_id: str) -> tuple[str, int]:
        intent = persistently(lambda: buyer.reader.get(f"/marketplace/round_intents/{intent_id}")).json()
        query = {"round_intent_id": intent_id}
        contracts = persistently(lambda: buyer.reader.get("/marketplace/contracts", params=query)).json()
        return str(intent["status"]), int(contracts["count"])

    after = {intent_id: state(intent_id) for intent_id in intents}
    assert set(after.values()) == {("matched", 1), ("open", 0)}, codes
    assert all(after[intent_id] == ("matched", 1) for intent_id, status in codes.items() if status == 201)
    for intent_id, found in after.items():
        if found == ("open", 0):
            again = patiently(buyer, "/marketplace/match", {"round_intent_id": intent_id})
            assert again.status_code == 201, again.text
    assert {state(intent_id) for intent_id in intents} == {("matched", 1)}
    assert buyer.sums()["sum"] == 0
