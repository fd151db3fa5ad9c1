"""The calls of the loop at the gateway: an answer comes once the money has moved, and a dead service is said and survived."""

from __future__ import annotations

import asyncio

from services.gateway.domain import Upstream
from tests.integration.gateway.conftest import Exchange, code


async def test_a_match_answers_with_the_money_locked(exchange: Exchange) -> None:
    await exchange.deposit("lab", 10)

    response = await exchange.match()

    contract = response.json()
    assert (response.status_code, contract["escrow_status"], contract["escrow_total"]) == (201, "locked", 4)
    assert [event["event"] for event in contract["timeline"]] == ["created", "escrow_locked"]
    account = await exchange.ok("GET", "/escrow/accounts/lab")
    assert (account["available"], account["held"]) == (6, 4)


async def test_a_match_that_nobody_can_pay_is_402_and_may_be_tried_again(exchange: Exchange) -> None:
    await exchange.deposit("lab", 3)

    response = await exchange.match()

    assert (response.status_code, code(response)) == (402, "insufficient_funds")
    assert {"needed": 4, "available": 3}.items() <= response.json()["details"].items()
    [intent] = (await exchange.ok("GET", "/marketplace/round_intents"))["round_intents"]
    assert intent["status"] == "open"
    await exchange.deposit("lab", 1)
    again = await exchange.call("POST", "/marketplace/match", json={"round_intent_id": intent["round_intent_id"]})
    assert (again.status_code, again.json()["escrow_status"]) == (201, "locked")


async def test_a_release_answers_with_the_contract_as_it_stands_and_happens_once(exchange: Exchange) -> None:
    await exchange.deposit("lab", 10)
    body = {"contract_id": (await exchange.match()).json()["contract_id"]}

    responses = await asyncio.gather(
        *(exchange.call("POST", "/marketplace/escrow/release", "model_owner", json=body) for _ in range(5))
    )

    [released] = [response.json() for response in responses if response.status_code == 200]
    assert (released["payout_status"], released["payouts"][0]["amount"]) == ("released", 4)
    assert released["timeline"][-1]["data"]["early"] is True
    assert {code(response) for response in responses if response.status_code != 200} == {"contract_already_released"}
    response = await exchange.call("POST", "/marketplace/escrow/refund", json=body)
    assert (response.status_code, code(response)) == (409, "contract_already_released")
    books = await exchange.ok("GET", "/escrow/trial_balance")
    assert books["sum"] == 0


async def test_a_refund_answers_with_the_contract_as_it_stands(exchange: Exchange) -> None:
    await exchange.deposit("lab", 10)
    body = {"contract_id": (await exchange.match()).json()["contract_id"]}

    contract = await exchange.ok("POST", "/marketplace/escrow/refund", "model_owner", json=body)

    assert (contract["escrow_status"], contract["payout_status"]) == ("refunded", "refunded")
    response = await exchange.call("POST", "/marketplace/escrow/release", json=body)
    assert (response.status_code, code(response)) == (409, "contract_already_refunded")


async def test_one_key_makes_one_match_and_another_body_under_it_is_refused(exchange: Exchange) -> None:
    await exchange.deposit("lab", 10)
    headers = {"Idempotency-Key": "k"}

    first = await exchange.match(headers=headers)
    body = {"round_intent_id": first.json()["round_intent_id"], "max_offers": 1}
    again = await exchange.call("POST", "/marketplace/match", "model_owner", json=body, headers=headers)
    other = await exchange.call("POST", "/marketplace/match", "model_owner", json={**body, "max_offers": 2}, headers=headers)

    assert (again.status_code, again.headers["idempotency-hit"]) == (201, "true")
    assert again.json()["contract_id"] == first.json()["contract_id"]
    assert (other.status_code, code(other)) == (422, "idempotency_key_reused")


CALLS = [
    (Upstream.MARKETPLACE, "GET", "/marketplace/offers"),
    (Upstream.MARKETPLACE, "POST", "/marketplace/match"),
    (Upstream.ESCROW, "POST", "/marketplace/escrow/release"),
    (Upstream.ESCROW, "GET", "/escrow/trial_balance"),
    (Upstream.ESCROW, "GET", "/marketplace/disputes"),
]


async def test_a_dead_service_is_named_with_when_to_come_back_and_works_when_it_is_back(exchange: Exchange) -> None:
    for service, method, path in CALLS:
        exchange.switch(service, on=False)

        response = await exchange.call(method, path, content=b"{}")
        health = await exchange.http.get("/health")

        assert (response.status_code, code(response)) == (503, "service_unavailable"), path
        assert response.json()["details"]["service"] == service
        assert int(response.headers["retry-after"]) > 0
        assert {entry["name"]: entry["status"] for entry in health.json()["services"]}[service] == "down"
        exchange.switch(service, on=True)
        assert (await exchange.call(method, path, content=b"{}")).status_code in {200, 400}


async def test_a_coordinator_that_is_away_makes_its_part_null_and_the_rest_stays(exchange: Exchange) -> None:
    await exchange.deposit("lab", 10)
    await exchange.match()

    summary = await exchange.ok("GET", "/metrics_summary")
    status = await exchange.ok("GET", "/training/status")
    trigger = await exchange.call("POST", "/trigger_fl", "model_owner", content=b"")

    assert summary["federated_learning"] is None
    assert "training_coordinator" in summary["unavailable"]["training"]
    assert summary["source"] == "scrape"
    numbers = summary["marketplace"]
    assert (numbers["offers_total"], numbers["contracts_total"], numbers["locked_escrow_total"]) == (1, 1, 4)
    assert (numbers["released_payout_total"], numbers["refunded_total"]) == (0, 0)
    assert summary["governance"] == {"disputes_total": 0, "disputes_open": 0, "ledger_imbalance": 0, "open_holds": 1}
    assert summary["operations"]["training_coordinator"] is None
    assert (status["status"], status["round"], status["current_metrics"]) == ("degraded", None, {"accuracy": None, "loss": None})
    assert (trigger.status_code, code(trigger)) == (503, "service_unavailable")
