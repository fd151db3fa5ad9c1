"""Real nodes train only under a grant of the coordinator's, and a stopped run's work ends where it is done."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from typing import Any

import jwt
import numpy as np
import psutil
import pytest
from oe_app import data, readers

from services.training_coordinator.flower import FlowerLink
from services.training_coordinator.grants import with_grants
from tests.integration.flower.conftest import Fleet, changed_bundle, finished, until
from tests.seen import told
from tests.unit.flower.desk import Desk, open_desk
from tests.unit.flower.jobs import terms_of

pytestmark = pytest.mark.timeout(400)


def gives(job: dict[str, Any]) -> Callable[[str], tuple[int, Any]]:
    return lambda what: (200, job if what == "claim" else {})


async def run(fleet: Fleet, desk: Desk, job: dict[str, Any], bundle: bytes | None = None) -> dict[str, str | None]:
    """Plays a run to its end; what each node answered in its last round, by its offer: a code, or None for a delivery."""
    desk.calls.clear()
    desk.verdict = gives(job)
    async with fleet.link() as link:
        sender = link if bundle is None else FlowerLink(link._http, bundle)
        run_id = await sender.start_run(fleet.config(desk))
        await until(lambda: desk.told("finish"), 300)
        await finished(link, run_id)
    last = desk.told("finish")[0].get("providers") or desk.told("rounds")[-1]["providers"]
    return {outcome["offer_id"]: outcome["error_code"] and told(outcome["error_code"]) for outcome in last}


def signed(fleet: Fleet, job: dict[str, Any], offer: str, **claims: Any) -> str:
    """A grant of the coordinator's own key that says something else than it should."""
    (issued,) = [grant for grant in fleet.issuer().issue(job, terms_of(job)) if grant.offer_id == offer]
    said = jwt.decode(issued.token, options={"verify_signature": False})
    return fleet.key().jwt({**said, **claims})


def with_tokens(job: dict[str, Any], **tokens: str) -> dict[str, Any]:
    known = {node["offer_id"]: node["grant"] for node in job["nodes"]}
    return with_grants(job, {**known, **tokens})


async def test_a_grant_that_is_expired_anothers_or_for_another_bundle_is_refused(fleet: Fleet, desk: Desk) -> None:
    job = fleet.job(rounds=1)
    first, second, third = (node["offer_id"] for node in job["nodes"])
    now = int(time.time())
    job = with_tokens(
        job,
        **{
            first: signed(fleet, job, first, iat=now - 7200, exp=now - 3600),
            second: job["nodes"][0]["grant"],
            third: signed(fleet, job, third, bundle="0" * 64),
        },
    )

    answers = await run(fleet, desk, job)

    assert answers == {first: "grant_expired", second: "grant_for_another_node", third: "grant_for_another_bundle"}
    assert desk.told("finish")[0]["succeeded"] is False
    assert [r["round"] for r in desk.told("rounds")] == [0]


async def test_a_grant_is_good_for_one_training_of_a_round_on_the_data_that_it_names(fleet: Fleet, desk: Desk) -> None:
    job = fleet.job(rounds=1, min_providers=1)
    first, second, third = (node["offer_id"] for node in job["nodes"])
    assert await run(fleet, desk, job) == {first: None, second: None, third: None}

    share = readers.read(third)
    try:
        np.savez(third, X=share.features, y=(share.labels + 1) % 10)
        again = fleet.job(rounds=1, min_providers=1)
        tokens = {
            first: job["nodes"][0]["grant"],  # used before
            third: signed(fleet, again, third, dataset=data.fingerprint(share)),  # of the data as it was offered
        }
        answers = await run(fleet, desk, with_tokens(again, **tokens))
    finally:
        np.savez(third, X=share.features, y=share.labels)

    assert answers == {first: "grant_replayed", second: None, third: "dataset_fingerprint_mismatch"}
    delivered = [p for p in desk.told("rounds")[-1]["providers"] if p["ok"]]
    assert [len(p["reply_sha256"]) for p in delivered] == [64]


async def test_a_bundle_that_the_providers_executors_refuse_is_known_at_once(fleet: Fleet, desk: Desk) -> None:
    bundle = changed_bundle("client_app.py")
    job = fleet.job(rounds=1)
    issued = fleet.issuer(hashlib.sha256(bundle).hexdigest()).issue(job, terms_of(job))
    began = time.monotonic()

    answers = await run(fleet, desk, with_grants(job, {grant.offer_id: grant.token for grant in issued}), bundle)

    assert set(answers.values()) == {"bundle_not_allowed"}
    assert time.monotonic() - began < job["round_timeout_s"]


def working(fleet: Fleet) -> list[psutil.Process]:
    """The processes of tasks at the nodes: children of the process that forks for each."""
    found = []
    for node in psutil.process_iter(["cmdline"]):
        words = " ".join(node.info["cmdline"] or [])
        if "services.flower.provider_node.supernode" not in words or str(fleet.folder) not in words:
            continue
        for executor in node.children():
            for forking in executor.children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    found += forking.children()
    return found


async def test_stopping_a_run_ends_the_work_at_its_nodes(fleet: Fleet, desk: Desk) -> None:
    endless = fleet.job(rounds=1, hyperparameters={"local_epochs": 10**9})
    desk.verdict = gives(endless)
    async with fleet.link() as link:
        run_id = await link.start_run(fleet.config(desk))
        await until(lambda: len(working(fleet)) == 3, 300)

        await link.stop_run(run_id)

        await until(lambda: working(fleet) == [], 60)
    # The next contract does not wait for what nobody wants any more.
    assert set((await run(fleet, desk, fleet.job(rounds=1))).values()) == {None}


async def test_two_contracts_that_share_their_providers_are_both_trained(fleet: Fleet, desk: Desk) -> None:
    with open_desk() as other:
        async with fleet.link() as link:
            runs = []
            for told_by, nodes in ((desk, fleet.job(rounds=1)), (other, fleet.job(rounds=1))):
                told_by.verdict = gives(nodes)
                runs.append(await link.start_run(fleet.config(told_by)))
            await until(lambda: desk.told("finish") and other.told("finish"), 300)
            for run_id in runs:
                await finished(link, run_id)
        for told_by in (desk, other):
            assert told_by.told("finish")[0]["succeeded"] is True
            assert [p["ok"] for p in told_by.told("rounds")[-1]["providers"]] == [True, True, True]
