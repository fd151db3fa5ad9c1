"""Clients for the services behind the gateway. A service that does not answer is a `service_unavailable` that names it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote

import httpx

from services.gateway.domain import Upstream
from services.gateway.settings import GatewaySettings
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import Principal, Role
from shared.kit.clients import client, refusal_of
from shared.kit.service import Runtime
from shared.kit.tokens import Signer

CONNECTIONS = 500
"""Per service. A call that waits for the escrow holds a connection to the marketplace for as long."""

ITSELF: Final = Principal(Role.SERVICE, key_id="gateway")
"""The gateway, where it asks on nobody's behalf."""


def path_of(*segments: str) -> str:
    """The path of these segments, each of them one segment whatever text a client has put into it."""
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


class Upstreams:
    """The services, by name."""

    def __init__(self, clients: dict[Upstream, httpx.AsyncClient], signer: Signer, *, timeout_s: float) -> None:
        self._clients, self._signer, self._timeout_s = clients, signer, timeout_s

    def url(self, service: Upstream) -> httpx.URL:
        return self._clients[service].base_url

    def authorization(self, service: Upstream, who: Principal) -> str:
        """The header's value with which the service takes a request for one of `who`, whatever key that came with."""
        return f"Bearer {self._signer.token(service, who)}"

    def request(self, service: Upstream, method: str, url: httpx.URL | str, **kwargs: Any) -> httpx.Request:
        return self._clients[service].build_request(method, url, **kwargs)

    async def send(self, service: Upstream, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        """The service's answer, whatever it is.

        What could not be sent, or is only read, is tried once more: after a restart the pool may hold connections to a process
        that is gone.

        Raises:
            Refusal: `service_unavailable` when the service does not answer.
        """
        for last in (False, True):
            try:
                return await self._clients[service].send(request, stream=stream)
            except httpx.TimeoutException as error:
                raise _down(service, "does not answer in time") from error
            except httpx.HTTPError as error:
                harmless = isinstance(error, httpx.ConnectError) or request.method in {"GET", "HEAD"}
                if last or not harmless:
                    raise _down(service, "cannot be reached") from error
        raise AssertionError("unreachable")

    async def get(
        self, service: Upstream, path: str, *, who: Principal = ITSELF, timeout_s: float | None = None, **params: Any
    ) -> httpx.Response:
        """What the service answers to `who`; by default to the gateway itself."""
        timeout = self._timeout_s if timeout_s is None else timeout_s
        headers = {"authorization": self.authorization(service, who)}
        return await self.send(
            service,
            self.request(service, "GET", path, params=params or None, headers=headers, timeout=httpx.Timeout(timeout)),
        )

    async def get_object(self, service: Upstream, path: str, *, who: Principal = ITSELF, **params: Any) -> dict[str, Any]:
        """The JSON object of a 2xx answer.

        Raises:
            Refusal: the service's own, or `service_unavailable`.
        """
        response = await self.get(service, path, who=who, **params)
        if not response.is_success:
            raise refusal_of(response)
        try:
            answer: Any = response.json()
        except ValueError as error:
            raise _down(service, "answers nonsense") from error
        if not isinstance(answer, dict):
            raise _down(service, "answers nonsense")
        return answer


def _down(service: Upstream, reason: str) -> Refusal:
    return Refusal(ErrorCode.SERVICE_UNAVAILABLE, service=str(service), reason=reason)


@contextlib.asynccontextmanager
async def opened(runtime: Runtime) -> AsyncIterator[None]:
    """The clients, for as long as the gateway runs."""
    settings: GatewaySettings = runtime.settings
    urls = {
        Upstream.MARKETPLACE: settings.marketplace_url,
        Upstream.MATCHING: settings.matching_url,
        Upstream.ESCROW: settings.escrow_url,
        Upstream.TRAINING: settings.training_url,
    }
    async with contextlib.AsyncExitStack() as stack:
        clients = {
            service: await stack.enter_async_context(client(url, timeout_s=settings.forward_timeout_s, connections=CONNECTIONS))
            for service, url in urls.items()
        }
        runtime.extra["upstreams"] = Upstreams(
            clients, Signer(settings.token_signing_key_file), timeout_s=settings.summary_timeout_s
        )
        yield


def upstreams_of(runtime: Runtime) -> Upstreams:
    upstreams: Upstreams = runtime.extra["upstreams"]
    return upstreams
