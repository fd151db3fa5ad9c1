"""The environment that Flower's processes get: nothing of ours that is secret, nothing that calls home, prompt polling."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_KEPT = ("HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONDONTWRITEBYTECODE", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def clean(home: Path) -> dict[str, str]:
    """The ServerApp and the ClientApp run code that came in a bundle: they inherit no database address and no key."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return environment | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
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
