"""Flower's SuperNode with its waits shortened: `python -m services.flower.provider_node.supernode …` takes its arguments.

Flower 1.41.0 sleeps a hard-coded 3 s when it has no message and 0.5 s while its ClientApp works; there is no setting. This is the
only place that reaches into the SuperNode, and a test fails when Flower changes there.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import flwr.supernode.start_client_internal as loop
from flwr.supernode.cli import flower_supernode

LONGEST_S = 0.15


def shorten() -> None:
    """Caps every sleep of the SuperNode's loop."""
    vars(loop)["time"] = SimpleNamespace(
        sleep=lambda seconds: time.sleep(min(seconds, LONGEST_S)), time=time.time, monotonic=time.monotonic
    )


if __name__ == "__main__":
    shorten()
    flower_supernode()
