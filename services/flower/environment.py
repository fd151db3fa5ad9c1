"""The environment that Flower's processes get: nothing of ours that is secret, nothing that calls home, prompt polling."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

_KEPT = (
    *("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONDONTWRITEBYTECODE", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"),
    "ALLOWED_BUNDLES",
)


def clean(home: Path) -> dict[str, str]:
    """The ServerApp and the ClientApp run code that came in a bundle: they inherit no database address and no key."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return environment | {
        "PATH": os.pathsep.join(
            [_own_executor(home / "bin"), str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
        ),
        "PYTHONUNBUFFERED": "1",
        "FLWR_HOME": str(home),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
        "FLWR_SUPEREXEC_TASK_POLL_INTERVAL": "0.15",
        "RAY_USAGE_STATS_ENABLED": "0",
        # Small matrices: threads only fight over the cores.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _own_executor(folder: Path) -> str:
    """A folder in which `flower-superexec` is ours: SuperLink and SuperNode start it by that name."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "flower-superexec"
    # -P: the executor's folder is not for the tasks that it starts.
    command = shlex.join([sys.executable, "-P", str(Path(__file__).with_name("executor.py"))])
    script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    script.chmod(0o755)
    return str(folder)
