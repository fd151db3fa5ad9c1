"""The loop, once, through the gateway's public API alone: what a newcomer would do by hand, with a line for each step."""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from typing import Any, Final, Protocol

import httpx

ROUNDS: Final = 3
PATIENCE_S: Final = 60
BUYER: Final = "research-lab"
EXPECTED: Final = (
    "created",
    "escrow_locked",
    "bound_to_round",
    "round_started",
    *["round_completed"] * ROUNDS,
    "training_completed",
    "escrow_released",
)
_BOLD, _DIM, _GREEN, _OFF = ("\033[1m", "\033[2m", "\033[32m", "\033[0m") if sys.stdout.isatty() else ("", "", "", "")


class Exchange(Protocol):
    """One that is running: where it is, and a key for each role."""

    @property
    def gateway_url(self) -> str: ...

    def key(self, role: str) -> str: ...


class LoopFailed(Exception):
    """The loop did not end as it should; the message says where."""


def title(text: str) -> None:
    print(f"\n{_BOLD}{text}{_OFF}", flush=True)


def line(text: str) -> None:
    print(f"  {text}", flush=True)


class Loop:
    """One run of the loop against a gateway."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._http = httpx.AsyncClient(base_url=exchange.gateway_url, timeout=60, trust_env=False)

    async def __aenter__(self) -> Loop:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def call(self, role: str, method: str, path: str, **request: Any) -> Any:
        """As a careful client: the same request again after a 503, which the idempotency key makes harmless."""
        headers = {"authorization": f"Bearer {self._exchange.key(role)}", "idempotency-key": secrets.token_hex(8)}
        deadline = time.monotonic() + PATIENCE_S
        while (answer := await self._http.request(method, path, headers=headers, **request)).status_code == 503:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(float(answer.headers["retry-after"]))
        if answer.is_error:
            raise LoopFailed(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    async def refused(self, role: str, method: str, path: str, **request: Any) -> str:
        """The code of a refusal that is expected."""
        headers = {"authorization": f"Bearer {self._exchange.key(role)}"}
        answer = await self._http.request(method, path, headers=headers, **request)
        if answer.is_success:
            raise LoopFailed(f"{method} {path}: {answer.status_code} where a refusal was expected")
        return str(answer.json()["code"])

    async def balances(self) -> dict[str, float]:
        accounts = (await self.call("operator", "GET", "/escrow/trial_balance"))["accounts"]
        return {account["account_id"]: account["balance"] for account in accounts}

    async def run(self) -> None:
        """Raises `LoopFailed` unless a real contract ends trained, paid and shown."""
        began = time.monotonic()
        before = await self.balances()
        contract_id, offers = await self._match()
        run = await self._train(contract_id)
        contract = await self._release(contract_id)
        await self._summary(contract, run, before, offers)
        line(f"{_GREEN}the loop took {time.monotonic() - began:.1f} s{_OFF}")

    async def _match(self) -> tuple[str, int]:
        title("1. Providers offer their data")
        nodes = (await self.call("provider", "GET", "/training/nodes"))["nodes"]
        for price, node in zip((2.0, 2.5, 3.0), [n for n in nodes if n["sandbox"]], strict=False):
            offer = {
                "seller_node_id": node["seller_node_id"],
                "dataset_fingerprint": node["dataset_fingerprint"],
                "title": f"Handwritten digits of {node['name']} (sandbox)",
                "modality": node["modality"],
                "sample_count": node["sample_count"],
                "allowed_tasks": node["tasks"],
                "quality_score": 0.8,
                "attestation_status": "verified",
                "price_per_round": price,
            }
            made = await self.call("provider", "POST", "/marketplace/offers", json=offer)
            line(f"{made['offer_id']}  {node['name']}: {node['sample_count']} samples, {price} credits a round")
        title("2. A model owner wants to train")
        intent = {
            "model_owner_id": BUYER,
            "task_type": "classification",
            "required_modalities": ["image"],
            "min_quality_score": 0.5,
            "budget_total": 30,
            "rounds": ROUNDS,
        }
        opened = await self.call("model_owner", "POST", "/marketplace/round_intents", json=intent)
        line(f"{opened['round_intent_id']}  {ROUNDS} rounds for at most 30 credits")
        title("3. The exchange matches them and locks the money")
        contract = await self.call("model_owner", "POST", "/marketplace/match", json={"round_intent_id": opened["round_intent_id"]})
        chosen = ", ".join(f"{o['seller_node_id']} (score {o['score']:.3f})" for o in contract["selected_offers"])
        line(f"{contract['contract_id']}  with {chosen}")
        line(f"escrow {contract['escrow_status']}: {contract['escrow_total']} credits")
        return contract["contract_id"], contract["offer_count"]

    async def _train(self, contract_id: str) -> Any:
        title("4. Flower trains on the contract's nodes")
        accepted = await self.call("model_owner", "POST", "/trigger_fl", json={"contract_id": contract_id})
        path = f"/training/runs/{accepted['run_id']}"
        shown, deadline = 0, time.monotonic() + 240
        baseline = False
        while time.monotonic() < deadline:
            run = await self.call("reviewer", "GET", path)
            if run["untrained"] and not baseline:
                baseline = True
                line(f"untrained   accuracy {run['untrained']['accuracy']:.3f}   loss {run['untrained']['loss']:.3f}")
            for done in run["rounds_detail"][shown:]:
                who = sum(1 for provider in done["providers"] if provider["ok"])
                line(
                    f"round {done['round']}/{run['rounds']}   accuracy {done['accuracy']:.3f}   loss {done['loss']:.3f}"
                    f"   {done['seconds']:.1f} s   {who} providers"
                )
                shown += 1
            if run["state"] not in ("queued", "starting", "running"):
                break
            await asyncio.sleep(0.3)  # rounds take seconds; this only decides how lively the lines are
        if run["state"] != "succeeded":
            raise LoopFailed(f"the run ended {run['state']}: {run['reason']}")
        if not run["accuracy"] > run["untrained"]["accuracy"]:
            raise LoopFailed(f"accuracy {run['accuracy']} is not above the untrained {run['untrained']['accuracy']}")
        return run

    async def _release(self, contract_id: str) -> Any:
        title("5. The escrow pays for what was delivered")
        waited = {"wait_for": "training_completed,training_failed", "timeout_ms": 15000}
        await self.call("reviewer", "GET", f"/marketplace/contracts/{contract_id}", params=waited)
        contract = await self.call("model_owner", "POST", "/marketplace/escrow/release", json={"contract_id": contract_id})
        for payout in contract["payouts"]:
            line(f"{payout['seller_node_id']}: {payout['amount']} credits for {payout['rounds_delivered']} rounds")
        return contract

    async def _summary(self, contract: Any, run: Any, before: dict[str, float], offers: int) -> None:
        title("6. What happened")
        timeline = await self.call("reviewer", "GET", f"/marketplace/contracts/{contract['contract_id']}/timeline")
        for event in timeline["events"]:
            line(f"{event['at']}  {event['event']:<20} {_DIM}{event['hash'][:12]}  by {event['actor']}{_OFF}")
        events = tuple(event["event"] for event in timeline["events"])
        if events != EXPECTED:
            raise LoopFailed(f"the timeline reads {', '.join(events)}")
        title("Balances (credits)")
        trial = await self.call("operator", "GET", "/escrow/trial_balance")
        for account in trial["accounts"]:
            if account["balance"] or before.get(account["account_id"]):
                line(f"{account['account_id']:<48} {before.get(account['account_id'], 0):>12.2f}  ->  {account['balance']:>12.2f}")
        line(f"{'sum':<48} {'':>12}      {trial['sum']:>12.2f}")
        if trial["sum"] != 0 or trial["locked"] != trial["held"]:
            raise LoopFailed("the balances do not sum to zero, or what is locked is not what is held")
        summary = await self.call("reviewer", "GET", "/metrics_summary")
        market = summary["marketplace"]
        if market is None or market["contracts_total"] < 1 or market["released_payout_total"] <= 0:
            raise LoopFailed(f"/metrics_summary does not show the contract: {market}")
        title("The market (/metrics_summary)")
        for name in ("offers_total", "open_intents", "contracts_total", "contracts_by_status", "released_payout_total"):
            line(f"{name:<24} {market[name]}")
        title("The model")
        model = await self._http.get(
            f"/training/runs/{run['run_id']}/model", headers={"authorization": f"Bearer {self._exchange.key('model_owner')}"}
        )
        if model.is_error or not model.content.startswith(b"PK"):
            raise LoopFailed(f"the model cannot be downloaded: {model.status_code}")
        line(f"accuracy {run['untrained']['accuracy']:.3f} -> {run['accuracy']:.3f}, trained by {offers} providers")
        line(f"{len(model.content)} bytes, a NumPy .npz: GET /training/runs/{run['run_id']}/model")
