"""The chain of the audit's records: each one's hash covers what it says and the hash before. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

GENESIS: Final = "0" * 64
"""What stands before the first record."""

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


def hash_of(record: Mapping[str, Any]) -> str:
    """SHA-256, in hex, over canonical JSON of the record's fields but `hash`: keys sorted, no spaces, UTF-8 (RFC 8785)."""
    said = {name: record[name] for name in FIELDS}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def sealed(record: Mapping[str, Any], last: Mapping[str, Any] | None) -> dict[str, Any]:
    """The record as the one after `last`."""
    linked = {**record, "seq": 1 if last is None else last["seq"] + 1, "prev_hash": GENESIS if last is None else last["hash"]}
    return {**linked, "hash": hash_of(linked)}


def broken_at(records: Iterable[Mapping[str, Any]]) -> int | None:
    """The place of the first record, in order from the first one, that is not what was written; None where all of them are."""
    expected, before = 1, GENESIS
    for record in records:
        if (record["seq"], record["prev_hash"], record["hash"]) != (expected, before, hash_of(record)):
            return expected
        expected, before = expected + 1, record["hash"]
    return None
