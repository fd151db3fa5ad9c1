"""A run from claim to finish: each report counts once, and the facts say what was delivered."""

from __future__ import annotations

import asyncio

from tests.integration.coordinator.conftest import SELLERS, Coordinator, refused


# --- claim ------------------------------------------------------------------------------------------------------------
async def test_the_first_serverapp_gets_the_run_and_the_second_is_refused(coordinator: Coordinator) -> None:
    server_app = await coordinator.bound()

    first, second = await server_app.claim("flower-1"), await server_app.claim("flower-2")

    assert first.status_code == 200
    assert first.json()["run_id"] == server_app.run_id
    assert refused(second, 409, "run_already_claimed") == {"run_id": server_app.run_id, "state": "running"}
    (fact,) = await coordinator.said("run_started")
    assert (fact["flower_run_id"], fact["sandbox"]) == ("flower-1", False)


async def test_of_many_serverapps_at_once_one_gets_the_run(coordinator: Coordinator) -> None:
    server_app = await coordinator.bound()

    answers = await asyncio.gather(*(server_app.claim(f"flower-{n}") for n in range(6)))

    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409, 409, 409]
    assert len(await coordinator.said("run_started")) == 1


async def test_a_serverapp_that_did_not_hear_the_answer_may_claim_again(coordinator: Coordinator) -> None:
    server_app = await coordinator.bound()

    one, two = await server_app.claim("flower-1"), await server_app.claim("flower-1")

    assert one.json() == two.json()
    assert len(await coordinator.said("run_started")) == 1


# --- rounds -----------------------------------------------------------------------------------------------------------
async def test_a_round_that_is_reported_twice_counts_once(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()

    for number in (1, 1, 2, 1):
        assert (await server_app.round(number, accuracy=number / 10)).status_code == 200

    run = await coordinator.get(f"/training/runs/{server_app.run_id}")
    assert run["rounds_completed"] == 2
    assert [(r["round"], r["accuracy"]) for r in run["rounds_detail"]] == [(1, 0.1), (2, 0.2)]
    assert [p["rounds_delivered"] for p in run["providers"]] == [2, 2]
    assert [fact["round"] for fact in await coordinator.said("round_completed")] == [1, 2]


async def test_the_untrained_model_is_a_baseline_and_no_round(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()

    await server_app.round(0, accuracy=0.1)

    run = await coordinator.get(f"/training/runs/{server_app.run_id}")
    assert run["untrained"]["accuracy"] == 0.1
    assert run["rounds_detail"] == []
    assert run["rounds_completed"] == 0
    assert await coordinator.said("round_completed") == []


async def test_what_was_not_measured_stays_null(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()

    await server_app.round(1, accuracy=None, delivered=["clinic-a"])

    run = await coordinator.get(f"/training/runs/{server_app.run_id}")
    assert run["accuracy"] is None
    by_seller = {p["seller_node_id"]: (p["rounds_delivered"], p["contribution"], p["leave_one_out"]) for p in run["providers"]}
    assert by_seller == {"clinic-a": (1, 0.25, -0.125), "clinic-b": (0, None, None)}


async def test_how_contributions_were_measured_is_kept_with_the_round(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()

    for number in (0, 1):
        await server_app.round(number)

    run = await coordinator.get(f"/training/runs/{server_app.run_id}")
    assert (run["untrained"]["contribution_method"], run["rounds_detail"][0]["contribution_method"]) == (None, "gtg_shapley")


async def test_a_round_beyond_the_runs_is_refused(coordinator: Coordinator) -> None:
    server_app = await coordinator.running(rounds=3)

    details = refused(await server_app.round(4), 400, "invalid_round")

    assert details == {"run_id": server_app.run_id, "round": 4, "rounds": 3}
    assert await coordinator.said("round_completed") == []


async def test_a_round_before_the_claim_is_refused(coordinator: Coordinator) -> None:
    server_app = await coordinator.bound()

    assert refused(await server_app.round(1), 409, "run_not_active")["state"] == "starting"


# --- finish -----------------------------------------------------------------------------------------------------------
async def test_a_finished_run_says_what_each_provider_delivered(coordinator: Coordinator) -> None:
    server_app = await coordinator.running(rounds=3)
    for number in (0, 1, 2, 3):
        await server_app.round(number, accuracy=number / 4, delivered=SELLERS if number < 3 else ["clinic-a"])

    assert (await server_app.finish()).status_code == 200

    (fact,) = await coordinator.said("run_finished")
    assert (fact["succeeded"], fact["rounds_completed"], fact["accuracy"]) == (True, 3, 0.75)
    assert [(d["seller_node_id"], d["rounds_delivered"], d["contribution"], d["leave_one_out"]) for d in fact["deliveries"]] == [
        ("clinic-a", 3, 0.75, -0.375),
        ("clinic-b", 2, 0.5, -0.25),
    ]
    assert await coordinator.contract_state("contract-1") == "trained"
    refused(await coordinator.trigger(contract_id="contract-1"), 409, "contract_not_ready")


async def test_a_second_finish_changes_nothing(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    await server_app.round(1)
    await server_app.finish(succeeded=False, reason="the first word")

    again = await server_app.finish(succeeded=True, reason="the second word")

    assert again.status_code == 200
    run = await coordinator.get(f"/training/runs/{server_app.run_id}")
    assert (run["state"], run["reason"]) == ("failed", "the first word")
    assert len(await coordinator.said("run_finished")) == 1


async def test_two_finishes_at_once_are_one_end(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()

    await asyncio.gather(*(server_app.finish(succeeded=n % 2 == 0) for n in range(6)))

    assert len(await coordinator.said("run_finished")) == 1


async def test_a_round_after_the_end_is_refused_and_counts_for_nothing(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    await server_app.finish(succeeded=False)

    refused(await server_app.round(1), 409, "run_not_active")

    run = await coordinator.get(f"/training/runs/{server_app.run_id}")
    assert run["rounds_completed"] == 0


async def test_a_failed_contract_can_be_tried_again_for_the_rounds_that_are_left(coordinator: Coordinator) -> None:
    server_app = await coordinator.running(rounds=3)
    await server_app.round(1)
    await server_app.finish(succeeded=False, reason="a node died")

    too_many = await coordinator.trigger(contract_id="contract-1", rounds=3)
    again = await coordinator.trigger(contract_id="contract-1")

    assert refused(too_many, 400, "invalid_rounds")["rounds_left"] == 2
    assert again.json()["marketplace_contract"]["rounds"] == 2


async def test_the_facts_of_a_run_come_in_the_order_of_its_life(coordinator: Coordinator) -> None:
    server_app = await coordinator.running(rounds=2)
    for number in (0, 1, 2):
        await server_app.round(number)
    await server_app.finish()

    kinds = ["bound_to_round", "run_started", "round_completed", "run_finished"]
    assert [fact["type"] for fact in await coordinator.said(*kinds)] == [
        "bound_to_round",
        "run_started",
        "round_completed",
        "round_completed",
        "run_finished",
    ]


# --- stop -------------------------------------------------------------------------------------------------------------
async def test_a_stopped_run_keeps_what_was_delivered_until_then(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    await server_app.round(1)

    answer = await coordinator.call("POST", f"/training/runs/{server_app.run_id}/stop", role="model_owner")

    assert answer.status_code == 202
    run = await coordinator.run_is(server_app.run_id, "stopped")
    assert run["rounds_completed"] == 1
    assert coordinator.link.stopped == ["flower-1"]
    (fact,) = await coordinator.said("run_finished")
    assert (fact["succeeded"], [d["rounds_delivered"] for d in fact["deliveries"]]) == (False, [1, 1])
    refused(await server_app.round(2), 409, "run_not_active")


async def test_a_run_that_waits_for_the_superlink_is_stopped_before_it_begins(coordinator: Coordinator) -> None:
    for seller in SELLERS:
        await coordinator.node(seller)
    await coordinator.fund()
    coordinator.link.takes_no_run = True
    run_id = (await coordinator.trigger()).json()["run_id"]

    await coordinator.call("POST", f"/training/runs/{run_id}/stop")

    run = await coordinator.run_is(run_id, "stopped")
    assert run["reason"] == "stopped before it began"
    assert coordinator.link.started == []
    assert await coordinator.contract_state("contract-1") == "ready"


async def test_a_run_that_is_being_stopped_cannot_be_claimed(coordinator: Coordinator) -> None:
    server_app = await coordinator.bound()
    coordinator.link.away = True  # the stop cannot reach the engine yet
    await coordinator.call("POST", f"/training/runs/{server_app.run_id}/stop")

    refused(await server_app.claim(), 409, "run_already_claimed")

    coordinator.link.away = False
    await coordinator.run_is(server_app.run_id, "stopped")


async def test_an_ended_run_cannot_be_stopped(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    await server_app.finish()

    details = refused(await coordinator.call("POST", f"/training/runs/{server_app.run_id}/stop"), 409, "run_not_active")

    assert details["state"] == "succeeded"
