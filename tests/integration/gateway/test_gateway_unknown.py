"""Contracts that the escrow does not know: unknown ones are not found, and those that it has not heard of yet are not locked."""

from __future__ import annotations

import pytest

from services.gateway.domain import Upstream
from tests.integration.gateway.conftest import Exchange, code


@pytest.mark.parametrize("what", ["release", "refund"])
async def test_a_contract_that_nobody_knows_is_not_found(exchange: Exchange, what: str) -> None:
    for contract_id in ("contract-unknown", "../offers", "a/b?c=d#e"):
        response = await exchange.call("POST", f"/marketplace/escrow/{what}", json={"contract_id": contract_id})

        assert (response.status_code, code(response)) == (404, "contract_not_found")


@pytest.mark.parametrize("what", ["release", "refund"])
async def test_a_contract_that_the_escrow_has_not_heard_of_yet_is_not_locked(exchange: Exchange, what: str) -> None:
    await exchange.deposit("lab", 10)
    contract = (await exchange.match()).json()
    escrow = exchange.services[Upstream.ESCROW].state.runtime.pool
    await escrow.execute("DELETE FROM hold WHERE contract_id = $1", contract["contract_id"])

    response = await exchange.call("POST", f"/marketplace/escrow/{what}", json={"contract_id": contract["contract_id"]})

    assert (response.status_code, code(response)) == (409, "escrow_not_locked")
    assert response.json()["details"] == {"contract_id": contract["contract_id"], "state": "locked"}
