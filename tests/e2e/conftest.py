"""One real stack for the tests that do not break it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import RealStack

WITHIN_S = 900
"""A test here starts processes and trains models; on a busy machine that takes minutes."""


LAST = ("test_openapi.py", "test_the_logs.py")
"""Of the tests on the one stack: the first leaves thousands of things behind, among them nodes that never come and contracts that nobody
trains; the second looks back at the logs of what all did."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [place for place, item in enumerate(items) if item.path.is_relative_to(Path(__file__).parent)]
    ordered = sorted(
        (items[place] for place in here), key=lambda item: LAST.index(item.path.name) if item.path.name in LAST else -1
    )
    for place, item in zip(here, ordered, strict=True):
        items[place] = item
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(WITHIN_S))


@pytest.fixture(scope="session")
def real_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    stack = RealStack.launch(tmp_path_factory.mktemp("stack") / "run")
    yield stack
    assert stack.close() == [], "Ctrl-C left processes behind"
