"""Hands a request to the service that owns its path, and the answer back as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Final
from urllib.parse import quote

import httpx
from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from services.gateway.domain import Upstream, owner_of
from services.gateway.upstreams import Upstreams, upstreams_of
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import principal_of
from shared.kit.routing import MiB, read_body

METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_HOP_BY_HOP: Final = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
# Request id and trace are set anew for each hop by the client, a key stays here; the other three speak of this connection's message.
_NOT_SENT_ON: Final = _HOP_BY_HOP | {"authorization", "cookie", "host", "content-length", "expect", "x-request-id", "traceparent"}
# This process is the server now, and its edge says the request id.
_NOT_SENT_BACK: Final = _HOP_BY_HOP | {"server", "date", "x-request-id"}

Headers = list[tuple[str, str]]

router = APIRouter(include_in_schema=False)


@router.api_route("/marketplace/{path:path}", methods=METHODS)
@router.api_route("/escrow/{path:path}", methods=METHODS)
@router.api_route("/training/{path:path}", methods=METHODS)
@router.api_route("/trigger_fl", methods=METHODS)
async def forward(request: Request) -> Response:
    """Passes the answer through in pieces, so that a model of any size needs no memory here."""
    service = owner_of(request.method, request.scope["path"])
    if service is None:
        raise Refusal(ErrorCode.NOT_FOUND)
    upstreams = upstreams_of(request.app.state.runtime)
    response = await upstreams.send(service, await outgoing(request, upstreams, service), stream=True)
    answer = StreamingResponse(_pieces(response), response.status_code, background=BackgroundTask(response.aclose))
    answer.raw_headers = _raw(headers_back(response, upstreams.url(service)))
    return answer


async def forward_whole(request: Request, service: Upstream) -> httpx.Response:
    """The service's whole answer, for a route that has something to add to it."""
    upstreams = upstreams_of(request.app.state.runtime)
    return await upstreams.send(service, await outgoing(request, upstreams, service))


def pass_on(response: httpx.Response) -> Response:
    """A whole answer as it came."""
    answer = Response(response.content, response.status_code)
    # The content was decoded on arrival.
    kept = [(n, v) for n, v in headers_back(response, response.url) if n not in {"content-encoding", "content-length"}]
    answer.raw_headers = _raw([*kept, ("content-length", str(len(response.content)))])
    return answer


async def outgoing(request: Request, upstreams: Upstreams, service: Upstream) -> httpx.Request:
    """The request as the service gets it.

    Raises:
        Refusal: `unauthorized` without a valid key, `body_too_large`, `not_found` for a path that no URL can hold.
    """
    who = principal_of(request)
    try:
        body = await read_body(request, MiB)
    except ClientDisconnect as error:
        raise Refusal(ErrorCode.INVALID_REQUEST) from error
    try:
        url = upstreams.url(service).copy_with(raw_path=_target(request))
        headers = [*headers_on(request.headers.items()), ("authorization", upstreams.authorization(service, who))]
        return upstreams.request(service, request.method, url, content=body or None, headers=headers)
    except httpx.InvalidURL as error:
        raise Refusal(ErrorCode.NOT_FOUND) from error


def _target(request: Request) -> bytes:
    """Path and query as the client wrote them: decoding and encoding again would turn `%2F` into a `/`."""
    path: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    query: bytes = request.scope["query_string"]
    target = path + b"?" + query if query else path
    return quote(target, safe="%/:?#[]@!$&'()*+,;=-._~").replace("#", "%23").encode()


def headers_on(headers: Iterable[tuple[str, str]]) -> Headers:
    """The client's headers, less those that belong to its own connection."""
    given = [(name.lower(), value) for name, value in headers]
    named = {token.strip().lower() for name, value in given if name == "connection" for token in value.split(",")}
    kept = [(name, value) for name, value in given if name not in _NOT_SENT_ON and name not in named]
    if not any(name == "accept-encoding" for name, _ in kept):
        kept.append(("accept-encoding", "identity"))  # or the HTTP client would ask for what nobody wants
    return kept


def headers_back(response: httpx.Response, base: httpx.URL) -> Headers:
    """The service's headers. A redirect to the service itself becomes one to the same path here."""
    kept = []
    for name, value in response.headers.multi_items():
        if name in _NOT_SENT_BACK:
            continue
        if name == "location":
            target = httpx.URL(value)
            value = target.raw_path.decode() if (target.host, target.port) == (base.host, base.port) else value
        kept.append((name, value))
    return kept


def _raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in response.aiter_raw():
            yield piece
    finally:
        await response.aclose()
