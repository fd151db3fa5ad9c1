"""Operation events: every fact of every service in one order, as a list and as a resumable stream.

The order is that of the FACTS stream, whose sequence is the event's id.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy, RawStreamMsg
from nats.js.errors import NotFoundError
from starlette.responses import StreamingResponse

from services.gateway.schemas import EventList
from services.gateway.sentences import SEVERITY, sentence
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import Event
from shared.kit.auth import Anyone
from shared.kit.messaging import FEED
from shared.kit.problems import invalid_fields

router = APIRouter(tags=["operations"])

HEARTBEAT_S: Final = 10
LOOK_BACK: Final = 5000
"""How far a filtered list looks back for events of its kind."""

KINDS: Final = frozenset(subject.rsplit(".v", 1)[0] for subject in Event.EVENTS)


def operation_event(seq: int, envelope: dict[str, Any]) -> dict[str, Any]:
    """A fact as operators read it."""
    kind = envelope["type"].rsplit(".v", 1)[0]
    said = datetime.fromisoformat(envelope["time"])
    return {
        "id": seq,
        "ts": int(said.timestamp()),
        "at": envelope["time"],
        "kind": kind,
        "severity": SEVERITY.get(kind, "info"),
        "message": sentence(kind, envelope["data"]),
        "data": envelope["data"],
        "event_id": envelope["id"],
    }


_NAMES: Final = frozenset({"participant", "seller_node_id", "model_owner_id", "reporter"})
_OPEN: Final = frozenset({"marketplace.offer_published", "marketplace.offer_changed", "training.node_changed"})
"""The market itself: everybody's business."""


def concerns(event: dict[str, Any], participant: str | None) -> bool:
    """Whether a participant may read an event: one of the open market, or one that names it. None may read every one."""
    return participant is None or event["kind"] in _OPEN or _names(event["data"], participant)


def _names(value: Any, participant: str) -> bool:
    if isinstance(value, dict):
        return any((key in _NAMES and item == participant) or _names(item, participant) for key, item in value.items())
    return isinstance(value, list) and any(_names(item, participant) for item in value)


def _refuse(field: str, code: ErrorCode) -> Refusal:
    return invalid_fields([{"field": field, "code": str(code), "message": CATALOGUE[code].cause}])


def _check_kind(kind: str | None) -> None:
    if kind is not None and kind not in KINDS:
        raise _refuse("kind", ErrorCode.INVALID_KIND)


async def _message(js: JetStreamContext, seq: int) -> RawStreamMsg | None:
    try:
        return await js.get_msg(FEED, seq)
    except NotFoundError:
        return None


@router.get("/ops/events/recent", response_model=EventList)
async def recent(
    request: Request,
    who: Anyone,
    limit: Annotated[str, Query(description="1 to 500", json_schema_extra={"type": "integer"})] = "100",
    kind: Annotated[str | None, Query(description="for example escrow.funds_held")] = None,
) -> dict[str, Any]:
    """The newest operation events, newest first; to a participant those of the open market and those that name it."""
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= 3 and 1 <= int(limit) <= 500):
        raise _refuse("limit", ErrorCode.INVALID_LIMIT)
    _check_kind(kind)
    js: JetStreamContext = request.app.state.runtime.js
    state = (await js.stream_info(FEED)).state
    wanted = int(limit)
    found: list[dict[str, Any]] = []
    seq, oldest = state.last_seq, max(state.first_seq, state.last_seq - (LOOK_BACK if kind or who.bound_to else wanted) + 1)
    while seq >= oldest and seq > 0 and len(found) < wanted:
        step = range(seq, max(oldest, seq - 50 + 1) - 1, -1)
        for message in await asyncio.gather(*(_message(js, number) for number in step)):
            if message is not None and message.data is not None and len(found) < wanted:
                event = operation_event(message.seq or 0, json.loads(message.data))
                if (kind is None or event["kind"] == kind) and concerns(event, who.bound_to):
                    found.append(event)
        seq -= len(step)
    return {"count": len(found), "events": found}


@router.get("/ops/events", response_class=StreamingResponse)
async def events(
    request: Request,
    who: Anyone,
    kind: Annotated[str | None, Query(description="for example escrow.funds_held")] = None,
    last_event_id: Annotated[str | None, Query(description="go on after this event")] = None,
) -> StreamingResponse:
    """Server-sent events. `Last-Event-ID` goes on where a broken connection stopped; without it the feed starts now."""
    _check_kind(kind)
    given = request.headers.get("last-event-id", last_event_id)
    if given is not None and not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise _refuse("Last-Event-ID", ErrorCode.INVALID_LAST_EVENT_ID)
    js: JetStreamContext = request.app.state.runtime.js
    last = (await js.stream_info(FEED)).state.last_seq
    # Where to begin is settled before the answer begins, so that nothing is missed by who sees the answer and then acts. An id from
    # before the stream was made anew names nothing here: begin with what there is.
    after = last if given is None else int(given) if int(given) <= last else 0
    frames = _frames(js, after, kind, who.bound_to)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def _frames(js: JetStreamContext, after: int, kind: str | None, participant: str | None) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=after + 1)
    sub = await js.subscribe(">", stream=FEED, ordered_consumer=True, config=config)
    try:
        while True:
            try:
                message = await sub.next_msg(timeout=HEARTBEAT_S)
            except (TimeoutError, NatsError):
                yield ": ping\n\n"
                continue
            event = operation_event(message.metadata.sequence.stream, json.loads(message.data))
            if (kind is None or event["kind"] == kind) and concerns(event, participant):
                yield f"id: {event['id']}\nevent: ops\ndata: {json.dumps(event)}\n\n"
    finally:
        with contextlib.suppress(NatsError):
            await sub.unsubscribe()
