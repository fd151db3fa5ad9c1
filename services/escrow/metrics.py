"""Series of the escrow, sampled so that a scrape costs no query. The imbalance must be 0 for ever."""

from __future__ import annotations

import asyncio

import structlog
from prometheus_client import Gauge

from services.escrow import claims, ledger
from services.escrow.domain import DisputeStatus, HoldState
from shared.contracts.values import MICRO_PER_CREDIT
from shared.kit.db import Pool, is_outage

log = structlog.get_logger()

IMBALANCE = Gauge("ledger_imbalance_credits", "Sum of all balances; anything but 0 is a fault")
LOCKED = Gauge("escrow_locked_credits", "Credits in escrow accounts")
HELD = Gauge("escrow_held_credits", "Credits of open holds; equals what is locked")
OLDEST = Gauge("escrow_oldest_hold_seconds", "Age of the oldest open hold; 0 when there is none")
HOLDS = Gauge("escrow_holds", "Holds by state", ["state"])
HOLD_CREDITS = Gauge("escrow_hold_credits", "Credits of holds by state", ["state"])
DISPUTES = Gauge("escrow_disputes", "Disputes by status", ["status"])


async def sample(pool: Pool, *, every_s: float = 5) -> None:
    """Keeps the gauges up to date. Runs until cancelled."""
    while True:
        try:
            totals = await ledger.ledger_sums(pool)
            IMBALANCE.set(totals["imbalance"] / MICRO_PER_CREDIT)
            LOCKED.set(totals["locked"] / MICRO_PER_CREDIT)
            HELD.set(totals["held"] / MICRO_PER_CREDIT)
            OLDEST.set(totals["oldest_s"])
            sums = await claims.hold_sums(pool)
            for state in HoldState:
                count, total = sums.get(str(state), (0, 0))
                HOLDS.labels(str(state)).set(count)
                HOLD_CREDITS.labels(str(state)).set(total / MICRO_PER_CREDIT)
            disputes = await claims.dispute_counts(pool)
            for status in DisputeStatus:
                DISPUTES.labels(str(status)).set(disputes.get(str(status), 0))
        except Exception as error:
            if not is_outage(error):
                raise
            log.debug("metrics.sample_failed", error=repr(error))
        await asyncio.sleep(every_s)
