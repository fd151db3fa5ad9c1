"""The ServerApp's line to the coordinator: it repeats itself while the coordinator is away, and takes no for an answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from oe_app import report
from oe_app.report import Coordinator, NotMine, Refusal

from deploy.local.ports import free_port
from tests.unit.flower.desk import Desk


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "FIRST_PAUSE_S", 0.01)


def test_a_claim_brings_the_job_and_shows_the_runs_token(desk: Desk) -> None:
    desk.verdict = lambda _: (200, {"rounds": 3})

    job = desk.line().claim("flower-7")

    assert job == {"rounds": 3}
    assert desk.calls == [("claim", {"flower_run_id": "flower-7"})]
    assert desk.tokens == {"Bearer the-token"}


@pytest.mark.parametrize("status", [401, 404, 409])
def test_a_run_that_is_refused_is_not_ours(desk: Desk, status: int) -> None:
    desk.verdict = lambda _: (status, {"code": "run_already_claimed"})

    with pytest.raises(NotMine, match="run_already_claimed"):
        desk.line().claim("flower-7")

    assert len(desk.calls) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_a_coordinator_that_cannot_answer_now_is_asked_again(desk: Desk, status: int) -> None:
    desk.verdict = lambda _: (200, {}) if len(desk.calls) > 3 else (status, {})

    desk.line().round({"round": 1})

    assert desk.told("rounds") == [{"round": 1}] * 4


def test_a_refusal_is_final(desk: Desk) -> None:
    desk.verdict = lambda _: (409, {"code": "run_not_active"})

    with pytest.raises(Refusal, match="run_not_active"):
        desk.line().round({"round": 1})

    assert len(desk.calls) == 1


def test_when_its_patience_ends_it_says_what_the_trouble_was(desk: Desk) -> None:
    desk.verdict = lambda _: (503, {})

    with pytest.raises(httpx.HTTPStatusError, match="503"):
        desk.line(patience_s=0.2).model(b"npz")

    assert len(desk.calls) > 1


def test_a_coordinator_that_is_down_is_waited_for_no_longer_than_the_patience() -> None:
    nobody = Coordinator(f"http://127.0.0.1:{free_port()}", "run-1", "t", patience_s=0.2)

    with pytest.raises(httpx.ConnectError):
        nobody.finish(succeeded=True, reason="", rounds_completed=1)


def test_a_proxy_of_the_environment_is_not_for_reports(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")

    desk.line(patience_s=0.2).round({"round": 1})

    assert len(desk.calls) == 1


def test_the_model_is_the_whole_body_and_a_reason_is_cut_to_what_the_coordinator_takes(desk: Desk) -> None:
    line: Any = desk.line()

    line.model(b"\x93bytes")
    line.finish(succeeded=False, reason="x" * 10_000, rounds_completed=2)

    assert desk.told("model") == [b"\x93bytes"]
    assert desk.told("finish") == [{"succeeded": False, "reason": "x" * 4000, "rounds_completed": 2}]
