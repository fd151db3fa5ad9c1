"""Why a provider's round did not count: Flower's error numbers and ours, as the codes that a run's report carries."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from flwr.app import Error, Message


class Refused(IntEnum):
    """What a node answers instead of training. Flower leaves the numbers from 1000 on to apps."""

    DATA_UNUSABLE = 1000
    DATASET_FINGERPRINT_MISMATCH = 1001
    TASK_NOT_SUPPORTED = 1002


_FLOWER: Final = {
    1: "client_app_failed",
    2: "client_app_failed",
    3: "round_deadline_passed",
    4: "round_deadline_passed",
    5: "provider_node_offline",
    7: "client_app_failed",
    8: "client_app_crashed",
}
"""Flower's own numbers (flwr.common.constant.ErrorCode) that an exchange meets."""


def refuse(message: Message, why: Refused, reason: str) -> Message:
    """The answer of a node that does not train."""
    return Message(Error(why, reason), reply_to=message)


def code_of(error: Error) -> str:
    """The code of an error reply."""
    try:
        return Refused(error.code).name.lower()
    except ValueError:
        return _FLOWER.get(error.code, f"flower_error_{error.code}")
