"""Puts the gateway together."""

from __future__ import annotations

from typing import Final

from services.gateway import (
    audit,
    errors,
    evidence,
    feed,
    health,
    identity,
    joining,
    letters,
    limiter,
    loop,
    oidc,
    pages,
    prometheus,
    proxy,
    session,
    signin,
    site,
    summary,
    upstreams,
)
from shared.kit.service import Service

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # For answers that are data. Pages (the dashboard, /docs) bring a policy of their own.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""On every answer. No Access-Control header is ever sent: no other origin's page may read anything."""

SERVICE = Service(
    name="gateway",
    title="Open Ecosystem",
    description="A local-first marketplace for federated learning.",
    routers=[
        loop.router,
        summary.router,
        feed.router,
        health.router,
        letters.router,
        errors.router,
        session.router,
        signin.router,
        identity.router,
        joining.router,
        audit.router,
        evidence.router,
        pages.router,
        site.router,
        proxy.router,  # the last one takes whatever is left of the services' paths
    ],
    extras=[upstreams.opened, prometheus.opened, oidc.opened],
    middleware=[(audit.Audit, {}), (limiter.RateLimit, {})],
    headers=HEADERS,
    is_door=True,
)
