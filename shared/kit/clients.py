"""HTTP from one service to another: bounded time, the caller's request id and trace, refusals that stay refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from shared.contracts.errors import ErrorCode, Refusal
from shared.kit import tracing


def _trace(request: httpx.Request) -> None:
    if tracing.request_id.get():
        request.headers["x-request-id"] = tracing.request_id.get()
    if tracing.traceparent.get():
        request.headers["traceparent"] = tracing.traceparent.get()


async def _traced(request: httpx.Request) -> None:
    _trace(request)


def client(base_url: str, *, key: str | None = None, timeout_s: float = 10, connections: int = 100) -> httpx.AsyncClient:
    """A pooled client for one service. `key` authenticates the calling service; leave it out to forward a client's own header."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(
        base_url=base_url,
        headers=headers,
        timeout=httpx.Timeout(timeout_s, connect=2),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        event_hooks={"request": [_traced]},
    )


async def ask(http: httpx.AsyncClient, method: str, path: str, *, retries: int = 1, **kwargs: Any) -> Mapping[str, Any]:
    """The JSON object that the other service answers.

    A connection that could not be made is tried again: nothing was sent. Whether a sent request had an
    effect is not ours to guess.

    Raises:
        Refusal: the other service's own refusal, or `service_unavailable` when it does not answer.
    """
    for attempt in range(retries + 1):
        try:
            response = await http.request(method, path, **kwargs)
            break
        except httpx.ConnectError as error:
            if attempt == retries:
                raise Refusal(ErrorCode.SERVICE_UNAVAILABLE) from error
        except httpx.HTTPError as error:
            raise Refusal(ErrorCode.SERVICE_UNAVAILABLE) from error
    if response.is_success:
        answer: Mapping[str, Any] = response.json()
        return answer
    raise refusal_of(response)


def refusal_of(response: httpx.Response) -> Refusal:
    """The refusal inside a problem document."""
    try:
        body = response.json()
        return Refusal(ErrorCode(body["code"]), **body["details"])
    except (ValueError, KeyError, TypeError):
        return Refusal(ErrorCode.SERVICE_UNAVAILABLE if response.status_code >= 500 else ErrorCode.INTERNAL_ERROR)
