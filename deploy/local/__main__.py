"""`python -m deploy.local demo|start|stop|status|reset|audit|decisions|rotate|rotate-evidence`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import psutil

from deploy import token_keys
from deploy.local import processes
from deploy.local.demo import Loop, LoopFailed, line, title
from deploy.local.ports import Ports
from deploy.local.processes import CLINICS, ROOT, Stack
from deploy.local.stack import PortTaken, Running, running
from deploy.local.supervisor import GaveUp

PASSED: Final = frozenset({"ARTEFACTS", "STARTER_CREDIT", "ROUND_TIMEOUT_S", "START_GRACE_S", "LOG_LEVEL"})
"""What the caller's environment says to the services."""


def _stack() -> Stack:
    state = Path(os.environ.get("STATE_DIR", ROOT / ".run")).resolve()
    base = os.environ.get("PORT_BASE", "8000")
    if not base.isdecimal() or not 1024 <= int(base) <= 65000:
        raise SystemExit("PORT_BASE must be a number from 1024 to 65000")
    passed = {name: value for name, value in os.environ.items() if name in PASSED or name.startswith("OIDC_")}
    return Stack(state, Ports(int(base)), passed)


def _other(stack: Stack) -> psutil.Process | None:
    """The process that runs this stack already."""
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        process = psutil.Process(int((stack.state / "stack.pid").read_text("utf-8")))
        if "deploy.local" in " ".join(process.cmdline()):
            return process
    return None


def _introduce(up: Running) -> None:
    stack = up.stack
    title("Ready")
    line(f"gateway      {stack.gateway_url}     API pages {stack.gateway_url}/docs")
    line(f"keys         {stack.keys_file} (one per role)")
    for role in processes.ROLES[:-1]:
        line(f"  {role:<12} {stack.key(role)}")
    memory = up.memory_mb()
    line(f"time to ready {up.seconds:.1f} s; memory of the services without Flower {sum(memory.values())} MB ({memory})")


async def _hold(stack: Stack, *, loop: bool, stay: bool) -> int:
    """Runs the stack; with `loop` the loop once; with `stay` until Ctrl-C or SIGTERM."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    print(f"starting postgres, nats, flower, {len(processes.SERVICES)} services and {len(CLINICS)} provider nodes …", flush=True)
    work = asyncio.create_task(_work(stack, stopping, loop=loop, stay=stay))
    asked = asyncio.create_task(stopping.wait())
    await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        print("\nstopping …", flush=True)
        work.cancel()
    asked.cancel()
    try:
        return await work
    except asyncio.CancelledError:
        return 0 if stay else 130


async def _work(stack: Stack, stopping: asyncio.Event, *, loop: bool, stay: bool) -> int:
    async with running(stack, lambda text: print(f"  {text}", flush=True)) as up:
        _introduce(up)
        (stack.state / "ready").write_text(str(os.getpid()), "utf-8")
        if loop:
            async with Loop(stack) as once:
                await once.run()
        if stay:
            print("\nEverything stays up. Ctrl-C ends it.", flush=True)
            first: set[asyncio.Future[Any]] = {asyncio.create_task(stopping.wait()), up.supervisor.failed}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if up.supervisor.failed.done():
                up.supervisor.failed.result()
    return 0


def _run(stack: Stack, *, loop: bool, stay: bool) -> int:
    if other := _other(stack):
        print(f"the stack of {stack.state} is running already (pid {other.pid}): 'make stop' ends it", file=sys.stderr)
        return 1
    stack.state.mkdir(parents=True, exist_ok=True)
    pid_file = stack.state / "stack.pid"
    pid_file.write_text(str(os.getpid()), "utf-8")
    try:
        return asyncio.run(_hold(stack, loop=loop, stay=stay))
    except PortTaken as taken:
        print(f"{taken}\nstop it, or choose other ports: PORT_BASE=9000 make demo", file=sys.stderr)
    except (LoopFailed, GaveUp) as failed:
        print(f"\n{type(failed).__name__}: {failed}", file=sys.stderr)
    finally:
        for leftover in (pid_file, stack.state / "ready"):
            leftover.unlink(missing_ok=True)
    return 1


def _start(stack: Stack) -> int:
    """The stack in the background, without a loop."""
    if _other(stack):
        print("it is running already")
        return 0
    stack.state.mkdir(parents=True, exist_ok=True)
    ready = stack.state / "ready"
    ready.unlink(missing_ok=True)
    with (stack.state / "stack.log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "up"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            start_new_session=True,
            env={**os.environ, "STATE_DIR": str(stack.state)},
        )
    while child.poll() is None and not ready.exists():
        time.sleep(0.1)
    print((stack.state / "stack.log").read_text("utf-8"))
    return 0 if child.poll() is None else 1


def _stop(stack: Stack) -> int:
    other = _other(stack)
    if other is None:
        print("nothing is running")
        return 0
    other.terminate()
    try:
        other.wait(30)
    except psutil.TimeoutExpired:
        other.kill()
    print("stopped")
    return 0


def _status(stack: Stack) -> int:
    other = _other(stack)
    if other is None:
        print("not running")
        return 1
    for child in other.children():
        command = [part for part in child.cmdline() if not part.startswith("-")]
        print(f"{child.pid:>8}  {child.memory_info().rss // 2**20:>5} MB  {' '.join(command[1:3])[-90:]}")
    return 0


def _audit(stack: Stack) -> int:
    env = {**os.environ, "DATABASE_URL": stack.dsn("escrow")}
    return subprocess.run([sys.executable, "-m", "services.escrow.audit"], env=env, check=False, cwd=ROOT).returncode


def _decisions(stack: Stack) -> int:
    env = {**os.environ, "DATABASE_URL": stack.dsn("marketplace")}
    return subprocess.run([sys.executable, "-m", "deploy.decisions"], env=env, check=False, cwd=ROOT).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description="The whole exchange on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="start everything and run the loop once")
    demo.add_argument("--once", action="store_true", help="end after the loop, with its status")
    commands.add_parser("up", help="start everything with an empty book and stay in the foreground")
    commands.add_parser("start", help="the same in the background")
    commands.add_parser("stop", help="end what start began")
    commands.add_parser("status", help="the processes and their memory")
    commands.add_parser("reset", help="stop, and forget the state")
    commands.add_parser("audit", help="replay the ledger and compare it with the balances")
    commands.add_parser("decisions", help="decide every match again and compare it with its record")
    commands.add_parser("rotate", help="sign the tokens between services with a new key, without a restart")
    commands.add_parser(
        "rotate-evidence", help="sign evidence with a new key, without a restart; the old public keys stay published"
    )
    options = parser.parse_args()
    stack = _stack()
    match options.command:
        case "demo":
            return _run(stack, loop=True, stay=not options.once)
        case "up":
            return _run(stack, loop=False, stay=True)
        case "start":
            return _start(stack)
        case "stop":
            return _stop(stack)
        case "status":
            return _status(stack)
        case "audit":
            return _audit(stack)
        case "decisions":
            return _decisions(stack)
        case "rotate":
            token_keys.rotate(stack.signing_key_file, [stack.token_keys_file])
            print("tokens are signed with a new key; those of the old one are good until they end")
            return 0
        case "rotate-evidence":
            files = stack.evidence_key_file, [stack.evidence_keys_file]
            token_keys.ensure(*files, kept=None)  # a state from before there was a set: the old key goes into it first
            token_keys.rotate(*files, kept=None)
            print("evidence is signed with a new key; the public keys of the old ones stay published")
            return 0
    _stop(stack)
    if stack.state.exists():
        stack.postgres.forget()
        shutil.rmtree(stack.state)
    print("the state is forgotten")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
