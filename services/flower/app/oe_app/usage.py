"""What this node has trained under which grant: a grant's round is trained once, and a day has so many rounds as the provider says.

A SQLite file, since every message is a process of its own. Written before the training, so that nothing is trained twice; a round
whose process dies counts.
"""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Final

from .refusals import NodeRefusal, Refused

BUSY_S: Final = 30
_TABLE: Final = "CREATE TABLE IF NOT EXISTS used (jti TEXT, round INTEGER, day TEXT, at TEXT, PRIMARY KEY (jti, round))"


def note(path: Path, jti: str, server_round: int, *, now: datetime, max_per_day: int | None) -> None:
    """Notes that a grant's round is being trained. Raises `NodeRefusal` for one that was, or for one too many today."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as book:
        book.execute("BEGIN IMMEDIATE")
        book.execute(_TABLE)
        day = f"{now:%Y-%m-%d}"
        if book.execute("SELECT 1 FROM used WHERE jti = ? AND round = ?", (jti, server_round)).fetchone():
            raise NodeRefusal(Refused.GRANT_REPLAYED, f"round {server_round} was trained under this grant before")
        (today,) = book.execute("SELECT count(*) FROM used WHERE day = ?", (day,)).fetchone()
        if max_per_day is not None and today >= max_per_day:
            raise NodeRefusal(Refused.POLICY_ROUNDS_PER_DAY_REACHED, f"this provider trains {max_per_day} rounds a day")
        book.execute("INSERT INTO used VALUES (?, ?, ?, ?)", (jti, server_round, day, now.isoformat()))
        book.execute("COMMIT")
