"""Puts the gateway together."""

from __future__ import annotations

from services.gateway import (
    errors,
    feed,
    health,
    identity,
    joining,
    letters,
    limiter,
    loop,
    pages,
    prometheus,
    proxy,
    session,
    site,
    summary,
    upstreams,
)
from shared.kit.service import Service

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
        identity.router,
        joining.router,
        pages.router,
        site.router,
        proxy.router,  # the last one takes whatever is left of the services' paths
    ],
    extras=[upstreams.opened, prometheus.opened],
    middleware=[(limiter.RateLimit, {})],
    is_door=True,
)
