"""Settings of the escrow beside those of every service."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from shared.contracts.values import credits_to_micro
from shared.kit.settings import DatabaseSettings


def _micro(value: object) -> int:
    try:
        return credits_to_micro(Decimal(str(value)))
    except InvalidOperation as error:
        raise ValueError("must be a number") from error


class EscrowSettings(DatabaseSettings):
    port: int = 8003
    starter_credit: Annotated[int, BeforeValidator(_micro), Field(ge=0)] = 0
    """Credits that a new model owner is given once (kept as micro-credits). For demonstrations; 0 anywhere else."""
    hold_ttl_s: Annotated[int, Field(ge=1)] = 7 * 86_400
    """A hold that nobody resolves goes back to the model owner after this long."""
    fee_basis_points: Annotated[int, Field(ge=0, le=10_000)] = 0
    """The platform's share of what providers are paid."""
    settlement: Literal["manual", "auto"] = "manual"
    """Whether a complete delivery is paid for by itself, for contracts that do not say. The marketplace reads the same setting, for
    intents that do not say."""
    dispute_window_s: Annotated[int, Field(ge=0)] = 86_400
    """How long after a complete delivery an automatic settlement waits for a dispute, for contracts that do not say."""
    dispute_sla_s: Annotated[int, Field(ge=1)] = 3 * 86_400
    """A dispute that is open for longer is overdue: the event feed says so."""
