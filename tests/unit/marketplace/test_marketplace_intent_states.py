"""The table of an intent's statuses, exhaustively."""

from __future__ import annotations

import itertools

from services.marketplace.domain import CLIENT_TRANSITIONS, SYSTEM_TRANSITIONS, IntentStatus, allowed_next, status_at

S = IntentStatus


def test_an_intent_moves_only_as_the_api_promises() -> None:
    """matched → open is the system's alone."""
    client = {(S.OPEN, S.CANCELLED), (S.MATCHED, S.CLOSED)}
    system = {(S.OPEN, S.MATCHED), (S.OPEN, S.EXPIRED), (S.MATCHED, S.OPEN)}

    for pair in itertools.product(S, S):
        assert (pair in CLIENT_TRANSITIONS) == (pair in client)
        assert (pair in SYSTEM_TRANSITIONS) == (pair in system)


def test_an_ended_intent_leads_nowhere() -> None:
    assert [allowed_next(status) for status in (S.CLOSED, S.CANCELLED, S.EXPIRED)] == [[], [], []]


def test_only_an_open_intent_expires_and_only_after_its_deadline() -> None:
    for status in S:
        assert status_at(status, 100, 100) is status
        assert status_at(status, 100, 101) is (S.EXPIRED if status is S.OPEN else status)
