"""Flower's SuperNode with its waits shortened: `python -m services.flower.provider_node.supernode …` takes its arguments.

Flower 1.41.0 sleeps a hard-coded 3 s when it has no message and 0.5 s while its ClientApp works; there is no setting. This is the
place that reaches into the SuperNode's loop, and a test fails when Flower changes there. A node that has had no message for a
minute looks for one less often.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace

import flwr.supernode.start_client_internal as loop
from flwr.supernode.cli import flower_supernode

from services.flower.executor import pull_promptly
from services.flower.provider_node import stopping

PROMPT_S = 0.15
RESTING_S = 0.6
AWAKE_LOOKS = 400  # a minute of prompt ones
IDLE_SLEEP_S = 3


class ShortSleep:
    """`time.sleep` for the SuperNode's loop; `at_work` is called where it waits for its ClientApp."""

    def __init__(self, at_work: Callable[[], None] = lambda: None) -> None:
        self._idle_looks = 0
        self._at_work = at_work

    def __call__(self, seconds: float) -> None:
        if seconds < IDLE_SLEEP_S:
            self._at_work()
        self._idle_looks = self._idle_looks + 1 if seconds >= IDLE_SLEEP_S else 0
        time.sleep(min(seconds, RESTING_S if self._idle_looks > AWAKE_LOOKS else PROMPT_S))


def shorten(at_work: Callable[[], None] = lambda: None) -> None:
    """Caps every sleep of the SuperNode's loop."""
    vars(loop)["time"] = SimpleNamespace(sleep=ShortSleep(at_work))


if __name__ == "__main__":
    shorten(stopping.install().look)
    pull_promptly()
    flower_supernode()
