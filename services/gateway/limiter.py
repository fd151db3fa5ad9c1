"""Who is asking, and how often one caller may: an allowance per key, and per address where there is none.

Counted in this process: with n replicas a caller gets up to n times as much.
"""

from __future__ import annotations

import math
import time
from typing import Final

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway import cookies, oidc, service
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import PRINCIPAL, Principal, bearer_of
from shared.kit.db import Pool
from shared.kit.problems import problem
from shared.kit.service import Runtime

FREE: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What the exchange's own machinery asks."""
JOINING: Final = frozenset({("POST", "/join/request_invite"), ("POST", "/join/register"), ("GET", "/session/oidc/start")})
"""What strangers may change: an allowance of its own for each address."""

SESSION: Final = "oe.session"
"""Where in a request's scope the session is that told who asks."""


def address_of(scope: Scope) -> str:
    return str((scope.get("client") or ("unknown", 0))[0])


class RateLimit:
    """Finds out the holder of the request's key, session or token, and refuses with `rate_limited` what is over the allowance.

    Every answer tells what is left, in the RateLimit headers' draft form.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        allowance: RateLimitItem = scope["app"].state.runtime.settings.rate_limit
        try:
            caller = await self._caller(scope, allowance)
        except Refusal as refusal:
            await problem(refusal.code, refusal.details, scope["path"])(scope, receive, send)
            return
        if (scope["method"], scope["path"]) in JOINING:
            allowance, caller = scope["app"].state.runtime.settings.join_rate_limit, f"join {address_of(scope)}"
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

        if not allowed:
            refused = problem(ErrorCode.RATE_LIMITED, {"limit": str(allowance)}, scope["path"], {"Retry-After": str(wait_s)})
            await refused(scope, receive, answer)
        elif SESSION in scope and cookies.is_forged(scope):
            await problem(ErrorCode.CSRF_REFUSED, {}, scope["path"])(scope, receive, answer)
        else:
            await self._app(scope, receive, answer)

    async def _caller(self, scope: Scope, allowance: RateLimitItem) -> str:
        """The key's id, or the address; who holds the key is noted for whoever asks later.

        A wrong key has an allowance of its address, or guessing would come free; once that is used up, keys from there are not even
        looked up.
        """
        runtime: Runtime = scope["app"].state.runtime
        address = address_of(scope)
        given, session = bearer_of(Headers(scope=scope)), cookies.session_of(scope)
        holder = None if given is None else runtime.keys.holder(given)
        if holder is None and runtime.pool is not None and self._limiter.test(allowance, address):
            holder = await _look_up(runtime, runtime.pool, given, session)
        if holder is None:
            return address
        scope[PRINCIPAL] = holder
        if given is None:
            scope[SESSION] = session
        return f"key {holder.key_id}"


async def _look_up(runtime: Runtime, pool: Pool, given: str | None, session: str | None) -> Principal | None:
    if given is not None:
        return await service.holder(pool, given) or await oidc.holder(runtime, pool, given)
    return None if session is None else await service.session_holder(pool, runtime.keys, session)
