"""Facts that move money or change what a release would pay. Neighbours of a kind are handled together."""

from __future__ import annotations

from collections.abc import Sequence

from services.escrow import batches
from services.escrow.settings import EscrowSettings
from shared.contracts.events import BoundToRound, ContractCancelled, ContractCreated, ProviderReplaced, RunFinished
from shared.kit.db import Connection
from shared.kit.messaging import Heard, Subscription, follow_many


def subscriptions(settings: EscrowSettings) -> list[Subscription]:
    terms = batches.Terms(settings.settlement == "auto", settings.dispute_window_s, settings.fee_basis_points)

    async def on_contracts_created(conn: Connection, heard: Sequence[Heard]) -> None:
        await batches.hold_funds(conn, heard, starter_credit=settings.starter_credit, ttl_s=settings.hold_ttl_s)

    async def on_runs(conn: Connection, heard: Sequence[Heard]) -> None:
        await batches.training(conn, heard, terms)

    return [
        follow_many(
            {ContractCreated: on_contracts_created, ContractCancelled: batches.cancelled, ProviderReplaced: batches.replaced},
            as_="escrow-contracts",
        ),
        follow_many({BoundToRound: on_runs, RunFinished: on_runs}, as_="escrow-training"),
    ]
