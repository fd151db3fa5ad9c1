"""What nodes refused to train, kept with their offers and told by the diagnostics of the next match. The caller opened the transaction.

A refusal is the provider's word (its grant check, its policy, its data), with its code of the catalogue. A node that died or answered
nothing in time refused nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from services.marketplace import store
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode
from shared.contracts.events import ProviderRound
from shared.contracts.http import SelectAnswer
from shared.kit.db import Connection

REFUSALS: Final = frozenset(
    code
    for code in ErrorCode
    if code.startswith(("grant_", "policy_", "data_"))
    or code
    in {
        ErrorCode.BUNDLE_NOT_ALLOWED,
        ErrorCode.LABEL_SCHEMA_MISMATCH,
        ErrorCode.DATASET_FINGERPRINT_MISMATCH,
        ErrorCode.TASK_NOT_SUPPORTED,
    }
)
WINDOW_S: Final = 30 * 24 * 3600
"""Older refusals are history: policies and keys have changed since."""


async def note(conn: Connection, contract_id: str, offer_ids: Sequence[str], outcomes: Sequence[ProviderRound]) -> None:
    """Counts the refusals among a round's outcomes. `offer_ids` are the contract's: no other's record can be spoiled."""
    found = Counter((p.offer_id, p.error_code) for p in outcomes if p.offer_id in offer_ids and p.error_code in REFUSALS)
    if found:
        await store.add_refusals(conn, contract_id, found)


async def told(conn: Connection, answer: SelectAnswer, *, round_intent_id: str, model_owner_id: str) -> SelectAnswer:
    """The answer with `node_refusals` in its diagnostics, where there are any: those of the offers that it names, and those that the
    intent has met itself. Whom a provider does not serve is told to nobody else.
    """
    said = answer.selection_diagnostics
    named = {offer.offer_id for offer in answer.selected_offers}
    named |= {offer["offer_id"] for part in ("top_ranked_offers", "near_misses") for offer in said.get(part, ())}
    rows = await store.refusals_of(
        conn,
        sorted(named),
        round_intent_id,
        model_owner_id,
        private=ErrorCode.POLICY_MODEL_OWNER_REFUSED,
        window_s=WINDOW_S,
    )
    if not rows:
        return answer
    return answer.model_copy(update={"selection_diagnostics": {**said, "node_refusals": [_shown(row) for row in rows]}})


def _shown(row: store.Row) -> dict[str, Any]:
    message = CATALOGUE[ErrorCode(row["error_code"])].message
    return {**row, "message": message, "last_at": int(row["last_at"].timestamp())}
