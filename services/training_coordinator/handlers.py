"""Facts about money make a contract ready to be trained, or end that; a fact of the market changes who trains."""

from __future__ import annotations

from services.training_coordinator import service
from shared.contracts.events import DisputeOpened, DisputeResolved, FundsHeld, FundsRefunded, FundsReleased, ProviderReplaced
from shared.kit.db import Connection
from shared.kit.messaging import follow


async def on_funds_held(conn: Connection, event: FundsHeld) -> None:
    await service.funded(conn, event.terms, event.amount)


async def on_funds_released(conn: Connection, event: FundsReleased) -> None:
    await service.money_gone(conn, event.contract_id, stop=False)


async def on_funds_refunded(conn: Connection, event: FundsRefunded) -> None:
    await service.money_gone(conn, event.contract_id, stop=True)


async def on_dispute_opened(conn: Connection, event: DisputeOpened) -> None:
    await service.disputed(conn, event.contract_id, opened=True)


async def on_dispute_resolved(conn: Connection, event: DisputeResolved) -> None:
    await service.disputed(conn, event.contract_id, opened=False)


async def on_provider_replaced(conn: Connection, event: ProviderReplaced) -> None:
    await service.agreed_anew(conn, event.terms)


SUBSCRIPTIONS = [
    follow(
        {
            FundsHeld: on_funds_held,
            FundsReleased: on_funds_released,
            FundsRefunded: on_funds_refunded,
            DisputeOpened: on_dispute_opened,
            DisputeResolved: on_dispute_resolved,
        },
        as_="training-escrow",
    ),
    follow({ProviderReplaced: on_provider_replaced}, as_="training-contracts"),
]
