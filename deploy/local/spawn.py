"""Starts child processes that never outlive the process that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

_PR_SET_PDEATHSIG: Final = 1
# Loaded before any fork: a forked child must not look libraries up.
_LIBC: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
# "Parent" means the thread that forked, to the kernel. This one lives as long as the process, whoever calls `start`.
_STARTER: Final = ThreadPoolExecutor(1, "starter")


@dataclass(frozen=True)
class User:
    """Whom a child runs as."""

    uid: int
    gid: int


def die_with_parent(sig: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends `sig` when this process is gone, however it went. None where the kernel cannot."""
    if _LIBC is None:
        return None
    libc, parent, number = _LIBC, os.getpid(), int(sig)

    def arm() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it was gone before the request was made
            os.kill(os.getpid(), number)

    return arm


def start(
    argv: Sequence[str],
    *,
    log: IO[bytes],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: User | None = None,
    dies_by: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts `argv` in a session of its own (a Ctrl-C of the terminal reaches only the parent), output to `log`."""
    return _STARTER.submit(
        subprocess.Popen,
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(env) if env is not None else None,
        cwd=cwd,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        start_new_session=True,
        preexec_fn=die_with_parent(dies_by),
    ).result()
