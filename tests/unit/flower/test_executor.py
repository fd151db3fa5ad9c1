"""The warm executor starts what Flower's own would start, from a process that is ready, and only bundles that it knows."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import io
import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from flwr.app import Message, MessageType, RecordDict
from flwr.cli.build import build_fab_from_disk
from flwr.supercore.constant import TaskType
from flwr.supercore.inflatable import inflatable_utils
from flwr.supercore.superexec.executor import ExecutionSpec, SubprocessExecutor
from flwr.supercore.superexec.executor.types import LaunchResultStatus
from oe_app.refusals import code_of

from services.flower import environment, executor
from services.training_coordinator import flower as adapter
from tests.seen import told

RUN = importlib.import_module("flwr.supercore.superexec.run_superexec")


def spec(**changes: Any) -> ExecutionSpec:
    usual: dict[str, Any] = {
        "task_type": TaskType.CLIENT_APP,
        "runtime_api_address": "127.0.0.1:9094",
        "token": "t",
        "insecure": False,
        "root_certificates_path": "/ca.crt",
        "runtime_dependency_install": False,
        "parent_pid": 7,
        "suppress_output": False,
        "task_id": 1,
        "fab_hash": "known",
    }
    return ExecutionSpec(**{**usual, **changes})


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that Flower's own executor starts."""
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", started.append)
    return started


# --- Flower's inside --------------------------------------------------------------------------------------------------
def test_flower_still_asks_one_factory_for_its_executor() -> None:
    """Fails when Flower changes there: then `executor.main` has to be looked at again."""
    assert callable(vars(RUN)["get_executor"])
    assert inspect.getsource(RUN.run_superexec).count("executor = get_executor(") == 1
    used = {name for name in vars(SubprocessExecutor) if not name.startswith("_")}
    assert used == {"get_eligible_capacity", "wait_for_capacity", "launch", "close", "reconcile"}


@pytest.mark.parametrize("task_type", [TaskType.CLIENT_APP, TaskType.SERVER_APP])
@pytest.mark.parametrize("change", [{}, {"insecure": True}, {"root_certificates_path": None}, {"parent_pid": None}])
def test_a_task_gets_the_command_line_that_flower_would_give_it(
    cold: list[list[str]], task_type: TaskType, change: dict[str, Any]
) -> None:
    task = spec(task_type=task_type, **change)

    SubprocessExecutor().launch(task)

    assert executor.arguments(task) == cold[0]
    assert cold[0][0] in executor.ENTRY_POINTS


@pytest.mark.parametrize("module, function", executor.ENTRY_POINTS.values())
def test_each_task_has_its_entry_point(module: str, function: str) -> None:
    assert callable(getattr(importlib.import_module(module), function))


def test_flower_still_looks_too_rarely_for_the_parts_of_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when Flower changes there: then `executor.pull_promptly` has to be looked at again."""
    functions: list[Any] = [inflatable_utils.pull_objects, inflatable_utils.pull_and_inflate_object_from_tree]
    for function in functions:
        before = {name: function.__kwdefaults__[name] for name in ("initial_backoff", "backoff_cap")}
        assert before == {"initial_backoff": 1, "backoff_cap": 10}
        monkeypatch.setattr(function, "__kwdefaults__", dict(function.__kwdefaults__))  # restored after the test

    executor.pull_promptly()

    looks = 0

    def not_there_at_first(_: str) -> bytes:
        nonlocal looks
        looks += 1
        if looks < 4:
            raise inflatable_utils.ObjectUnavailableError("part")
        return b"part"

    began = time.monotonic()
    assert inflatable_utils.pull_objects(["part"], not_there_at_first) == {"part": b"part"}
    assert time.monotonic() - began < 3  # Flower: 1 s + 2 s + 4 s


# --- what it starts ---------------------------------------------------------------------------------------------------
def test_a_bundle_that_is_known_goes_to_the_warm_process(cold: list[list[str]]) -> None:
    pipe = io.BytesIO()

    result = executor.WarmExecutor(pipe, frozenset({"known"})).launch(spec())

    assert result.status == LaunchResultStatus.ACCEPTED
    assert json.loads(pipe.getvalue()) == {"argv": executor.arguments(spec()), "bundle": "known", "allowed": True}
    assert cold == []


@pytest.mark.parametrize("fab_hash", ["stranger", "", None])
def test_another_bundle_gets_a_process_that_refuses_it(cold: list[list[str]], fab_hash: str | None) -> None:
    pipe = io.BytesIO()

    executor.WarmExecutor(pipe, frozenset({"known"})).launch(spec(fab_hash=fab_hash))

    task = json.loads(pipe.getvalue())
    assert (task["bundle"], task["allowed"]) == (fab_hash or "", False)
    assert cold == []


def test_another_bundle_is_not_started_without_the_warm_process(cold: list[list[str]]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        result = executor.WarmExecutor(pipe, frozenset({"known"})).launch(spec(fab_hash="stranger"))

    assert result.status == LaunchResultStatus.FAILED
    assert cold == []


def test_a_refusing_process_unpacks_and_loads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when Flower changes there: then `executor.refuse_bundle` has to be looked at again."""
    client, server = (importlib.import_module(name) for name in executor.TASK_MODULES)
    for module, calls in ((client, ("install_from_fab", "get_load_client_app_fn")), (server, ("install_from_fab",))):
        source = inspect.getsource(module)
        for name in calls:
            assert f" {name}(" in source
            monkeypatch.setitem(vars(module), name, None)  # restored after the test
    asked = Message(RecordDict(), 1, MessageType.TRAIN)

    executor.refuse_bundle()

    monkeypatch.setattr(sys, "argv", ["flwr-clientapp"])
    vars(client)["install_from_fab"](b"", skip_prompt=True)
    app = vars(client)["get_load_client_app_fn"](default_app_ref="", app_path=None, multi_app=True)("id", "1", "hash")
    answer = app(message=asked, context=None)
    assert code_of(answer.error) == told("bundle_not_allowed")
    monkeypatch.setattr(sys, "argv", ["flwr-serverapp"])
    with pytest.raises(PermissionError, match="bundle_not_allowed"):
        vars(server)["install_from_fab"](b"", skip_prompt=True)


def test_a_tasks_heartbeat_still_has_an_interval_to_shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when Flower changes there: then `executor.end_promptly` has to be looked at again."""
    heartbeat = importlib.import_module(executor.HEARTBEAT)
    monkeypatch.setitem(vars(heartbeat), "HEARTBEAT_DEFAULT_INTERVAL", heartbeat.HEARTBEAT_DEFAULT_INTERVAL)
    assert "HEARTBEAT_DEFAULT_INTERVAL - HEARTBEAT_CALL_TIMEOUT" in inspect.getsource(heartbeat.HeartbeatSender)

    executor.end_promptly()

    assert 0 < heartbeat.HEARTBEAT_DEFAULT_INTERVAL - heartbeat.HEARTBEAT_CALL_TIMEOUT < 3


def test_without_its_warm_process_it_starts_a_cold_one(cold: list[list[str]]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        result = executor.WarmExecutor(pipe, frozenset({"known"})).launch(spec())

    assert result.status == LaunchResultStatus.ACCEPTED
    assert cold == [executor.arguments(spec())]


def test_it_takes_no_task_but_those_of_training() -> None:
    found, _ = executor.WarmExecutor(io.BytesIO(), frozenset()).get_eligible_capacity(set(TaskType))

    assert found == {TaskType.CLIENT_APP, TaskType.SERVER_APP}


def test_the_bundle_that_the_coordinator_sends_is_known_and_others_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_BUNDLES", "aa, bb,")

    sent = hashlib.sha256(build_fab_from_disk(adapter.APP)).hexdigest()
    assert executor.allowed_bundles() == {sent, "aa", "bb"}


# --- the forking process ----------------------------------------------------------------------------------------------
def test_each_task_runs_in_a_process_of_its_own_with_everything_imported(tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text(
        textwrap.dedent(
            """
            import json, os, signal, sys, threading
            import numpy
            def entry():
                print(json.dumps({
                    "argv": sys.argv,
                    "bundle": os.environ["BUNDLE_SHA256"],
                    "pid": os.getpid(),
                    "warm": all(m in sys.modules for m in ("httpx", "flwr.clientapp", "flwr.serverapp.strategy")),
                    "threads": threading.active_count(),
                    "drawn": numpy.random.random(),
                    "signals": [signal.getsignal(s) == h for s, h in
                                ((signal.SIGCHLD, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler))],
                }), flush=True)
                sys.exit(3 if "fails" in sys.argv else 0)
            """
        )
    )
    driver = textwrap.dedent(
        """
        import os, sys
        from services.flower import executor
        executor.ENTRY_POINTS["flwr-clientapp"] = ("task", "entry")
        tasks = sys.stdin.buffer
        argv = executor.fork_for_each(tasks)
        if argv is None:
            print("no more tasks", flush=True)
        else:
            module, function = executor.ENTRY_POINTS[argv[0]]
            sys.argv = argv
            getattr(__import__(module), function)()
        """
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(executor.__file__).parents[2])])}
    forking = subprocess.Popen(
        [sys.executable, "-c", driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, cwd=tmp_path, text=True
    )
    assert forking.stdin is not None
    assert forking.stdout is not None
    said = []
    for name in ("one", "fails", "three"):
        forking.stdin.write(json.dumps({"argv": ["flwr-clientapp", name], "bundle": f"b-{name}", "allowed": True}) + "\n")
        forking.stdin.flush()
        said.append(json.loads(forking.stdout.readline()))

    forking.stdin.close()

    assert forking.stdout.read() == "no more tasks\n"
    forking.stdout.close()
    assert forking.wait(30) == 0
    assert [task["argv"][1] for task in said] == ["one", "fails", "three"]
    assert [task["bundle"] for task in said] == ["b-one", "b-fails", "b-three"]
    assert len({task["pid"] for task in said} | {forking.pid}) == 4
    assert len({task["drawn"] for task in said}) == 3
    assert all(task["warm"] and task["threads"] == 1 and all(task["signals"]) for task in said)


def test_flower_finds_our_executor_under_its_own_ones_name(tmp_path: Path) -> None:
    env = environment.clean(tmp_path)

    found = shutil.which("flower-superexec", path=env["PATH"])
    assert found == str(tmp_path / "bin" / "flower-superexec")
    answer = subprocess.run([found, "--version"], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout.startswith("Flower version: 1.41.0")
