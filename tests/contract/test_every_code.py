"""Runs after every other test, when the whole suite runs: no code of the catalogue is left that nothing triggered."""

from __future__ import annotations

from shared.contracts.errors import ErrorCode
from tests.seen import CODES

RESERVED: frozenset[ErrorCode] = frozenset()
"""Codes that were raised once and are no more: they stay in the catalogue for clients that know them."""


def test_every_code_was_triggered_by_a_test() -> None:
    unseen = sorted(set(ErrorCode) - CODES - RESERVED)
    assert not unseen, unseen
