"""Frames are cut out of what arrives wherever it is split, and nothing that got lost goes unnoticed."""

from __future__ import annotations

import pytest

from services.matching.bulk import CannotReadInBulk, Frames


def message(number: int, payload: bytes, *, left: int = 0, headers: bytes = b"") -> bytes:
    reply = b"$JS.ACK.OFFERS.c.1.%d.%d.1700000000.%d" % (number + 100, number, left)
    size = len(headers) + len(payload)
    sizes = b"%d %d" % (len(headers), size) if headers else b"%d" % size
    return (b"H" if headers else b"") + b"MSG marketplace.x 1 " + reply + b" " + sizes + b"\r\n" + headers + payload + b"\r\n"


HEADERS = b"NATS/1.0\r\nNats-Msg-Id: 7\r\n\r\n"
FLOW = b"NATS/1.0 100 FlowControl Request\r\n\r\n"
STALLED = b"NATS/1.0 100 Idle Heartbeat\r\nNats-Consumer-Stalled: $JS.FC.OFFERS.c.two\r\n\r\n"
WIRE = (
    message(1, b'{"a": "\r\n"}', left=2, headers=HEADERS)
    + b"PING\r\n"
    + b"HMSG inbox 1 $JS.FC.OFFERS.c.one %d %d\r\n" % (len(FLOW), len(FLOW))
    + FLOW
    + b"\r\n"
    + message(2, b"", left=1)
    + b"HMSG inbox 1 %d %d\r\n" % (len(STALLED), len(STALLED))
    + STALLED
    + b"\r\n"
    + message(3, b"MSG is no frame here\r\n", left=0)
)


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 50, len(WIRE)])
def test_messages_are_whole_however_they_arrive(at_once: int) -> None:
    frames = Frames()

    found = [payload for at in range(0, len(WIRE), at_once) for payload in frames.feed(WIRE[at : at + at_once])]

    assert found == [b'{"a": "\r\n"}', b"", b"MSG is no frame here\r\n"]
    assert frames.replies == [b"PONG\r\n", b"PUB $JS.FC.OFFERS.c.one 0\r\n\r\n", b"PUB $JS.FC.OFFERS.c.two 0\r\n\r\n"]
    assert (frames.sequence, frames.pending) == (103, 0)


def test_a_reply_with_domain_and_account_is_understood() -> None:
    wire = b"MSG m 1 $JS.ACK.hub.hash.OFFERS.c.1.9.1.1700000000.4.token 2\r\n{}\r\n"
    frames = Frames()

    assert frames.feed(wire) == [b"{}"]
    assert (frames.sequence, frames.pending) == (9, 4)


def test_a_message_that_got_lost_ends_the_reading() -> None:
    frames = Frames()
    frames.feed(message(1, b"{}"))

    with pytest.raises(CannotReadInBulk):
        frames.feed(message(3, b"{}"))


def test_a_refusal_of_the_server_ends_the_reading() -> None:
    with pytest.raises(CannotReadInBulk, match="Permissions"):
        Frames().feed(b"-ERR 'Permissions Violation for Subscription'\r\n")
