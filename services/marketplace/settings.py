"""Settings of the marketplace beside those of every service."""

from __future__ import annotations

from typing import Literal

from shared.kit.settings import DatabaseSettings


class MarketplaceSettings(DatabaseSettings):
    port: int = 8001
    matching_url: str = "http://127.0.0.1:8002"
    matching_timeout_s: float = 5
    database_pool_size: int = 20
    settlement: Literal["manual", "auto"] = "manual"
    """How contracts are settled whose intent does not say; the intent carries it from then on."""
