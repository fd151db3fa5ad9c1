"""Decides again: `DATABASE_URL=… python -m deploy.decisions [contract_id …]` ends with 0 when every match comes out as it was recorded.

`DATABASE_URL` names the marketplace's schema. The book is built from the recorded versions of offers that the marketplace had when
it asked, the question is asked again of matching's own code, and the record's hash is worked out anew. A version that was written
while matching was asked may have been in its book or not: such versions are taken in one after another until the hash is the same.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.matching import decision
from services.matching.columns import Columns
from shared.contracts.events import OfferState
from shared.contracts.http import SelectPolicy
from shared.kit.chain import digest
from shared.kit.db import Connection, open_pool
from shared.kit.settings import read_secret_files

LATER: Final = 256
"""Versions written after the question that are tried."""


@dataclass(frozen=True)
class Verdict:
    """`problem` is empty where the record came out the same; `other_code` where it was made by code that is not this one."""

    contract_id: str
    problem: str
    other_code: bool


async def replay(conn: Connection, contract_id: str) -> Verdict:
    """Decides the contract's match again from recorded facts."""
    row = await conn.fetchrow("SELECT record, hash, asked_at FROM decision WHERE contract_id = $1", contract_id)
    if row is None:
        return Verdict(contract_id, "no decision is recorded", False)
    record = row["record"]
    other_code = record["code"] != decision.code_version()
    if digest(record) != row["hash"]:
        return Verdict(contract_id, "the record is not what its hash says", other_code)
    columns = Columns.of(await _versions(conn, "pg_visible_in_snapshot(xid, $1::text::pg_snapshot)", row["asked_at"]))
    later = await _versions(
        conn, f"NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot) ORDER BY fact_no LIMIT {LATER}", row["asked_at"]
    )
    again = decide(columns, record)
    for offer in later:
        if digest(again) == row["hash"]:
            break
        columns.put(offer)
        again = decide(columns, record)
    if digest(again) == row["hash"]:
        return Verdict(contract_id, "", other_code)
    different = sorted(key for key in record if again.get(key) != record[key])
    return Verdict(contract_id, f"decided again, it differs in {', '.join(different)}", other_code)


def decide(columns: Columns, record: dict[str, Any]) -> dict[str, Any]:
    """The record that these offers give to the recorded question; the code's version is what was recorded."""
    question = record["question"]
    policy = SelectPolicy.model_validate(question["policy"])
    told = decision.answer(columns, policy, question["now"], seq=0).decision
    return {**(told or {"question": question}), "code": record["code"]}


async def _versions(conn: Connection, which: str, asked_at: str) -> list[OfferState]:
    rows = await conn.fetch(f"SELECT state FROM offer_version WHERE {which}", asked_at)  # noqa: S608 - this file's own words
    return [OfferState.model_validate(row["state"]) for row in rows]


async def replay_all(dsn: str, contract_ids: Sequence[str]) -> int:
    """Prints what came out; returns how many decisions did not come out as they were recorded."""
    pool = await open_pool(dsn, service="marketplace")
    try:
        async with pool.acquire() as conn:
            ids = contract_ids or [
                r["contract_id"] for r in await conn.fetch("SELECT contract_id FROM decision ORDER BY decided_at")
            ]
            verdicts = [await replay(conn, contract_id) for contract_id in ids]
    finally:
        await pool.close()
    for verdict in verdicts:
        code = " (recorded by another version of the code)" if verdict.other_code else ""
        if verdict.problem:
            print(f"{verdict.contract_id}: {verdict.problem}{code}")
    wrong = sum(bool(verdict.problem) for verdict in verdicts)
    print(f"{len(verdicts)} decisions, {len(verdicts) - wrong} come out as they were recorded")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.decisions", description="Decides recorded matches again.")
    parser.add_argument("contract_id", nargs="*", help="which contracts; all where none is named")
    options = parser.parse_args()
    read_secret_files()
    if not os.environ.get("DATABASE_URL"):
        print("DATABASE_URL must name the marketplace's database", file=sys.stderr)
        return 2
    return min(1, asyncio.run(replay_all(os.environ["DATABASE_URL"], options.contract_id)))


if __name__ == "__main__":
    raise SystemExit(main())
