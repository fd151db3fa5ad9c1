"""Puts the training coordinator together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from services.training_coordinator import handlers, metrics, reports, routes
from services.training_coordinator.artefacts import Artefacts
from services.training_coordinator.flower import FlowerLink
from services.training_coordinator.grants import Issuer
from services.training_coordinator.link import Link
from services.training_coordinator.runner import Runner
from services.training_coordinator.settings import CoordinatorSettings
from shared.kit.service import Runtime, Service
from shared.kit.signing import SigningKey

LinkFactory = Callable[[CoordinatorSettings], contextlib.AbstractAsyncContextManager[Link]]


def service_of(open_link: LinkFactory) -> Service:
    """The service with its engine; tests of the coordinator's own logic give one that lives in memory."""

    @contextlib.asynccontextmanager
    async def training(runtime: Runtime) -> AsyncIterator[None]:
        assert runtime.pool is not None
        async with open_link(runtime.settings) as link:
            runner = Runner(runtime, runtime.pool, link)
            key = runtime.settings.grant_signing_key_file
            issuer = None if key is None else Issuer(SigningKey(key, "GRANT_SIGNING_KEY_FILE"), link.bundle_sha256)
            runtime.extra |= {
                "link": link,
                "runner": runner,
                "issuer": issuer,
                "artefacts": Artefacts(runtime.settings, runtime.js),
            }
            runtime.checks["superlink"] = link.check
            runtime.start(runner.run(), "runner")
            runtime.start(runner.follow_nodes(), "nodes")
            runtime.start(metrics.sample(runtime.pool), "training-metrics")
            yield

    return Service(
        name="training_coordinator",
        title="Open Ecosystem: training coordinator",
        description="Provider nodes, training runs and their models.",
        routers=[reports.router, reports.uploads, routes.router],
        subscriptions=handlers.SUBSCRIPTIONS,
        extras=[training],
    )


SERVICE = service_of(FlowerLink.open)
