"""The exchange as careful clients use it while its parts die: every change has a key, and is asked for again after a 5xx."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol
from uuid import uuid4

import httpx

BUYERS: Final = 10
PATIENCE_S: Final = 300

Ending = Literal["train", "release", "refund", "dispute"]


class Exchange(Protocol):
    """A stack that answers somewhere."""

    @property
    def gateway_url(self) -> str: ...

    def key(self, role: str) -> str: ...


class GaveUp(AssertionError):
    """An insistent client was not served in time."""


@dataclass
class Market:
    """The exchange as careful clients use it: an idempotency key on every change, and the same request again after a 5xx."""

    exchange: Exchange
    http: httpx.AsyncClient
    modality: str = field(default_factory=lambda: f"kill-{uuid4().hex[:8]}")
    contracts: list[str] = field(default_factory=list)
    repeats: int = 0

    async def ask(self, role: str, method: str, path: str, **request: Any) -> httpx.Response:
        """The first answer that is not 'later'."""
        headers = {"authorization": f"Bearer {self.exchange.key(role)}", "idempotency-key": uuid4().hex}
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = await self.http.request(method, path, headers=headers, **request)
                trouble = answer.text or "later" if answer.status_code >= 500 or answer.status_code == 408 else ""
            except httpx.TransportError as error:
                trouble = repr(error)
            if not trouble:
                return answer
            if time.monotonic() > deadline:
                raise GaveUp(f"{method} {path}: {trouble}")
            self.repeats += 1
            await asyncio.sleep(0.3)

    async def ok(self, role: str, method: str, path: str, **request: Any) -> Any:
        answer = await self.ask(role, method, path, **request)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def offer(self) -> None:
        """One offer of every node that there is."""
        nodes = (await self.ok("reviewer", "GET", "/training/nodes"))["nodes"]
        assert nodes
        for node in nodes:
            offer = {
                "seller_node_id": node["seller_node_id"],
                "dataset_fingerprint": node["dataset_fingerprint"],
                "sample_count": node["sample_count"],
                "modality": self.modality,
                "price_per_round": 1,
            }
            await self.ok("provider", "POST", "/marketplace/offers", json=offer)

    async def trade(self, owner: str, ending: Ending = "train") -> None:
        """One loop, from an intent to its contract's end."""
        wanted = {"model_owner_id": owner, "task_type": "classification", "required_modalities": [self.modality], "rounds": 1}
        intent = await self.ok("model_owner", "POST", "/marketplace/round_intents", json=wanted)
        match = {"round_intent_id": intent["round_intent_id"]}
        contract_id = (await self.ok("model_owner", "POST", "/marketplace/match", json=match))["contract_id"]
        self.contracts.append(contract_id)
        await self._until(contract_id, "escrow_locked")
        how = "release"
        match ending:
            case "train":
                await self._trigger(contract_id)
                contract = await self._until(contract_id, "training_completed,training_failed,escrow_refunded")
                if not any(event["event"] == "training_completed" for event in contract["timeline"]):
                    how = "refund"
            case "refund":
                how = "refund"
            case "dispute":
                await self._dispute(contract_id)
        await self._settle(contract_id, how)
        await self._until(contract_id, "escrow_released,escrow_refunded")

    async def _settle(self, contract_id: str, how: str) -> None:
        """Again while the escrow has not heard of the end of training that the timeline tells of already."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = await self.ask("operator", "POST", f"/marketplace/escrow/{how}", json={"contract_id": contract_id})
            assert answer.status_code in {200, 409}, answer.text
            if answer.status_code == 200 or answer.json()["code"] != "training_in_progress":
                return
            assert time.monotonic() < deadline, answer.text
            await asyncio.sleep(0.3)

    async def _dispute(self, contract_id: str) -> None:
        """An objection that is looked at and turned down."""
        objection = {"contract_id": contract_id, "reporter": "clinic-a", "reason": "not what was agreed"}
        dispute = await self.ok("operator", "POST", "/marketplace/disputes", json=objection)
        for status in ("under_review", "rejected"):
            await self.ok("operator", "PATCH", f"/marketplace/disputes/{dispute['dispute_id']}", json={"status": status})

    async def _trigger(self, contract_id: str) -> None:
        """Again while the coordinator has not heard of the money yet."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = await self.ask("model_owner", "POST", "/trigger_fl", json={"contract_id": contract_id})
            if answer.is_success:
                return
            assert time.monotonic() < deadline, answer.text
            await asyncio.sleep(0.3)

    async def _until(self, contract_id: str, events: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            contract: dict[str, Any] = await self.ok(
                "reviewer", "GET", f"/marketplace/contracts/{contract_id}", params={"wait_for": events, "timeout_ms": 5000}
            )
            if {event["event"] for event in contract["timeline"]} & set(events.split(",")):
                return contract
            assert time.monotonic() < deadline, f"no {events} in {[event['event'] for event in contract['timeline']]}"


@asynccontextmanager
async def market(exchange: Exchange) -> AsyncIterator[Market]:
    limits = httpx.Limits(max_connections=BUYERS * 2, max_keepalive_connections=0)  # a killed gateway leaves no half-dead ones
    async with httpx.AsyncClient(base_url=exchange.gateway_url, timeout=60, trust_env=False, limits=limits) as http:
        yield Market(exchange, http)
