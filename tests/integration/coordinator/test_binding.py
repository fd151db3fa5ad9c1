"""No funds, no round: which contract a trigger binds, to which nodes, and why it may refuse."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.contracts.events import DisputeOpened, DisputeResolved, FundsRefunded, FundsReleased
from tests.integration.coordinator.conftest import Coordinator, Launch, funds_held, refused


def opened(contract_id: str, dispute_id: str = "dispute-1") -> DisputeOpened:
    return DisputeOpened(contract_id=contract_id, dispute_id=dispute_id, reporter="lab", reason="doubt")


def resolved(contract_id: str, dispute_id: str = "dispute-1") -> DisputeResolved:
    return DisputeResolved(contract_id=contract_id, dispute_id=dispute_id, status="resolved", actor="operator")


async def two_nodes(coordinator: Coordinator) -> None:
    for seller in ("clinic-a", "clinic-b"):
        await coordinator.node(seller)


# --- positive ---------------------------------------------------------------------------------------------------------
async def test_a_funded_contract_is_bound_and_its_run_is_handed_to_the_engine(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    contract_id = await coordinator.fund(rounds=3)

    answer = await coordinator.trigger()

    assert answer.status_code == 202
    body = answer.json()
    assert body["status"] == "accepted"
    assert body["marketplace_contract"] == {
        "contract_id": contract_id,
        "round_id": f"round of {contract_id}",
        "offer_count": 2,
        "agreed_price_per_round_total": 4,
        "rounds": 3,
        "sandbox": False,
    }
    await coordinator.run_is(body["run_id"], "starting")
    (config,) = coordinator.link.started
    assert config["run-id"] == body["run_id"]
    assert config["run-token"]
    (fact,) = await coordinator.said("bound_to_round")
    assert (fact["contract_id"], fact["run_id"], fact["rounds"], fact["actor"]) == (contract_id, body["run_id"], 3, "model_owner")


async def test_both_paths_of_the_trigger_and_an_empty_body_do_the_same(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    first, second = await coordinator.fund(), await coordinator.fund()

    one = await coordinator.call("POST", "/trigger_fl", role="model_owner")
    two = await coordinator.call("POST", "/training/trigger", role="model_owner", content=b"")

    assert [a.json()["marketplace_contract"]["contract_id"] for a in (one, two)] == [first, second]


async def test_the_contract_that_was_locked_first_is_bound_first(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    funded = [await coordinator.fund() for _ in range(3)]

    bound = [(await coordinator.trigger()).json()["marketplace_contract"]["contract_id"] for _ in funded]

    assert bound == funded


async def test_a_named_contract_is_bound_out_of_turn_for_as_many_rounds_as_are_asked(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    await coordinator.fund()
    second = await coordinator.fund(rounds=5)

    answer = await coordinator.trigger(contract_id=second, rounds=2)

    assert answer.json()["marketplace_contract"]["contract_id"] == second
    assert answer.json()["marketplace_contract"]["rounds"] == 2


async def test_many_triggers_at_once_bind_each_contract_once(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    funded = {await coordinator.fund() for _ in range(3)}

    answers = await asyncio.gather(*(coordinator.trigger() for _ in range(8)))

    bound = [a.json()["marketplace_contract"]["contract_id"] for a in answers if a.status_code == 202]
    assert sorted(bound) == sorted(funded)
    assert {a.json()["code"] for a in answers if a.status_code != 202} == {"no_contract_ready"}


async def test_the_same_idempotency_key_binds_once(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    await coordinator.fund()
    await coordinator.fund()

    keyed: dict[str, Any] = {"role": "model_owner", "headers": {"Idempotency-Key": "k"}, "json": {}}
    one, two = [await coordinator.call("POST", "/trigger_fl", **keyed) for _ in range(2)]

    assert one.json() == two.json()
    assert two.headers["Idempotency-Hit"] == "true"
    assert len(await coordinator.said("bound_to_round")) == 1


async def test_the_job_names_the_contracts_nodes_with_their_own_data_and_no_others(coordinator: Coordinator) -> None:
    mine = await coordinator.node("clinic-a")
    await coordinator.node("clinic-b")
    await coordinator.node("stranger")
    contract_id = await coordinator.fund(sellers=["clinic-a"])

    server_app = await coordinator.start(contract_id)
    job = (await server_app.claim()).json()

    assert job["contract_id"] == contract_id
    assert [(n["node_id"], n["offer_id"], n["dataset_fingerprint"]) for n in job["nodes"]] == [
        (mine, "offer-clinic-a", "data-clinic-a")
    ]


# --- refusals ---------------------------------------------------------------------------------------------------------
async def test_without_a_contract_there_is_no_round(coordinator: Coordinator) -> None:
    refused(await coordinator.trigger(), 409, "no_contract_ready")

    assert coordinator.link.started == []
    assert await coordinator.said("bound_to_round") == []


async def test_a_contract_that_nobody_funded_is_not_found(coordinator: Coordinator) -> None:
    assert refused(await coordinator.trigger(contract_id="contract-none"), 404, "contract_not_found") == {
        "contract_id": "contract-none"
    }


async def test_a_contract_that_is_being_trained_is_not_ready(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    contract_id = await coordinator.fund()
    await coordinator.trigger(contract_id=contract_id)

    details = refused(await coordinator.trigger(contract_id=contract_id), 409, "contract_not_ready")

    assert details == {"contract_id": contract_id, "state": "bound"}


@pytest.mark.parametrize("rounds", [0, -1, 10_001, 1.5, "2", True])
async def test_a_number_of_rounds_that_is_none_is_refused(coordinator: Coordinator, rounds: Any) -> None:
    details = refused(await coordinator.trigger(rounds=rounds), 400, "invalid_rounds")

    assert details["fields"][0]["field"] == "rounds"


async def test_more_rounds_than_were_paid_for_are_refused(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    contract_id = await coordinator.fund(rounds=3)

    details = refused(await coordinator.trigger(contract_id=contract_id, rounds=4), 400, "invalid_rounds")

    assert details == {"contract_id": contract_id, "rounds": 4, "rounds_left": 3}
    assert await coordinator.contract_state(contract_id) == "ready"


async def test_without_the_superlink_there_is_no_training(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    contract_id = await coordinator.fund()
    coordinator.link.away = True

    answer = await coordinator.trigger()

    refused(answer, 503, "training_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert await coordinator.contract_state(contract_id) == "ready"


async def test_a_seller_whose_node_is_away_is_named(coordinator: Coordinator) -> None:
    await coordinator.node("clinic-a")
    await coordinator.node("clinic-b", online=False)
    contract_id = await coordinator.fund()

    details = refused(await coordinator.trigger(), 503, "provider_node_offline")

    assert details == {"contract_id": contract_id, "offline": ["clinic-b"]}
    assert await coordinator.contract_state(contract_id) == "ready"


async def test_a_node_that_went_away_a_moment_ago_is_known_to_be_away(coordinator: Coordinator) -> None:
    await coordinator.node("clinic-a")
    node_id = await coordinator.node("clinic-b")
    await coordinator.fund()
    del coordinator.link.online[node_id]

    refused(await coordinator.trigger(), 503, "provider_node_offline")


async def test_a_node_with_other_data_than_the_contracts_does_not_train(coordinator: Coordinator) -> None:
    await coordinator.node("clinic-a", dataset_fingerprint="other data")
    await coordinator.fund(sellers=["clinic-a"])

    assert refused(await coordinator.trigger(), 503, "provider_node_offline")["offline"] == ["clinic-a"]


async def test_a_sandbox_node_serves_a_seller_without_a_node_only_where_that_is_allowed(launch: Launch) -> None:
    async with launch() as strict:
        await strict.node("sandbox-1", sandbox=True)
        contract_id = await strict.fund(sellers=["seller without a node"])
        refused(await strict.trigger(), 503, "provider_node_offline")
        link = strict.link

    async with launch(link, sandbox=True) as allowed:
        answer = await allowed.trigger(contract_id=contract_id)

        assert answer.status_code == 202
        assert answer.json()["marketplace_contract"]["sandbox"] is True


# --- what ends or interrupts the right to train -----------------------------------------------------------------------
@pytest.mark.parametrize("released", [True, False], ids=["released", "refunded"])
async def test_a_contract_whose_money_is_gone_is_not_trained(coordinator: Coordinator, released: bool) -> None:
    contract_id = await coordinator.fund()
    await coordinator.hear(
        FundsReleased(contract_id=contract_id, payouts=(), returned=0, early=True, actor="lab")
        if released
        else FundsRefunded(contract_id=contract_id, amount=1, reason="", actor="lab")
    )
    await coordinator.contract_is(contract_id, "closed")

    details = refused(await coordinator.trigger(contract_id=contract_id), 409, "contract_not_ready")

    assert details["state"] == "closed"
    refused(await coordinator.trigger(), 409, "no_contract_ready")


async def test_a_refund_stops_the_run_and_a_release_lets_it_finish(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    refunded, released = [await coordinator.start(await coordinator.fund()) for _ in range(2)]
    for number, server_app in enumerate((refunded, released), start=1):
        await server_app.claim(f"flower-{number}")

    await coordinator.hear(
        FundsReleased(contract_id="contract-2", payouts=(), returned=0, early=True, actor="lab"),
        FundsRefunded(contract_id="contract-1", amount=1, reason="", actor="lab"),
    )
    await coordinator.run_is(refunded.run_id, "stopped")
    await released.round(1)
    await released.finish()

    assert coordinator.link.stopped == ["flower-1"]
    assert (await coordinator.get(f"/training/runs/{released.run_id}"))["state"] == "succeeded"
    assert [await coordinator.contract_state(f"contract-{n}") for n in (1, 2)] == ["closed", "closed"]


async def test_a_disputed_contract_waits_until_its_last_dispute_has_ended(coordinator: Coordinator) -> None:
    await two_nodes(coordinator)
    contract_id = await coordinator.fund()
    await coordinator.hear(opened(contract_id, "d1"), opened(contract_id, "d2"))
    await coordinator.contract_is(contract_id, "disputed")

    assert refused(await coordinator.trigger(contract_id=contract_id), 409, "contract_not_ready")["state"] == "disputed"
    refused(await coordinator.trigger(), 409, "no_contract_ready")
    await coordinator.hear(resolved(contract_id, "d1"))
    await coordinator.disputes_are(contract_id, 1)
    refused(await coordinator.trigger(), 409, "no_contract_ready")

    await coordinator.hear(resolved(contract_id, "d2"))
    await coordinator.contract_is(contract_id, "ready")
    assert (await coordinator.trigger()).status_code == 202


async def test_a_contract_that_is_disputed_while_it_trains_is_not_tried_again_after_a_failure(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()
    await coordinator.hear(opened("contract-1"))
    await coordinator.disputes_are("contract-1", 1)

    await server_app.finish(succeeded=False, reason="broken")

    refused(await coordinator.trigger(), 409, "no_contract_ready")
    assert (await coordinator.get("/training/status"))["marketplace_pending_contract"] is None


async def test_a_dispute_that_is_heard_of_before_the_money_takes_effect_after_it(coordinator: Coordinator) -> None:
    """The facts come in any order after an outage: each waits for its turn."""
    held = funds_held("contract-x")
    await coordinator.hear(opened("contract-x"), held)

    await coordinator.disputes_are("contract-x", 1)
    refused(await coordinator.trigger(), 409, "no_contract_ready")


async def test_money_that_is_heard_of_twice_is_one_contract(coordinator: Coordinator) -> None:
    held = funds_held("contract-x")
    await coordinator.hear(held, held)
    await coordinator.hear(opened("contract-x"))
    await coordinator.disputes_are("contract-x", 1)

    assert await coordinator.pool.fetchval("SELECT count(*) FROM funded_contract") == 1
