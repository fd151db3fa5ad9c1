"""Records that seal one another: each one's `hash` covers what it says and, as `prev_hash`, the hash of the one before. Pure."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

GENESIS: Final = "0" * 64
"""The `prev_hash` of the first record."""


def canonical(value: Any) -> str:
    """The text that is hashed: what a browser's `JSON.stringify` writes of the same value with its keys sorted (RFC 8785).

    No spaces, non-ASCII as it is, numbers as ECMAScript prints them.
    """
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{canonical(str(k))}:{canonical(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """As ECMAScript prints it: with an exponent below 10^-6 and from 10^21 on."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number of JSON")
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    digits, _, exponent = repr(value).partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent):+d}"


def digest(said: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the canonical text: a record's `hash`, of all that it says but that."""
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def first_broken(records: Iterable[Mapping[str, Any]], fields: Iterable[str]) -> int | None:
    """The place, from 1, of the first record that was changed, moved or removed; None for a sound chain. Hashes cover `fields`."""
    fields, before = tuple(fields), GENESIS
    for number, record in enumerate(records, start=1):
        hash_ = digest({field: record[field] for field in fields})
        if (record["seq"], record["prev_hash"], record["hash"]) != (number, before, hash_):
            return number
        before = record["hash"]
    return None
