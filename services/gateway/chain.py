"""The audit's records as a chain. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.kit import chain

FIELDS: Final = (
    "seq",
    "at",
    "actor",
    "role",
    "key_id",
    "address",
    "request_id",
    "method",
    "path",
    "status",
    "request_digest",
    "before_digest",
    "after_digest",
    "prev_hash",
)
"""What a record's hash covers."""


def sealed(record: Mapping[str, Any], last: Mapping[str, Any] | None) -> dict[str, Any]:
    """The record as the one after `last`."""
    linked = {**record, "seq": 1 if last is None else last["seq"] + 1, "prev_hash": chain.GENESIS if last is None else last["hash"]}
    return {**linked, "hash": chain.digest({name: linked[name] for name in FIELDS})}


def broken_at(records: Iterable[Mapping[str, Any]]) -> int | None:
    """The place of the first record, in order from the first one, that is not what was written; None where all of them are."""
    return chain.first_broken(records, FIELDS)
