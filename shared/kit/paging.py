"""Lists: newest first, `limit` 1 to 500, and an opaque cursor for the rest."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode, Refusal

DEFAULT_LIMIT = 100
MAX_LIMIT = 500


@dataclass(frozen=True)
class Page:
    """At most `limit` rows older than `before` (the row number that ended the page before), or the newest ones."""

    limit: int
    before: int | None

    @property
    def older_than(self) -> int:
        """`before` as a bound that every row number of the first page is below, so that an index serves each page alike."""
        return 2**63 - 1 if self.before is None else self.before

    @property
    def fetch(self) -> int:
        """Rows to read: one more than shown tells whether there is a next page."""
        return self.limit + 1


def _page(
    limit: Annotated[
        str, Query(description="1 to 500", json_schema_extra={"type": "integer", "minimum": 1, "maximum": 500})
    ] = "100",
    cursor: Annotated[str | None, Query(description="next_cursor of the answer before")] = None,
) -> Page:
    # Parsed here and not by the framework, which would take "1.0", " 7" and "1_0" for numbers.
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= 3 and 1 <= int(limit) <= MAX_LIMIT):
        raise _invalid("limit", ErrorCode.INVALID_LIMIT)
    if cursor is None:
        return Page(int(limit), None)
    try:
        before = int(base64.urlsafe_b64decode(cursor.encode("ascii")).decode("ascii"))
    except (ValueError, binascii.Error):
        before = 0
    if not 0 < before < 2**63:
        raise _invalid("cursor", ErrorCode.INVALID_CURSOR)
    return Page(int(limit), before)


def _invalid(field: str, code: ErrorCode) -> Refusal:
    return Refusal(code, fields=[{"field": field, "code": str(code), "message": CATALOGUE[code].cause}])


def next_cursor(page: Page, row_numbers: Sequence[int]) -> str | None:
    """The cursor after the last shown row, given the numbers of the rows that were fetched; None at the end."""
    if len(row_numbers) <= page.limit:
        return None
    return base64.urlsafe_b64encode(str(row_numbers[page.limit - 1]).encode()).decode()


def listing(plural: str, page: Page, rows: Sequence[Any], row_numbers: Sequence[int]) -> dict[str, Any]:
    """`{"count", plural: [...], "next_cursor"}` of the rows that were fetched with `page.fetch`."""
    shown = list(rows[: page.limit])
    return {"count": len(shown), plural: shown, "next_cursor": next_cursor(page, row_numbers)}


Paging = Annotated[Page, Depends(_page)]
