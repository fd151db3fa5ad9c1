"""What of an intent may be changed, and with which values."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.marketplace.schemas import IntentPatch


@pytest.mark.parametrize(
    "change",
    [
        {"settlement": "auto", "dispute_window_s": 0},
        {"settlement": "manual"},
        {"settlement_rule": "contribution"},
        {"dispute_window_s": 2_592_000},
    ],
)
def test_the_settlement_may_be_changed_and_what_is_left_out_is_left(change: dict[str, Any]) -> None:
    assert IntentPatch.model_validate(change).model_dump(exclude_unset=True) == change


@pytest.mark.parametrize(
    "change",
    [
        {"settlement": "later"},
        {"settlement": None},
        {"settlement_rule": "luck"},
        {"settlement_rule": None},
        {"dispute_window_s": -1},
        {"dispute_window_s": 2_592_001},
        {"dispute_window_s": 0.5},
        {"dispute_window_s": "0"},
        {"dispute_window_s": None},
        {"rounds": 2},
    ],
)
def test_what_is_no_settlement_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        IntentPatch.model_validate(change)
