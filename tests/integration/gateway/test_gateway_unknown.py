"""Contracts that a service does not know: unknown ones are not found, and those that it has not heard of yet are told apart from them."""

from __future__ import annotations

import json

import httpx
import pytest

from services.gateway.domain import Upstream
from shared.contracts.errors import ErrorCode
from shared.kit.problems import problem
from tests.integration.gateway.conftest import Exchange, code

PATHS = ["/marketplace/escrow/release", "/marketplace/escrow/refund", "/marketplace/disputes"]


def body_of(path: str, contract_id: str) -> dict[str, str]:
    dispute = {"reporter": "lab", "reason": "late"} if path.endswith("disputes") else {}
    return {"contract_id": contract_id, **dispute}


@pytest.mark.parametrize("path", PATHS)
async def test_a_contract_that_nobody_knows_is_not_found(exchange: Exchange, path: str) -> None:
    for contract_id in ("contract-unknown", "../offers", "a/b?c=d#e"):
        response = await exchange.call("POST", path, json=body_of(path, contract_id))

        assert (response.status_code, code(response)) == (404, "contract_not_found")


@pytest.mark.parametrize("path", PATHS)
async def test_a_contract_that_the_escrow_has_not_heard_of_yet_is_not_locked(exchange: Exchange, path: str) -> None:
    await exchange.deposit("lab", 10)
    contract = (await exchange.match()).json()
    escrow = exchange.services[Upstream.ESCROW].state.runtime.pool
    await escrow.execute("DELETE FROM hold WHERE contract_id = $1", contract["contract_id"])

    response = await exchange.call("POST", path, json=body_of(path, contract["contract_id"]))

    assert (response.status_code, code(response)) == (409, "escrow_not_locked")
    assert response.json()["details"] == {"contract_id": contract["contract_id"], "state": "locked"}


async def hears_nothing(request: httpx.Request) -> httpx.Response:
    """What the coordinator answers about a contract of which no fact has come."""
    contract_id = json.loads(request.content)["contract_id"]
    answer = problem(ErrorCode.CONTRACT_NOT_FOUND, {"contract_id": contract_id}, request.url.path)
    return httpx.Response(answer.status_code, content=bytes(answer.body), headers=dict(answer.headers))


@pytest.mark.parametrize("path", ["/trigger_fl", "/training/trigger"])
async def test_a_locked_contract_that_training_has_not_heard_of_yet_is_to_be_asked_for_again(exchange: Exchange, path: str) -> None:
    exchange.app.state.runtime.extra["upstreams"]._clients[Upstream.TRAINING]._transport = httpx.MockTransport(hears_nothing)
    await exchange.deposit("lab", 10)
    body = {"contract_id": (await exchange.match()).json()["contract_id"]}

    late = await exchange.call("POST", path, json=body)
    market = exchange.services[Upstream.MARKETPLACE].state.runtime.pool
    await market.execute("UPDATE contract SET escrow_status = 'pending' WHERE contract_id = $1", body["contract_id"])
    early = await exchange.call("POST", path, json=body)
    unknown = await exchange.call("POST", path, json={"contract_id": "contract-unknown"})

    assert (late.status_code, code(late)) == (503, "training_unavailable")
    assert late.headers["retry-after"]
    assert (early.status_code, code(early), early.json()["details"]["state"]) == (409, "contract_not_ready", "pending")
    assert (unknown.status_code, code(unknown)) == (404, "contract_not_found")
