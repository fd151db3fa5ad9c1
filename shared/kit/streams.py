"""Makes the JetStream streams what `shared.contracts.events.STREAMS` says they are.

Also `FACTS`: one stream that copies all the others in one order, so that a feed of operation events can be resumed by a single
sequence number.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Final

from nats.js import JetStreamContext
from nats.js.api import StorageType, StreamConfig, StreamSource
from nats.js.errors import NotFoundError

from shared.contracts.events import STREAMS, Event

DAY: Final = 86_400
FEED: Final = "FACTS"
KEEP_LAST: Final = frozenset({"OFFERS"})
"""Streams that keep the last fact of each subject: an offer's facts carry its whole state."""


@functools.cache
def stream_of(event: type[Event]) -> str:
    """The stream that stores facts of this type."""
    for stream, subjects in STREAMS.items():
        for pattern in subjects:
            if pattern.removesuffix(".*") == event.SUBJECT or (pattern.endswith(".>") and event.SUBJECT.startswith(pattern[:-1])):
                return stream
    raise LookupError(event.SUBJECT)


def subject_filter(event: type[Event]) -> str:
    """What a consumer filters on to hear facts of this type."""
    return f"{event.SUBJECT}.*" if stream_of(event) in KEEP_LAST else event.SUBJECT


def _config(stream: str) -> StreamConfig:
    if stream == FEED:
        sources = [StreamSource(name=name) for name in STREAMS]
        return StreamConfig(name=FEED, sources=sources, storage=StorageType.FILE, max_age=30 * DAY, max_msgs=1_000_000)
    keeps_last = stream in KEEP_LAST
    return StreamConfig(
        name=stream,
        subjects=list(STREAMS[stream]),
        storage=StorageType.FILE,
        duplicate_window=120,
        max_msgs_per_subject=1 if keeps_last else -1,
        max_age=0 if keeps_last else 30 * DAY,
        allow_direct=True,
        allow_atomic=True,
    )


def _drifted(have: StreamConfig, want: StreamConfig) -> bool:
    """Whether the server has another value where this code names one."""
    wanted = {name: value for name, value in vars(want).items() if value is not None}
    return any((getattr(have, name) or 0) != (value or 0) for name, value in wanted.items())  # the server leaves zeros out


async def ensure_streams(js: JetStreamContext, names: Iterable[str] = (*STREAMS, FEED)) -> None:
    """Creates what is missing and repairs what has drifted. Any service may run it, at the same time as others.

    Nothing is asked of the server where nothing is to be done: a service's login may look, but not change other services' streams.
    """
    for name in names:
        config = _config(name)
        try:
            if _drifted((await js.stream_info(name)).config, config):
                await js.update_stream(config)
        except NotFoundError:
            await js.add_stream(config)
