"""What is being trained and what waits for it, as a client sees it."""

from __future__ import annotations

from tests.integration.coordinator.conftest import Coordinator


async def test_without_anything_it_is_idle_and_every_figure_is_null(coordinator: Coordinator) -> None:
    status = await coordinator.get("/training/status")

    assert status == {
        "status": "idle",
        "active": False,
        "round": None,
        "target_rounds": None,
        "remaining_rounds": None,
        "last_started_at": None,
        "current_metrics": {"accuracy": None, "loss": None},
        "current_run": None,
        "marketplace_pending_contract": None,
        "marketplace_pending_contracts": {"count": 0, "escrow_total": 0, "oldest_created_at": None},
        "nodes": [],
        "reasons": [],
    }


async def test_funded_contracts_wait_and_the_first_is_named(coordinator: Coordinator) -> None:
    first = await coordinator.fund(rounds=3)
    await coordinator.fund(rounds=1)

    status = await coordinator.get("/training/status")

    assert status["marketplace_pending_contract"] == {
        "contract_id": first,
        "round_id": f"round of {first}",
        "offer_count": 2,
        "agreed_price_per_round_total": 4,
    }
    assert status["marketplace_pending_contracts"]["count"] == 2
    assert status["marketplace_pending_contracts"]["escrow_total"] == 16
    assert status["marketplace_pending_contracts"]["oldest_created_at"] > 0


async def test_a_run_is_followed_round_by_round(coordinator: Coordinator) -> None:
    server_app = await coordinator.running(rounds=3)
    await server_app.round(0, accuracy=0.1)
    await server_app.round(1, accuracy=0.6)

    status = await coordinator.get("/training/status")

    assert (status["status"], status["active"]) == ("training", True)
    assert (status["round"], status["target_rounds"], status["remaining_rounds"]) == (1, 3, 2)
    assert status["current_metrics"] == {"accuracy": 0.6, "loss": 1.0}
    assert status["current_run"]["run_id"] == server_app.run_id
    assert status["last_started_at"] > 0


async def test_after_a_run_it_is_idle_and_keeps_the_last_metrics(coordinator: Coordinator) -> None:
    server_app = await coordinator.running(rounds=1)
    await server_app.round(1, accuracy=0.6)
    await server_app.finish()

    status = await coordinator.get("/training/status")

    assert (status["status"], status["active"], status["current_run"]) == ("idle", False, None)
    assert (status["round"], status["target_rounds"]) == (None, None)
    assert status["current_metrics"]["accuracy"] == 0.6


async def test_without_the_superlink_it_is_degraded_and_says_why(coordinator: Coordinator) -> None:
    coordinator.link.away = True

    status = await coordinator.get("/training/status")

    assert status["status"] == "degraded"
    assert status["reasons"] == ["the SuperLink does not answer"]


async def test_runs_are_listed_newest_first_in_pages_and_by_contract_and_state(coordinator: Coordinator) -> None:
    finished = await coordinator.running(rounds=1)
    await finished.finish()
    others = [await coordinator.start(await coordinator.fund()) for _ in range(2)]
    newest_first = [others[1].run_id, others[0].run_id, finished.run_id]

    page = await coordinator.get("/training/runs?limit=2")
    rest = await coordinator.get(f"/training/runs?limit=2&cursor={page['next_cursor']}")
    succeeded = await coordinator.get("/training/runs?state=succeeded")
    second = await coordinator.get("/training/runs?contract_id=contract-2")

    assert [r["run_id"] for r in page["runs"] + rest["runs"]] == newest_first
    assert (page["count"], rest["count"], rest["next_cursor"]) == (2, 1, None)
    assert [r["run_id"] for r in succeeded["runs"]] == [finished.run_id]
    assert [r["run_id"] for r in second["runs"]] == [others[0].run_id]


async def test_a_runs_token_is_shown_to_nobody(coordinator: Coordinator) -> None:
    await coordinator.running()
    token = coordinator.link.started[0]["run-token"]

    for path in ("/training/runs", "/training/status", "/metrics"):
        assert token not in (await coordinator.call("GET", path)).text
