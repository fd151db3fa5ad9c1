"""Facts that move money or change what a release would pay."""

from __future__ import annotations

from collections.abc import Sequence

from services.escrow import service
from services.escrow.settings import EscrowSettings
from shared.contracts.events import BoundToRound, ContractCancelled, ContractCreated, RunFinished
from shared.kit import tracing
from shared.kit.db import Connection
from shared.kit.messaging import Heard, Subscription, follow


async def on_contract_cancelled(conn: Connection, event: ContractCancelled) -> None:
    await service.cancelled(conn, event.contract_id)


async def on_bound_to_round(conn: Connection, event: BoundToRound) -> None:
    await service.training_began(conn, event.contract_id, event.run_id)


def subscriptions(settings: EscrowSettings) -> list[Subscription]:
    async def on_contracts_created(conn: Connection, heard: Sequence[Heard]) -> None:
        await service.hold_funds(conn, heard, starter_credit=settings.starter_credit, ttl_s=settings.hold_ttl_s)

    async def on_contract_created(conn: Connection, event: ContractCreated) -> None:
        await on_contracts_created(conn, [Heard(event, tracing.present())])

    async def on_run_finished(conn: Connection, event: RunFinished) -> None:
        await service.training_ended(
            conn,
            event.contract_id,
            event.run_id,
            event.deliveries,
            automatic=settings.settlement == "auto",
            window_s=settings.dispute_window_s,
            fee_basis_points=settings.fee_basis_points,
        )

    return [
        follow(
            {ContractCreated: on_contract_created, ContractCancelled: on_contract_cancelled},
            as_="escrow-contracts",
            many={ContractCreated: on_contracts_created},
        ),
        follow({BoundToRound: on_bound_to_round, RunFinished: on_run_finished}, as_="escrow-training"),
    ]
