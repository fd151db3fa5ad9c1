"""`flower-superexec` with a warm start, for known bundles only: `python -P services/flower/executor.py …` takes its arguments.

Flower starts a Python for every message, and most of a round is then spent on imports. Here one process has them behind it and
forks for each task. The forking process never has a thread or a connection, so that nothing is copied in the middle of something.

Whoever reaches the SuperLink can hand it a bundle, and a bundle is code. This executor starts the bundle that is made of the app
beside it, and those whose SHA-256 is in `ALLOWED_BUNDLES` (separated by commas). Another one is not even unpacked: the task's
process answers at once that it is refused, and the run ends with `bundle_not_allowed`.

Private to Flower 1.41.0, and used nowhere else: the factory of executors, the entry points of task processes and what these call to
unpack and load a bundle, the pause between two heartbeats of a task and that between two looks for a part of a message. A test fails
when they change.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import httpx
import numpy as np
from flwr.app import Error, Message
from flwr.cli.build import build_fab_from_disk
from flwr.supercore.cli.flower_superexec import flower_superexec
from flwr.supercore.constant import TASK_TYPE_TO_APPIO_API_ADDRESS_ARG, TASK_TYPE_TO_COMMAND, TaskType
from flwr.supercore.inflatable import inflatable_utils
from flwr.supercore.superexec.executor import ExecutionSpec, LaunchResult, SubprocessExecutor

ENTRY_POINTS: Final = {
    "flwr-clientapp": ("flwr.supernode.cli", "flwr_clientapp"),
    "flwr-serverapp": ("flwr.superlink.cli", "flwr_serverapp"),
}
WARM: Final = ("flwr.clientapp", "flwr.serverapp.strategy", *(module for module, _ in ENTRY_POINTS.values()))
"""What a task's process would import: Flower's own, and the app's packages."""
APP: Final = Path(__file__).resolve().parent / "app"
BUNDLE: Final = "BUNDLE_SHA256"
"""Environment of a task's process: which bundle it was started for (`oe_app.gate`)."""
NOT_ALLOWED: Final = 1140
"""`oe_app.refusals.Refused.BUNDLE_NOT_ALLOWED`."""
TASK_MODULES: Final = ("flwr.supernode.runtime.run_clientapp", "flwr.superlink.runtime.run_serverapp")
HEARTBEAT: Final = "flwr.supercore.heartbeat"
HEARTBEAT_S: Final = 7
"""In place of Flower's 30: less the 5 that a call may take, about 2 s between two. An ended task's process ends with its next one."""
AWAKE_S: Final = 60.0
IDLE_PAUSE_S: Final = 0.5
FIRST_LOOK_S: Final = 0.05
RAREST_LOOK_S: Final = 0.5

log = logging.getLogger("flwr")


def allowed_bundles() -> frozenset[str]:
    """SHA-256s of the bundles that may run here."""
    own = hashlib.sha256(build_fab_from_disk(APP)).hexdigest()
    return frozenset({own, *os.environ.get("ALLOWED_BUNDLES", "").replace(" ", "").split(",")} - {""})


class WarmExecutor(SubprocessExecutor):
    """Hands tasks to the forking process over its pipe."""

    def __init__(self, tasks: BinaryIO, allowed: frozenset[str]) -> None:
        self._tasks, self._allowed = tasks, allowed
        self._last_task = time.monotonic()

    def get_eligible_capacity(self, supported_task_types: set[TaskType], **_: Any) -> tuple[set[TaskType], set[str]]:
        """The exchange has no other tasks: no agents, no models, no connectors."""
        return supported_task_types & {TaskType.CLIENT_APP, TaskType.SERVER_APP}, set()

    def launch(self, spec: ExecutionSpec) -> LaunchResult:
        self._last_task = time.monotonic()
        allowed = spec.fab_hash in self._allowed
        if not allowed:
            log.error("Bundle %s may not run here: it is neither the app beside the executor nor in ALLOWED_BUNDLES", spec.fab_hash)
        try:
            task = {"argv": arguments(spec), "bundle": spec.fab_hash or "", "allowed": allowed}
            self._tasks.write(json.dumps(task).encode() + b"\n")
            self._tasks.flush()
        except OSError as error:
            if not allowed:
                return LaunchResult.failed("this bundle is not allowed")
            log.warning("The warm process is gone (%s): a cold one is started", error)
            os.environ[BUNDLE] = spec.fab_hash or ""
            return super().launch(spec)
        return LaunchResult.accepted()

    def reconcile(self) -> None:
        """Called before each look for a task: looks become rarer where there was nothing to do for a while."""
        if time.monotonic() - self._last_task > AWAKE_S:
            time.sleep(IDLE_PAUSE_S)


def arguments(spec: ExecutionSpec) -> list[str]:
    """The command line that Flower's own executor would start."""
    argv = [TASK_TYPE_TO_COMMAND[spec.task_type], TASK_TYPE_TO_APPIO_API_ADDRESS_ARG[spec.task_type], spec.runtime_api_address]
    argv += ["--token", spec.token]
    if spec.insecure:
        argv.append("--insecure")
    elif spec.root_certificates_path is not None:
        argv += ["--root-certificates", spec.root_certificates_path]
    if spec.parent_pid is not None:
        argv += ["--parent-pid", str(spec.parent_pid)]
    return argv


def pull_promptly() -> None:
    """Flower looks for the parts of a message that are still on their way after 1 s, 2 s, 4 s …; there is no setting."""
    for function in (inflatable_utils.pull_objects, inflatable_utils.pull_and_inflate_object_from_tree):
        cast(Any, function).__kwdefaults__.update(initial_backoff=FIRST_LOOK_S, backoff_cap=RAREST_LOOK_S)


def end_promptly() -> None:
    """A task that has ended, because its run was stopped, is told so in the answer to its heartbeat."""
    vars(importlib.import_module(HEARTBEAT))["HEARTBEAT_DEFAULT_INTERVAL"] = HEARTBEAT_S


def refuse_bundle() -> None:
    """Makes this task's process refuse: it unpacks nothing, and loads nothing of the bundle."""
    reason = "bundle_not_allowed: neither the executor's own app nor in its ALLOWED_BUNDLES"

    def unpack_nothing(*_: Any, **__: Any) -> None:
        if sys.argv[0] == "flwr-serverapp":
            raise PermissionError(reason)  # the run fails with this text

    def answer(message: Message, **_: Any) -> Message:
        return Message(Error(NOT_ALLOWED, reason), reply_to=message)

    for module in TASK_MODULES:
        vars(importlib.import_module(module))["install_from_fab"] = unpack_nothing
    vars(importlib.import_module(TASK_MODULES[0]))["get_load_client_app_fn"] = lambda **_: lambda *_: answer


def fork_for_each(tasks: BinaryIO) -> list[str] | None:
    """Returns a task's command line in a new process of its own, once per task; None here, once there are no more tasks."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: the system forgets those that have ended
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the executor, whose end is the end of the pipe
    for module in WARM:
        importlib.import_module(module)
    httpx.Client().close()  # loads what the first client would
    pull_promptly()
    end_promptly()
    gc.freeze()  # what is here stays: a collection in a child would copy every page of it
    for line in tasks:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            tasks.close()
            np.random.seed()
            task = json.loads(line)
            os.environ[BUNDLE] = task["bundle"]
            argv: list[str] = task["argv"]
            sys.argv = argv
            if not task["allowed"]:
                refuse_bundle()
            return argv
    return None


def main() -> None:
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(writing)
        argv = fork_for_each(os.fdopen(reading, "rb"))
        if argv is not None:
            module, function = ENTRY_POINTS[argv[0]]
            getattr(importlib.import_module(module), function)()
        return
    os.close(reading)
    executor = WarmExecutor(os.fdopen(writing, "wb"), allowed_bundles())
    run = importlib.import_module("flwr.supercore.superexec.run_superexec")
    vars(run)["get_executor"] = lambda *_, **__: executor
    flower_superexec()


if __name__ == "__main__":
    main()
