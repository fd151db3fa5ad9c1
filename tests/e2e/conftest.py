"""One real stack for the tests that do not break it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.stack import RealStack


@pytest.fixture(scope="session")
def real_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    stack = RealStack.launch(tmp_path_factory.mktemp("stack") / "run")
    yield stack
    assert stack.close() == [], "Ctrl-C left processes behind"
