"""What belongs together: the request id, the W3C trace, and the fact that caused the present work.

Carried in context variables, from HTTP headers into events and from events into the facts that they cause.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Final

request_id: ContextVar[str] = ContextVar("request_id", default="")
traceparent: ContextVar[str] = ContextVar("traceparent", default="")
cause: ContextVar[str] = ContextVar("cause", default="")
"""Id of the event that is being handled; becomes `causationid` of the facts that the handler says."""

_TRACEPARENT: Final = re.compile(r"^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$")
_REQUEST_ID: Final = re.compile(r"^[A-Za-z0-9._:-]{1,100}$")


def child_of(parent: str | None) -> str:
    """A new span in the trace of `parent`, or a new trace (https://www.w3.org/TR/trace-context/)."""
    found = _TRACEPARENT.match(parent or "")
    trace, flags = (found[1], found[2]) if found else (secrets.token_hex(16), "01")
    return f"00-{trace}-{secrets.token_hex(8)}-{flags}"


def accept_request_id(given: str | None) -> str:
    """The client's request id where it is harmless, else a new one."""
    return given if given and _REQUEST_ID.match(given) else secrets.token_hex(8)


@contextlib.contextmanager
def working_on(envelope: Mapping[str, Any]) -> Iterator[None]:
    """The facts that are said inside belong to the event in `envelope`."""
    was_trace = traceparent.set(child_of(envelope.get("traceparent")))
    was_cause = cause.set(str(envelope["id"]))
    try:
        yield
    finally:
        cause.reset(was_cause)
        traceparent.reset(was_trace)


def present() -> dict[str, str]:
    """An envelope's part in tracing, of the fact that is being worked on."""
    return {"id": cause.get(), "traceparent": traceparent.get()}
