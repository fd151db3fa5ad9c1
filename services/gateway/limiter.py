"""How often one caller may ask: an allowance per key, and per address where there is none.

Counted in this process: with n replicas a caller gets up to n times as much.
"""

from __future__ import annotations

import hashlib
import math
import time
from typing import Final

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.errors import ErrorCode
from shared.kit.problems import problem

FREE: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What the exchange's own machinery asks."""


class RateLimit:
    """Refuses with `rate_limited` what is over the allowance; every answer tells what is left, in the RateLimit headers' draft form."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        allowance: RateLimitItem = scope["app"].state.runtime.settings.rate_limit
        caller = caller_of(scope)
        allowed = self._limiter.hit(allowance, caller)
        window = self._limiter.get_window_stats(allowance, caller)
        wait_s = max(1, math.ceil(window.reset_time - time.time()))
        told = [
            (b"ratelimit-limit", str(allowance.amount).encode()),
            (b"ratelimit-remaining", str(window.remaining).encode()),
            (b"ratelimit-reset", str(wait_s).encode()),
        ]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *told]
            await send(message)

        if allowed:
            await self._app(scope, receive, answer)
        else:
            refused = problem(ErrorCode.RATE_LIMITED, {"limit": str(allowance)}, scope["path"], {"Retry-After": str(wait_s)})
            await refused(scope, receive, answer)


def caller_of(scope: Scope) -> str:
    """The key's digest, or the address. A wrong key has an allowance of its address, or guessing would come free."""
    headers = dict(scope["headers"])
    scheme, _, key = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer" and scope["app"].state.runtime.keys.holder(key.strip()) is not None:
        return hashlib.sha256(key.strip().encode()).hexdigest()
    return str((scope.get("client") or ("unknown", 0))[0])
