"""The calls of the loop that go by the money: a client sees locked or refused, released or refunded, never a riddle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
from fastapi import APIRouter, Request, Response

from services.gateway.domain import Upstream
from services.gateway.proxy import forward_whole, pass_on
from services.gateway.upstreams import path_of, upstreams_of
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import principal_of

Contract = dict[str, Any]

router = APIRouter(include_in_schema=False)


@router.post("/marketplace/match")
async def match(request: Request) -> Response:
    """201 with the contract once its escrow is locked, 402 once it is refused; 201 still `pending` when neither came in time."""
    created = await forward_whole(request, Upstream.MARKETPLACE)
    if created.status_code != 201:
        return pass_on(created)
    contract = await settled(request, created, ["escrow_locked", "escrow_rejected"])
    if contract is None:
        return pass_on(created)
    rejected = entry_of(contract, "escrow_rejected")
    if rejected is not None:
        raise refusal_in(contract, rejected)
    return with_body(created, contract)


@router.post("/marketplace/escrow/release")
async def release(request: Request) -> Response:
    """200 with the contract as it stands after the release."""
    return await _resolve(request, "escrow_released")


@router.post("/marketplace/escrow/refund")
async def refund(request: Request) -> Response:
    """200 with the contract as it stands after the refund."""
    return await _resolve(request, "escrow_refunded")


@router.post("/trigger_fl")
@router.post("/training/trigger")
async def trigger(request: Request) -> Response:
    """202 with the run. A locked contract whose money training has not heard of yet is a matter of time, not unknown."""
    bound = await forward_whole(request, Upstream.TRAINING)
    if bound.status_code == 404 and (known := await _shown(request, bound)):
        state = known["escrow_status"]
        late = ErrorCode.TRAINING_UNAVAILABLE if state == "locked" else ErrorCode.CONTRACT_NOT_READY
        raise Refusal(late, contract_id=known["contract_id"], state=state)
    return pass_on(bound)


@router.post("/marketplace/disputes")
async def dispute(request: Request) -> Response:
    """201 with the dispute. A contract that the escrow has not heard of yet is a matter of time, not unknown."""
    return pass_on(await _heard(request))


async def _heard(request: Request) -> httpx.Response:
    """The escrow's answer. Raises `escrow_not_locked` for a contract that it has not heard of yet."""
    answer = await forward_whole(request, Upstream.ESCROW)
    if answer.status_code == 404 and (known := await _shown(request, answer)):
        raise Refusal(ErrorCode.ESCROW_NOT_LOCKED, contract_id=known["contract_id"], state=known["escrow_status"])
    return answer


async def _resolve(request: Request, step: str) -> Response:
    resolved = await _heard(request)
    if resolved.status_code != 200:
        return pass_on(resolved)
    contract = await settled(request, resolved, [step])
    if contract is None or entry_of(contract, step) is None:
        return pass_on(resolved)  # the money has moved; the timeline will say so later
    return with_body(resolved, contract)


async def _shown(request: Request, answer: httpx.Response) -> Contract | None:
    """The contract that a service has not heard of yet, where the marketplace shows it to the caller."""
    try:
        contract_id = str(answer.json()["details"]["contract_id"])
        return await upstreams_of(request.app.state.runtime).get_object(
            Upstream.MARKETPLACE, path_of("marketplace", "contracts", contract_id), who=principal_of(request)
        )
    except (ValueError, KeyError, TypeError, Refusal):
        return None


async def settled(request: Request, answer: httpx.Response, steps: Sequence[str]) -> Contract | None:
    """The contract that `answer` is about, once its timeline has one of `steps` or the wait is over. None when nobody can tell."""
    runtime = request.app.state.runtime
    wait_s: float = runtime.settings.settle_timeout_s
    try:
        contract_id = str(answer.json()["contract_id"])
        return await upstreams_of(runtime).get_object(
            Upstream.MARKETPLACE,
            path_of("marketplace", "contracts", contract_id),
            timeout_s=wait_s + 5,
            wait_for=",".join(steps),
            timeout_ms=int(wait_s * 1000),
        )
    except (ValueError, KeyError, TypeError, Refusal):
        return None


def entry_of(contract: Contract, step: str) -> dict[str, Any] | None:
    """The first such entry of the contract's timeline."""
    return next((entry for entry in contract.get("timeline", ()) if entry.get("event") == step), None)


def refusal_in(contract: Contract, rejected: dict[str, Any]) -> Refusal:
    """Why the escrow refused, as the client is told."""
    data = rejected.get("data", {})
    details = {name: data[name] for name in ("needed", "available") if name in data}
    try:
        code = ErrorCode(data.get("code"))
    except ValueError:
        code = ErrorCode.INSUFFICIENT_FUNDS
    return Refusal(code, **details, contract_id=contract["contract_id"])


def with_body(answer: httpx.Response, body: Contract) -> Response:
    """`answer` with its status and headers (`Idempotency-Hit`) and another body."""
    changed = pass_on(answer)
    changed.body = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    changed.headers["content-length"] = str(len(changed.body))
    return changed
