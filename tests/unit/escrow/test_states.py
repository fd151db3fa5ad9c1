"""The picture of the states is what the code obeys."""

from __future__ import annotations

from pathlib import Path

from services.escrow import states

PAGE = Path(__file__).resolve().parents[3] / "docs/escrow-states.md"


def test_the_page_is_drawn_from_the_tables() -> None:
    assert PAGE.read_text("utf-8") == states.page(), "run: python -m services.escrow.states > docs/escrow-states.md"
