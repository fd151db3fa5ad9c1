"""The values that every service means the same by: ids, money, bounded text and finite numbers.

Money is an integer number of micro-credits (1 credit = 1,000,000) everywhere but on the HTTP wire, where it is a JSON
number with at most six decimal places. `Credits` is the only place where the one becomes the other.
"""

from __future__ import annotations

import math
import secrets
import time
import unicodedata
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Annotated, Any, Final, NewType
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

OfferId = NewType("OfferId", str)
IntentId = NewType("IntentId", str)
ContractId = NewType("ContractId", str)
RunId = NewType("RunId", str)
DisputeId = NewType("DisputeId", str)

MICRO_PER_CREDIT: Final = 1_000_000
MAX_CREDITS: Final = 1_000_000_000
"""The largest amount a client may name: its micro-credits stay exact in a double and far inside BIGINT."""


_EXACT: Final = Context(prec=60, traps=[InvalidOperation, Inexact])
"""Refuses to round: an amount with more digits than this is an error, not a nearby amount."""


def new_id(prefix: str) -> str:
    """An opaque id such as `offer-3f9c…`: 96 random bits, no meaning, safe in subjects and URLs."""
    return f"{prefix}-{secrets.token_hex(12)}"


def ordered_uuid() -> UUID:
    """An id that sorts by the millisecond it was made in (RFC 9562, version 7): neighbours in time are neighbours in an index."""
    bits = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    return UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def credits_to_micro(value: Any) -> int:
    """Micro-credits of a JSON number.

    Raises:
        ValueError: for booleans, strings, non-finite numbers, more than six decimal places, or an amount beyond
            ±`MAX_CREDITS`.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")
    try:
        # repr() of a float is the shortest decimal that means it, so 0.1 stays 0.1.
        amount = value if isinstance(value, Decimal) else Decimal(repr(value))
        if not amount.is_finite():
            raise ValueError("must be a finite number")
        if abs(amount) > MAX_CREDITS:
            raise ValueError(f"must be between 0 and {MAX_CREDITS}")
        micro = _EXACT.multiply(amount, Decimal(MICRO_PER_CREDIT))
    except (InvalidOperation, Inexact) as error:
        raise ValueError("must have at most 6 decimal places") from error
    if micro != int(micro):
        raise ValueError("must have at most 6 decimal places")
    return int(micro)


def micro_to_credits(micro: int) -> int | float:
    """The JSON number of an amount: an integer where it is whole, so that 5 credits print as `5`."""
    whole, rest = divmod(micro, MICRO_PER_CREDIT)
    return whole if rest == 0 else float(Decimal(micro) / MICRO_PER_CREDIT)


def _not_negative(micro: int) -> int:
    if micro < 0:
        raise ValueError("must not be negative")
    return micro


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError("must be a finite number") from error
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


def whole(value: Any) -> int:
    """The value, where it is an integer that was written as one."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def _printable(text: str) -> str:
    """Refuses control characters (but line breaks and tabs) and lone surrogates, which neither Postgres nor a log can hold."""
    for char in text:
        category = unicodedata.category(char)
        if category == "Cs" or (category == "Cc" and char not in "\n\t"):
            raise ValueError("must not contain control characters")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("must not contain control characters")
    return _printable(text)


_NUMBER_SCHEMA: Final = {"type": "number", "minimum": 0, "maximum": MAX_CREDITS, "multipleOf": 0.000001}

_wire = PlainSerializer(micro_to_credits, return_type=int | float, when_used="json-unless-none")
Credits = Annotated[
    int,
    BeforeValidator(credits_to_micro),
    AfterValidator(_not_negative),
    _wire,
    WithJsonSchema(_NUMBER_SCHEMA, mode="validation"),
    WithJsonSchema({"type": "number", "description": "credits, at most 6 decimal places"}, mode="serialization"),
]
"""An amount in a request: a JSON number outside, micro-credits inside."""

Paid = Annotated[int, _wire, WithJsonSchema({"type": "number", "description": "credits, at most 6 decimal places"})]
"""An amount in an answer: built from micro-credits, written as a JSON number. May be negative (a balance)."""

Micro = Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)]
"""An amount inside: micro-credits in events and in Postgres."""

Fraction = Annotated[
    float,
    BeforeValidator(_finite),
    Field(ge=0, le=1),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
"""A finite number from 0 to 1."""

Finite = Annotated[float, BeforeValidator(_finite), WithJsonSchema({"type": "number"})]

WholeNumber = Annotated[int, BeforeValidator(whole)]
"""An integer that was written as one: neither `true` nor `1.0` nor `"1"`."""

Name = Annotated[str, Field(strict=True, min_length=1, max_length=200), AfterValidator(_one_line)]
"""A short identifier or title: trimmed, one line, 1 to 200 characters."""

Label = Annotated[str, Field(strict=True, max_length=200), AfterValidator(_one_line)]
"""A short text that may be empty."""

Text = Annotated[str, Field(strict=True, max_length=4000), AfterValidator(_printable)]
"""Free text: up to 4,000 characters, line breaks allowed."""

SomeText = Annotated[str, Field(strict=True, min_length=1, max_length=4000), AfterValidator(_printable)]
"""Free text that says something."""

UnixSeconds = Annotated[int, Field(ge=0, le=32_503_680_000), BeforeValidator(whole)]
"""Integer Unix seconds up to the year 3000; 0 means never where a field says so."""
