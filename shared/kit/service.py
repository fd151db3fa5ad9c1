"""The composition of a service: from a declaration (`Service`) to a running process.

SERVICE = Service(name="escrow", title="Escrow", routers=[...], subscriptions=[...])
app = build(SERVICE, settings)      # an ASGI app; its lifespan connects, migrates nothing, starts relay and consumers
run(SERVICE, settings)              # the same under uvicorn
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import nats
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from nats.aio.client import Client as Nats
from nats.js import JetStreamContext

from shared.kit import edge, logging, metrics, openapi, ops, problems
from shared.kit.auth import Keys
from shared.kit.db import Pool, check_schema, open_pool
from shared.kit.messaging import Consumer, Relay, Subscription, ensure_streams
from shared.kit.ops import Check, NotReady
from shared.kit.protocol import Bounded
from shared.kit.settings import DatabaseSettings, Settings
from shared.kit.tokens import Verifier

log = structlog.get_logger()
KEPT_BACK = 4
"""Connections that requests leave to the relay, the consumers, and whatever a request itself has to ask on the side. Without them as many
requests as there are connections, each in need of a second one, would wait for one another for ever."""

T = TypeVar("T")


@dataclass
class Runtime:
    """What a running service holds on to; `request.app.state.runtime` in routes."""

    settings: Any
    keys: Keys
    tokens: Verifier
    nc: Nats
    js: JetStreamContext
    pool: Pool | None = None
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """So many requests may hold a connection at once."""
    relay: Relay | None = None
    subscriptions: Sequence[Subscription] = ()
    checks: dict[str, Check] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    extra: dict[str, Any] = field(default_factory=dict)
    """What the service's own extras put there: clients, adapters."""

    def committed(self) -> None:
        """After each commit: whatever it said is published at once."""
        if self.relay is not None:
            self.relay.wake()

    def start(self, work: Awaitable[None], name: str) -> None:
        """Runs `work` until the service stops. A task that ends by an error takes the process down: better than a silent half."""
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        task.set_name(name)
        self.tasks.add(task)
        task.add_done_callback(_end_with)


def _end_with(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("task.died", task=task.get_name(), exc_info=error)
        raise SystemExit(70)


@dataclass(frozen=True)
class Service:
    """A service, declared: its routes, what it hears, and what else runs in it."""

    name: str
    title: str
    description: str = ""
    routers: Sequence[APIRouter] = ()
    subscriptions: Sequence[Subscription] = ()
    extras: Sequence[Callable[[Runtime], AbstractAsyncContextManager[None]]] = ()
    """Entered after the connections are up, left before they go down: clients, background work, checks."""
    middleware: Sequence[tuple[Any, Mapping[str, Any]]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    """What each answer has that does not say otherwise itself."""
    is_door: bool = False
    """Its routers bring `/openapi.json`, `/docs` and `/ops/dead_letters` themselves, for all services."""


async def _until_there(what: str, connect: Callable[[], Awaitable[T]], *, patience_s: float = 60) -> T:
    """Waits for a server that is still starting; gives up with its own error."""
    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        try:
            return await connect()
        except Exception as error:
            if asyncio.get_running_loop().time() > deadline:
                raise
            log.warning("start.waiting", waiting_for=what, error=repr(error))
            await asyncio.sleep(0.5)


async def connect_nats(url: str, name: str) -> Nats:
    """A connection that comes back by itself for as long as the process lives. Answers come to a place that is the service's own."""

    async def on_error(error: Exception) -> None:
        log.warning("nats.error", error=repr(error))

    return await nats.connect(
        url,
        name=name,
        inbox_prefix=f"_INBOX.{name}",
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.25,
        ping_interval=10,
        error_cb=on_error,
        allow_reconnect=True,
    )


@contextlib.asynccontextmanager
async def _running(service: Service, settings: Settings, app: FastAPI) -> AsyncIterator[None]:
    keys, tokens = Keys.read(settings.keys_file), Verifier(settings.token_keys_file, service.name)
    async with AsyncExitStack() as stack:
        nc = await _until_there("nats", lambda: connect_nats(settings.nats_url, service.name))
        stack.push_async_callback(nc.close)
        js = nc.jetstream(timeout=5)
        await _until_there("jetstream", lambda: ensure_streams(js))
        runtime = Runtime(settings, keys, tokens, nc, js, subscriptions=service.subscriptions)
        app.state.runtime = runtime
        runtime.checks["nats"] = functools.partial(_check_nats, nc)
        if isinstance(settings, DatabaseSettings):
            dsn = settings.database_url.get_secret_value()
            pool = await _until_there("postgres", lambda: open_pool(dsn, service=service.name, size=settings.database_pool_size))
            stack.callback(pool.terminate)
            await check_schema(pool, service.name)
            runtime.pool = pool
            runtime.turns = asyncio.Semaphore(max(1, settings.database_pool_size - KEPT_BACK))
            runtime.checks["postgres"] = functools.partial(pool.fetchval, "SELECT 1")
            runtime.relay = Relay(pool, nc, service=service.name)
        stack.push_async_callback(_stop, runtime)
        for extra in service.extras:
            await stack.enter_async_context(extra(runtime))
        if runtime.pool is not None and runtime.relay is not None:
            runtime.start(runtime.relay.run(), "relay")
            for sub in service.subscriptions:
                runtime.start(Consumer(sub, runtime.pool, js, committed=runtime.committed).run(), sub.consumer)
            watched = [(sub.stream, sub.consumer) for sub in service.subscriptions]
            runtime.start(metrics.sample(runtime.pool, js, watched), "metrics")
        log.info("service.ready", port=settings.port)
        yield


async def _check_nats(nc: Nats) -> None:
    if not nc.is_connected:
        raise NotReady("not connected")
    await nc.flush(timeout=1)


async def _stop(runtime: Runtime) -> None:
    running, patience_s = runtime.tasks, 0.1
    while running:
        for task in running:
            task.cancel()
        # Up to Python 3.11 `asyncio.wait_for`, which the NATS client uses, may lose a cancellation: so it is repeated.
        _, running = await asyncio.wait(running, timeout=patience_s)
        patience_s = 1  # for one that has heard it and tidies up


def build(service: Service, settings: Settings) -> FastAPI:
    """The ASGI app. Nothing is connected before its lifespan starts."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(service, settings, app):
            yield

    app = FastAPI(
        title=service.title,
        description=service.description,
        version="0.1.0",
        lifespan=lifespan,
        openapi_url=None if service.is_door else "/openapi.json",
        redoc_url=None,
    )
    app.openapi = functools.partial(openapi.document, app)  # type: ignore[method-assign]
    problems.install(app)
    app.include_router(ops.health)
    if isinstance(settings, DatabaseSettings) and not service.is_door:
        app.include_router(ops.dead_letters)
    for router in service.routers:
        app.include_router(router)
    for middleware, options in service.middleware:
        app.add_middleware(middleware, **options)
    app.add_middleware(edge.Edge, headers=dict(service.headers) | (_HSTS if settings.tls_cert_file else {}))
    return app


_HSTS = {"Strict-Transport-Security": "max-age=31536000"}


def server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """How every service is served. Raises SystemExit with one line where the certificate cannot be used."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        http=Bounded,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,
        ssl_certfile=settings.tls_cert_file,
        ssl_keyfile=settings.tls_key_file,
    )
    try:
        config.load()
    except OSError as error:  # ssl.SSLError is one
        raise SystemExit(f"setting TLS_CERT_FILE or TLS_KEY_FILE: {settings.tls_cert_file} cannot be used ({error})") from error
    return uvicorn.Server(config)


def run(service: Service, settings: Settings) -> None:
    """Serves until SIGTERM or Ctrl-C."""
    logging.configure(service.name, settings)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a connection is a file: as many as the machine lets us have
    serving = server(build(service, settings), settings)
    gc.freeze()  # what is there now stays: the collector need not look at it again and again
    with contextlib.suppress(KeyboardInterrupt):
        serving.run()
    if not serving.started:
        raise SystemExit(3)
