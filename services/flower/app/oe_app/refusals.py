"""Why a provider's round did not count: Flower's error numbers and ours, as the codes that a run's report carries."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from flwr.app import Error, Message

from .data import UnusableData


class Refused(IntEnum):
    """What a node answers instead of training. Flower leaves the numbers from 1000 on to apps."""

    DATA_UNUSABLE = 1000
    DATASET_FINGERPRINT_MISMATCH = 1001
    TASK_NOT_SUPPORTED = 1002
    LABEL_SCHEMA_MISMATCH = 1020
    DATA_DIRECTORY_EMPTY = 1021
    DATA_UNREADABLE = 1022
    DATA_ONE_CLASS = 1023
    DATA_NOT_FINITE = 1024
    DATA_READER_MISSING = 1025
    GRANT_MISSING = 1100
    GRANT_INVALID = 1101
    GRANT_FOR_ANOTHER_NODE = 1102
    GRANT_EXPIRED = 1103
    GRANT_NOT_YET_VALID = 1104
    GRANT_FOR_ANOTHER_BUNDLE = 1105
    GRANT_FOR_ANOTHER_TASK = 1106
    GRANT_ROUND_NOT_COVERED = 1107
    GRANT_REPLAYED = 1108
    POLICY_UNREADABLE = 1120
    POLICY_TASK_REFUSED = 1121
    POLICY_MODEL_OWNER_REFUSED = 1122
    POLICY_PRICE_TOO_LOW = 1123
    POLICY_OUTSIDE_HOURS = 1124
    POLICY_ROUNDS_PER_DAY_REACHED = 1125
    BUNDLE_NOT_ALLOWED = 1140


class NodeRefusal(Exception):
    """A node will not train, and why."""

    def __init__(self, why: Refused, reason: str) -> None:
        super().__init__(reason)
        self.why = why


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


def of_data(error: UnusableData) -> Refused:
    """The refusal of a node whose data cannot be used."""
    return Refused.__members__.get(error.code.upper(), Refused.DATA_UNUSABLE)


def refuse(message: Message, why: Refused, reason: str) -> Message:
    """The answer of a node that does not train."""
    return Message(Error(why, reason), reply_to=message)


def code_of(error: Error) -> str:
    """The code of an error reply."""
    try:
        return Refused(error.code).name.lower()
    except ValueError:
        return _FLOWER.get(error.code, f"flower_error_{error.code}")
