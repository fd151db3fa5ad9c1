"""Which service owns a path, and which paths are nobody's business outside. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Upstream(StrEnum):
    """The services behind the gateway."""

    MARKETPLACE = "marketplace"
    MATCHING = "matching"
    ESCROW = "escrow"
    TRAINING = "training_coordinator"


_OWNERS: Final = (
    # The first prefix that fits decides.
    ("/marketplace/escrow", Upstream.ESCROW),
    ("/marketplace/disputes", Upstream.ESCROW),
    ("/marketplace", Upstream.MARKETPLACE),
    ("/escrow", Upstream.ESCROW),
    ("/training", Upstream.TRAINING),
    ("/trigger_fl", Upstream.TRAINING),
)

_SERVER_APP: Final = re.compile(r"/training/runs/[^/]+/(claim|rounds|finish)/*")
_MODEL: Final = re.compile(r"/training/runs/[^/]+/model/*")


def owner_of(method: str, path: str) -> Upstream | None:
    """The service to hand a request to; None where there is nothing for a client.

    What the ServerApp says to the coordinator (it claims a run, reports rounds, uploads the model) has no way through. Neither
    have `.` and `..`: an HTTP client on the way would fold them, and the path that was looked at would not be the one that is asked.
    """
    if any(segment in {".", ".."} for segment in path.split("/")) or _SERVER_APP.fullmatch(path):
        return None
    if method not in {"GET", "HEAD"} and _MODEL.fullmatch(path):
        return None
    for prefix, owner in _OWNERS:
        if path == prefix or path.startswith(f"{prefix}/"):
            return owner
    return None
