"""The runner finds what a coordinator before it left behind: it starts, adopts, follows or fails each run, once."""

from __future__ import annotations

import pytest

from services.training_coordinator import runner
from services.training_coordinator.link import RunStatus
from tests.integration.coordinator.conftest import SELLERS, Coordinator, FakeLink, Launch, ServerApp, refused
from tests.integration.kit.conftest import until


async def left_behind(launch: Launch, *, claimed: bool) -> tuple[FakeLink, ServerApp]:
    """A run at the engine whose coordinator is gone."""
    async with launch() as before:
        server_app = await (before.running() if claimed else before.bound())
        return before.link, server_app


async def test_a_run_that_was_bound_while_the_superlink_was_away_is_started_by_the_next_coordinator(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "RETRY_START_S", 0.1)
    link = FakeLink()
    async with launch(link) as before:
        for seller in SELLERS:
            await before.node(seller)
        await before.fund()
        link.takes_no_run = True
        run_id = (await before.trigger()).json()["run_id"]
        assert (await before.get(f"/training/runs/{run_id}"))["state"] == "queued"
    link.takes_no_run = False

    async with launch(link) as after:
        await after.run_is(run_id, "starting")

    assert [config["run-id"] for config in link.started] == [run_id]


async def test_a_running_run_is_adopted_and_finishes(launch: Launch) -> None:
    link, old = await left_behind(launch, claimed=True)

    async with launch(link) as after:
        server_app = ServerApp(after.http, link.started[0])
        assert (await server_app.round(1)).status_code == 200
        assert (await server_app.finish()).status_code == 200

        assert (await after.get(f"/training/runs/{old.run_id}"))["state"] == "succeeded"
        assert len(link.started) == 1
        assert len(await after.said("run_finished")) == 1


async def test_a_run_that_was_handed_over_is_not_handed_over_again(launch: Launch) -> None:
    link, old = await left_behind(launch, claimed=False)

    async with launch(link) as after:
        server_app = ServerApp(after.http, link.started[0])
        assert (await server_app.claim()).status_code == 200
        await after.run_is(old.run_id, "running")

    assert len(link.started) == 1


@pytest.mark.parametrize(
    "status, reason",
    [
        (RunStatus("finished", "failed", "ServerApp failed: boom"), "Flower says finished failed: ServerApp failed: boom"),
        (RunStatus("finished", "completed"), "Flower says finished completed"),
        (RunStatus("unknown"), "Flower says unknown"),
    ],
    ids=["it failed", "it ended without a report", "the engine has forgotten it"],
)
async def test_a_run_that_ended_meanwhile_is_failed_with_what_the_engine_says(
    launch: Launch, status: RunStatus, reason: str
) -> None:
    link, old = await left_behind(launch, claimed=True)
    link.statuses["flower-1"] = status

    async with launch(link) as after:
        run = await after.run_is(old.run_id, "failed")

        assert run["reason"] == reason
        assert await after.contract_state("contract-1") == "ready"
        (fact,) = await after.said("run_finished")
        assert (fact["succeeded"], fact["reason"]) == (False, reason)


async def test_a_last_report_that_comes_within_the_grace_decides(launch: Launch) -> None:
    link, old = await left_behind(launch, claimed=True)
    link.statuses["flower-1"] = RunStatus("finished", "completed")

    async with launch(link, finish_grace_s=60) as after:
        server_app = ServerApp(after.http, link.started[0])
        await server_app.round(1)
        await server_app.finish()

        assert (await after.get(f"/training/runs/{old.run_id}"))["state"] == "succeeded"


async def test_an_engine_that_is_away_condemns_no_run(launch: Launch) -> None:
    link, old = await left_behind(launch, claimed=True)
    link.away = True
    async with launch(link, finish_grace_s=0, start_grace_s=0) as after:

        async def looked_twice() -> bool:
            return link.asked.count("flower-1") >= 2

        await until(looked_twice)

        assert (await after.get(f"/training/runs/{old.run_id}"))["state"] == "running"


async def test_a_run_that_no_serverapp_claims_fails_in_time(launch: Launch) -> None:
    link, old = await left_behind(launch, claimed=False)
    link.statuses = dict.fromkeys(link.statuses, RunStatus("running"))

    async with launch(link, start_grace_s=0.1) as after:
        run = await after.run_is(old.run_id, "failed")

        assert run["reason"] == "no ServerApp claimed the run in time"
        refused(await ServerApp(after.http, link.started[0]).claim(), 409, "run_already_claimed")


async def test_a_run_that_never_reaches_the_superlink_fails_in_time(launch: Launch) -> None:
    link = FakeLink()
    link.takes_no_run = True
    async with launch(link, start_grace_s=0.1) as coordinator:
        for seller in SELLERS:
            await coordinator.node(seller)
        await coordinator.fund()
        run_id = (await coordinator.trigger()).json()["run_id"]

        run = await coordinator.run_is(run_id, "failed")

        assert run["reason"] == "the SuperLink could not be reached"
        assert await coordinator.contract_state("contract-1") == "ready"


async def test_a_stop_that_was_asked_of_the_coordinator_before_is_done(launch: Launch) -> None:
    async with launch() as before:
        server_app = await before.running()
        before.link.away = True
        await before.call("POST", f"/training/runs/{server_app.run_id}/stop")
        link = before.link
    link.away = False

    async with launch(link) as after:
        await after.run_is(server_app.run_id, "stopped")

    assert link.stopped == ["flower-1"]


async def test_two_coordinators_hand_each_run_over_once_and_end_it_once(launch: Launch) -> None:
    link = FakeLink()
    async with launch(link) as one, launch(link) as two:
        for seller in SELLERS:
            await one.node(seller)
        await one.fund()
        await one.fund()
        runs = [(await replica.trigger()).json()["run_id"] for replica in (one, two)]
        for run_id in runs:
            await two.run_is(run_id, "starting")
        link.statuses = dict.fromkeys(link.statuses, RunStatus("finished", "failed", "boom"))
        for run_id in runs:
            await one.run_is(run_id, "failed")

        assert sorted(config["run-id"] for config in link.started) == sorted(runs)
        assert len(await one.said("run_finished")) == 2


async def test_readiness_says_that_the_superlink_is_away(coordinator: Coordinator) -> None:
    assert (await coordinator.http.get("/readyz")).status_code == 200

    coordinator.link.away = True

    assert (await coordinator.http.get("/readyz")).status_code == 503
