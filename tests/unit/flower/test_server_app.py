"""One contract from claim to finish: what the ServerApp tells the coordinator, in good runs and bad ones."""

from __future__ import annotations

import io
from typing import Any

import httpx
import numpy as np
import pytest
from flwr.app import Context, RecordDict
from oe_app import data, readers, report, tasks
from oe_app.report import Refusal
from oe_app.server_app import app, lead
from oe_app.strategy import QuorumLost

from tests.unit.flower.desk import Desk
from tests.unit.flower.grid import Answer, InProcessGrid, refuses, silent, trains_on

SPECS = {str(2**63 + number): f"sandbox:digits:{number}/3" for number in range(3)}
"""Flower's node ids are beyond 63 bits."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "FIRST_PAUSE_S", 0.01)


def job(rounds: int = 3, **changes: Any) -> dict[str, Any]:
    nodes = [
        {
            "node_id": node_id,
            "seller_node_id": f"seller-{number}",
            "offer_id": f"offer-{number}",
            "dataset_fingerprint": data.fingerprint(readers.read(spec)),
            "max_examples": 1000,
        }
        for number, (node_id, spec) in enumerate(SPECS.items())
    ]
    whole = {"task": "digits-softmax", "rounds": rounds, "min_providers": 1, "round_timeout_s": 30, "nodes": nodes}
    return {**whole, "hyperparameters": {}, "run_id": "run-1", "contract_id": "contract-1", **changes}


def clinics(**changes: Answer) -> InProcessGrid:
    """The contract's three nodes; `second=silent` makes one of them another."""
    grid = InProcessGrid({int(node_id): trains_on(spec) for node_id, spec in SPECS.items()})
    for place, answer in changes.items():
        grid.answers[int(list(SPECS)[["first", "second", "third"].index(place)])] = answer
    return grid


def test_a_run_is_claimed_trained_reported_round_by_round_and_finished(desk: Desk) -> None:
    desk.verdict = lambda what: (200, job() if what == "claim" else {})
    config: dict[str, Any] = {"coordinator-url": desk.url, "run-id": "run-1", "run-token": "the-token"}

    app(grid=clinics(), context=Context(run_id=2**63 + 5, node_id=0, node_config={}, state=RecordDict(), run_config=config))

    assert [what for what, _ in desk.calls] == [
        "claim",
        "rounds",
        *["model", "rounds"] * 3,
        "finish",
    ]
    assert desk.told("claim") == [{"flower_run_id": str(2**63 + 5)}]
    assert desk.told("finish") == [{"succeeded": True, "reason": "", "rounds_completed": 3}]
    rounds = desk.told("rounds")
    assert [r["round"] for r in rounds] == [0, 1, 2, 3]
    assert rounds[0]["providers"] == []
    assert rounds[0]["seconds"] is None
    assert rounds[0]["accuracy"] < 0.2 < 0.8 < rounds[3]["accuracy"]
    assert all(r["seconds"] > 0 for r in rounds[1:])
    for r in rounds[1:]:
        assert {p["node_id"]: p["ok"] for p in r["providers"]} == dict.fromkeys(SPECS, True)


def test_the_model_that_is_handed_in_is_the_one_that_was_measured(desk: Desk) -> None:
    lead(job(), desk.line(), clinics())

    npz = desk.told("model")[-1]
    with np.load(io.BytesIO(npz), allow_pickle=False) as archive:
        assert archive.files == ["weights", "bias"]
        weights = [archive["weights"], archive["bias"]]
    task = tasks.named("digits-softmax")
    last = desk.told("rounds")[-1]
    assert task.evaluate(weights, task.validation()) == (last["loss"], last["accuracy"])


def test_a_run_that_another_serverapp_has_is_left_alone(desk: Desk) -> None:
    desk.verdict = lambda _: (409, {"code": "run_already_claimed"})
    config: dict[str, Any] = {"coordinator-url": desk.url, "run-id": "run-1", "run-token": "the-token"}
    grid = clinics()

    app(grid=grid, context=Context(run_id=1, node_id=0, node_config={}, state=RecordDict(), run_config=config))

    assert [what for what, _ in desk.calls] == ["claim"]
    assert grid.sent == []


def test_a_refusing_provider_is_reported_and_the_others_go_on(desk: Desk) -> None:
    lead(job(rounds=1), desk.line(), clinics(second=refuses(1001, "not the data")))

    (_, report) = desk.told("rounds")
    by_seller = {p["seller_node_id"]: p for p in report["providers"]}
    assert [by_seller[f"seller-{n}"]["ok"] for n in range(3)] == [True, False, True]
    assert by_seller["seller-1"]["error_code"] == "dataset_fingerprint_mismatch"
    assert desk.told("finish")[0]["succeeded"]


def test_a_quorum_lost_after_a_round_keeps_what_was_trained_and_says_why(desk: Desk) -> None:
    grid = clinics()
    healthy = dict(grid.answers)

    def verdict(what: str) -> tuple[int, Any]:
        if what == "rounds" and desk.calls[-1][1]["round"] == 1:
            grid.answers.update(dict.fromkeys(healthy, silent))
        return 200, {}

    desk.verdict = verdict

    with pytest.raises(QuorumLost):
        lead(job(round_timeout_s=1, min_providers=2), desk.line(), grid)

    (end,) = desk.told("finish")
    assert (end["succeeded"], end["rounds_completed"]) == (False, 1)
    assert end["reason"].startswith("QuorumLost: round 2: 0 of 2 needed providers delivered")
    assert len(desk.told("model")) == 1


def test_a_quorum_that_never_was_leaves_no_model(desk: Desk) -> None:
    with pytest.raises(QuorumLost):
        lead(job(), desk.line(), clinics(first=refuses(1000), second=refuses(1000), third=refuses(1000)))

    assert desk.told("model") == []
    assert desk.told("finish")[0]["rounds_completed"] == 0


def test_a_task_without_an_accuracy_is_reported_with_none(desk: Desk) -> None:
    specs = {str(number): f"sandbox:diabetes:{number}/3" for number in range(3)}
    grid = InProcessGrid({int(node_id): trains_on(spec) for node_id, spec in specs.items()})
    nodes = [{**node, "node_id": node_id} for node, node_id in zip(job()["nodes"], specs, strict=True)]
    for node in nodes:
        node["dataset_fingerprint"] = data.fingerprint(readers.read(specs[node["node_id"]]))

    lead(job(rounds=2, task="diabetes-linear", nodes=nodes), desk.line(), grid)

    rounds = desk.told("rounds")
    assert [r["accuracy"] for r in rounds] == [None, None, None]
    assert rounds[2]["loss"] < rounds[0]["loss"]
    assert all(p["ok"] and p["contribution"] is not None for p in rounds[1]["providers"])


def test_nodes_whose_data_is_of_no_use_to_the_task_end_the_run_with_a_reason(desk: Desk) -> None:
    with pytest.raises(QuorumLost):
        lead(job(task="wine-logistic"), desk.line(), clinics())

    (end,) = desk.told("finish")
    assert "task_not_supported" in end["reason"]


def test_a_run_that_was_stopped_meanwhile_trains_no_further_round(desk: Desk) -> None:
    def verdict(what: str) -> tuple[int, Any]:
        stopped = what == "rounds" and desk.calls[-1][1]["round"] == 2
        return (409, {"code": "run_not_active"}) if stopped else (200, {})

    desk.verdict = verdict
    grid = clinics()

    with pytest.raises(Refusal, match="run_not_active"):
        lead(job(rounds=5), desk.line(), grid)

    assert len(grid.sent) == 2 * len(SPECS)
    assert desk.told("finish")[0]["rounds_completed"] == 1  # the round that nobody took does not count


def test_the_error_that_ended_the_run_is_the_one_that_is_raised_even_when_nobody_hears_of_it(desk: Desk) -> None:
    desk.verdict = lambda what: (503, {}) if what == "finish" else (200, {})

    with pytest.raises(QuorumLost):
        lead(job(), desk.line(patience_s=0.1), clinics(first=refuses(1), second=refuses(1), third=refuses(1)))


def test_an_end_that_nobody_heard_of_is_an_error(desk: Desk) -> None:
    desk.verdict = lambda what: (503, {}) if what == "finish" else (200, {})

    with pytest.raises(httpx.HTTPStatusError):
        lead(job(rounds=1), desk.line(patience_s=0.1), clinics())
