"""Settings of matching beside those of every service."""

from __future__ import annotations

from shared.kit.settings import Settings


class MatchingSettings(Settings):
    port: int = 8002
    catch_up_s: float = 2
    """How long a question waits for the index to have seen the fact that it names."""
