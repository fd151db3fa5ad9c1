"""Ids that sort by time keep an index's neighbours together."""

from __future__ import annotations

import time
import uuid

from shared.contracts.values import ordered_uuid


def test_an_ordered_id_is_a_uuid_of_version_7_with_the_present_millisecond_in_front() -> None:
    before = time.time_ns() // 1_000_000
    made = ordered_uuid()

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_two_ids_of_one_millisecond_differ() -> None:
    assert len({ordered_uuid() for _ in range(1000)}) == 1000
