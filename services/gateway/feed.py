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

from services.gateway.domain import Upstream
from services.gateway.schemas import EventList
from services.gateway.sentences import SEVERITY, sentence
from services.gateway.upstreams import upstreams_of
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import Event
from shared.kit.auth import Anyone, Principal
from shared.kit.messaging import FEED
from shared.kit.problems import invalid_fields
from shared.kit.service import Runtime

router = APIRouter(tags=["operations"])

HEARTBEAT_S: Final = 10
CONTRACT_PAGES: Final = 20
"""Of 500 contracts each: of older ones a participant reads the facts that name it."""
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
_TERMS: Final = frozenset({"marketplace.contract_created", "escrow.funds_held"})
"""Facts that name all parties of a contract."""


class Reader:
    """Whose business an event is. A participant reads the open market's, those that name it, and all of its contracts'."""

    def __init__(self, who: Principal, contracts: set[str]) -> None:
        self._participant, self._contracts = who.bound_to, contracts

    def may_read(self, event: dict[str, Any]) -> bool:
        """Learns from what it reads: a contract begins with a fact that names its parties."""
        if self._participant is None or event["kind"] in _OPEN:
            return True
        contract_id = event["data"].get("contract_id")
        if contract_id in self._contracts:
            return True
        if not _names(event["data"], self._participant):
            return False
        if event["kind"] in _TERMS:
            self._contracts.add(contract_id)
        return True


async def _reader(runtime: Runtime, who: Principal) -> Reader:
    """The newest contracts of a participant are asked for once, as itself: what begins later is in the feed.

    Raises:
        Refusal: `service_unavailable` without the marketplace, as a feed with holes would look like a whole one.
    """
    contracts: set[str] = set()
    cursor: str | None = None
    for _ in range(CONTRACT_PAGES if who.bound_to is not None else 0):
        params = {"limit": 500} | ({"cursor": cursor} if cursor else {})
        page = await upstreams_of(runtime).get_object(Upstream.MARKETPLACE, "/marketplace/contracts", who=who, **params)
        contracts.update(contract["contract_id"] for contract in page["contracts"])
        if (cursor := page["next_cursor"]) is None:
            break
    return Reader(who, contracts)


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
    """The newest operation events, newest first; to a participant those of the open market, of its contracts, and that name it."""
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= 3 and 1 <= int(limit) <= 500):
        raise _refuse("limit", ErrorCode.INVALID_LIMIT)
    _check_kind(kind)
    js: JetStreamContext = request.app.state.runtime.js
    state = (await js.stream_info(FEED)).state
    reader = await _reader(request.app.state.runtime, who)
    wanted = int(limit)
    found: list[dict[str, Any]] = []
    seq, oldest = state.last_seq, max(state.first_seq, state.last_seq - (LOOK_BACK if kind or who.bound_to else wanted) + 1)
    while seq >= oldest and seq > 0 and len(found) < wanted:
        step = range(seq, max(oldest, seq - 50 + 1) - 1, -1)
        for message in await asyncio.gather(*(_message(js, number) for number in step)):
            if message is not None and message.data is not None and len(found) < wanted:
                event = operation_event(message.seq or 0, json.loads(message.data))
                if (kind is None or event["kind"] == kind) and reader.may_read(event):
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
    # After the place to begin is known: a contract is among these, or begins behind that place.
    reader = await _reader(request.app.state.runtime, who)
    frames = _frames(js, after, kind, reader)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def _frames(js: JetStreamContext, after: int, kind: str | None, reader: Reader) -> AsyncIterator[str]:
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
            # The reader first: it has to see what begins a contract, whatever kind was asked for.
            if reader.may_read(event) and (kind is None or event["kind"] == kind):
                yield f"id: {event['id']}\nevent: ops\ndata: {json.dumps(event)}\n\n"
    finally:
        with contextlib.suppress(NatsError):
            await sub.unsubscribe()
