"""A coordinator over real HTTP for the ServerApp, and the identity that Flower gives to a process that makes messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flwr.supercore.task_identity import TaskIdentity
from hypothesis import settings

from tests.unit.flower.desk import Desk, open_desk

settings.register_profile("shared machine", deadline=None)  # an example may wait for a core
settings.load_profile("shared machine")


@pytest.fixture(autouse=True)
def _task_identity() -> None:
    # Private to Flower, and set by its processes: without it no message can be made.
    TaskIdentity.run_id, TaskIdentity.task_id, TaskIdentity.node_id = 1, 1, 1


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as made:
        yield made
