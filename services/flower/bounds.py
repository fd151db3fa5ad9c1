"""`flower-superlink` with a bound on what a node may send: `python -P services/flower/bounds.py …` takes its arguments.

Flower 1.41's own reads any request to its end and keeps whatever a reply consists of, so that one node that answers with a gigabyte
fills the SuperLink's memory and disk. Here a node's request says how long it is, and one that is too long is refused unread (413, or
411 where it says nothing); and of one reply no more is kept than a model may have. The node's message then never becomes complete, and its
round ends as that of a node that did not answer. Nodes cut replies into parts of 5 MiB, so honest ones never meet the first bound.

Private to Flower 1.41.0, and used nowhere else: the hook for middleware and the handler of a reply's parts. A test fails when they change.
"""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from flwr.proto.message_pb2 import PushObjectRequest
from flwr.supercore.error import ApiErrorCode, FlowerError
from flwr.superlink import extensions
from flwr.superlink.cli import flower_superlink
from flwr.superlink.servicer.fleet import fleet_handlers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MAX_REQUEST: Final = 8 << 20
"""Bytes of one request of a node."""
MAX_REPLY: Final = 64 << 20
"""Bytes of one reply, all parts together: as much as the coordinator takes for a model."""
REPLIES: Final = 10_000
"""So many replies that are being sent are counted; the oldest is forgotten first."""
NODES: Final = "/v1/fleet/"

Handler = Callable[..., Any]


class ShortRequests:
    """Refuses a node's request by its length, before its body is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" and scope["path"].startswith(NODES) else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if not length.isdigit():
            return PlainTextResponse("how long is the request?", 411, headers={"connection": "close"})
        if int(length) > MAX_REQUEST:
            return PlainTextResponse("the request is too long", 413, headers={"connection": "close"})
        return None


def short_replies(store: Handler, most: int = MAX_REPLY) -> Handler:
    """The handler of a reply's parts, for as long as the reply is not too long. Raises Flower's own kind of error beyond."""
    sent: OrderedDict[tuple[int, str], int] = OrderedDict()
    counting = threading.Lock()

    @functools.wraps(store)
    def bounded(request: PushObjectRequest, state: Any) -> Any:
        reply = (request.run_id, request.session_id)
        with counting:  # handlers run in threads
            total = sent[reply] = sent.pop(reply, 0) + len(request.object_content)
            if len(sent) > REPLIES:
                sent.popitem(last=False)
        if total > most:
            raise FlowerError(
                ApiErrorCode.FORBIDDEN_ACTION, f"the reply of SuperNode {request.node.node_id} has more than {most} bytes"
            )
        return store(request=request, state=state)

    return bounded


def install() -> None:
    """Puts both bounds around Flower's SuperLink, in this process."""
    own = extensions.get_middleware
    extensions.get_middleware = lambda: (Middleware(ShortRequests), *own())
    fleet_handlers.push_object = short_replies(fleet_handlers.push_object)


if __name__ == "__main__":
    install()
    flower_superlink()
