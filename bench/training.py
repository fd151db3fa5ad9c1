"""What a contract costs over bare Flower: `python -m bench.training`. A whole local stack, three nodes, digits.

Both columns are runs of the same bundle on the same SuperLink and the same nodes, in turn. Bare: handed to Flower directly, and its reports
taken by a desk in this process that keeps nothing. Contract: triggered through the gateway, until the timeline says that training is
complete; coordinator, Postgres, NATS, marketplace and gateway are all in it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psutil
from pydantic import SecretStr

from deploy.local.demo import BUYER, Loop
from deploy.local.ports import Ports
from deploy.local.processes import CLINICS, ROOT, Stack
from deploy.local.stack import Running, running
from services.training_coordinator.flower import FlowerLink
from services.training_coordinator.grants import Issuer
from services.training_coordinator.settings import CoordinatorSettings
from shared.kit.signing import SigningKey

sys.path.insert(0, str(ROOT / "services/flower/app"))  # the app's own modules, as the bundle has them

from oe_app import tasks
from oe_app.contribution import average
from oe_app.readers import sandbox

from tests.unit.flower.desk import open_desk
from tests.unit.flower.jobs import job_of, node_of

TASK: Final = "digits-softmax"
LONG: Final = 20


async def contract_run(loop: Loop, rounds: int) -> dict[str, Any]:
    """Seconds from the trigger to the claim and to the end, and the accuracy, of a new contract."""
    wanted = {"model_owner_id": BUYER, "task_type": TASK, "rounds": rounds}
    intent = await loop.call("model_owner", "POST", "/marketplace/round_intents", json=wanted)
    contract = await loop.call("model_owner", "POST", "/marketplace/match", json={"round_intent_id": intent["round_intent_id"]})
    assert contract["offer_count"] == len(CLINICS), contract
    path = f"/marketplace/contracts/{contract['contract_id']}"
    began = time.time()
    await loop.call("model_owner", "POST", "/trigger_fl", json={"contract_id": contract["contract_id"]})
    ended = {"wait_for": "training_completed,training_failed", "timeout_ms": 30_000}
    while True:
        shown = await loop.call("reviewer", "GET", path, params=ended)
        at = {e["event"]: datetime.fromisoformat(e["at"]).timestamp() for e in shown["timeline"]}
        if "training_failed" in at:
            raise SystemExit(f"the contract's run failed: {shown['timeline'][-1]}")
        if "training_completed" in at:
            break
    return {
        "claimed": at["round_started"] - began,
        "total": at["training_completed"] - began,
        "accuracy": shown["final_metrics"]["accuracy"],
    }


async def bare_run(link: FlowerLink, issuer: Issuer, nodes: list[dict[str, Any]], rounds: int) -> dict[str, float]:
    """The same of a run that is handed to Flower directly, with the grants that the nodes ask for."""
    told = [
        node_of(node["node_id"], node["seller_node_id"], node["dataset_fingerprint"], max_examples=node["sample_count"])
        for node in nodes
    ]
    job = job_of(issuer, told, rounds=rounds, task=TASK)
    with open_desk() as desk:
        desk.verdict = lambda what: (200, job if what == "claim" else {})
        began = time.time()
        await link.start_run({"coordinator-url": desk.url, "run-id": job["run_id"], "run-token": "bench"})
        ended = await asyncio.to_thread(desk.finished.wait, 60 * (rounds + 2))
        if not ended or not desk.told("finish")[0]["succeeded"]:
            raise SystemExit(f"the bare run failed: {desk.told('finish')}")
        return {"claimed": desk.at["claim"] - began, "total": desk.at["finish"] - began}


def reference(rounds: int) -> tuple[float, float]:
    """The accuracy of the same rounds in this process, and of one machine that has all the data for as many epochs."""
    task = tasks.named(TASK)
    parts = [sandbox.share("digits", number, len(CLINICS)) for number in range(len(CLINICS))]
    federated = central = task.initial()
    whole, held_back = sandbox.split("digits")
    for _ in range(rounds):
        trained = [task.train(federated, part, task.hyperparameters) for part in parts]
        federated = average(trained, [len(part) for part in parts])
        central = task.train(central, whole, task.hyperparameters)
    measured = [task.evaluate(weights, held_back).accuracy for weights in (federated, central)]
    assert measured[0] is not None
    assert measured[1] is not None
    return measured[0], measured[1]


def memory(up: Running) -> dict[str, tuple[int, int]]:
    """(processes, MB that are no other process's: USS) of each clinic and of the SuperLink, with all that they started."""
    found = {}
    for name, pid in up.supervisor.pids().items():
        if name in CLINICS or name == "superlink":
            root = psutil.Process(pid)
            family = [root, *root.children(recursive=True)]
            found[name] = (len(family), round(sum(process.memory_full_info().uss for process in family) / 2**20))
    return found


def _settings(stack: Stack) -> CoordinatorSettings:
    return CoordinatorSettings(
        port=1,
        keys_file=stack.keys_file,
        database_url=SecretStr(""),
        model_dir=stack.state,
        superlink=f"127.0.0.1:{stack.ports.superlink}",
        superlink_ca=stack.state / "certs/ca.crt",
    )


async def bench(stack: Stack, repeats: int, numbers: list[int]) -> None:
    async with running(stack, lambda _: None) as up, Loop(stack) as loop, FlowerLink.open(_settings(stack)) as link:
        assert isinstance(link, FlowerLink)
        issuer = Issuer(SigningKey(stack.grant_key_file, "GRANT_SIGNING_KEY_FILE"), link.bundle_sha256)
        nodes = (await loop.call("provider", "GET", "/training/nodes"))["nodes"]
        for node in nodes:
            offer = {name: node[name] for name in ("seller_node_id", "dataset_fingerprint", "modality", "sample_count")}
            await loop.call(
                "provider", "POST", "/marketplace/offers", json={**offer, "allowed_tasks": node["tasks"], "price_per_round": 0.01}
            )
        await bare_run(link, issuer, nodes, 1)  # the bundle is installed at every node
        print(f"{'rounds':>6}  {'bare':>8}  {'contract':>8}  {'overhead':>8}  {'trigger to claim':>16}   (medians of {repeats}, s)")
        for rounds in numbers:
            bare, ours = [], []
            for _ in range(repeats):
                bare.append(await bare_run(link, issuer, nodes, rounds))
                ours.append(await contract_run(loop, rounds))
            was, now = (statistics.median(run["total"] for run in runs) for runs in (bare, ours))
            claimed = statistics.median(run["claimed"] for run in ours)
            print(f"{rounds:>6}  {was:>8.2f}  {now:>8.2f}  {now / was - 1:>+8.1%}  {claimed:>16.2f}", flush=True)
        for name, (count, mb) in memory(up).items():
            print(f"memory of {name}: {mb} MB in {count} processes (USS)")
        long = await contract_run(loop, LONG)
        in_process, ceiling = reference(LONG)
        print(
            f"accuracy after {LONG} rounds: {long['accuracy']:.4f} by contract ({long['total']:.1f} s),"
            f" {in_process:.4f} in process, {ceiling:.4f} centralised"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.training", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rounds", type=int, nargs="+", default=[1, 3, 10])
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="open-ecosystem-bench-") as folder:
        stack = Stack(Path(folder) / "run", Ports(int(os.environ.get("PORT_BASE", "8000"))))
        try:
            asyncio.run(bench(stack, options.repeats, options.rounds))
        finally:
            stack.postgres.forget()


if __name__ == "__main__":
    main()
