"""Reads the whole stream of offer facts as fast as the server sends it, over a connection of its own.

nats-py makes an object, parses headers and wakes a task for every message: fine for news, slow for a million of them. Here the
frames of NATS' protocol are cut out of what arrives and handed on by the hundred. The consumer is an ordered one: no acks, the
server's flow control is answered, and a gap in the sequence ends the reading. Whoever calls goes on from there by other means.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from nats.aio.client import Client as Nats
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

AT_ONCE: Final = 1 << 18
"""Bytes that are taken in before others get their turn: some hundred offers, a few milliseconds."""
SILENCE_S: Final = 5.0
"""Without a word for so long the server is given up."""


class CannotReadInBulk(ConnectionError):
    """The server wants something that is not spoken here, refused, or lost a message."""


@dataclass
class Frames:
    """Cuts what arrives into the consumer's messages."""

    replies: list[bytes] = field(default_factory=list)
    """What is to be said to the server."""
    sequence: int = 0
    """The last message's place in the stream."""
    pending: int | None = None
    """How many messages were still to come after the last one; None before the first."""
    _buffer: bytes = b""
    _delivered: int = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads of the messages that are complete by now, in order. Raises `CannotReadInBulk`."""
        buffer, at = self._buffer + data, 0
        found: list[bytes] = []
        last = b""
        while (end := buffer.find(b"\r\n", at)) >= 0:
            words = buffer[at:end].split(b" ")
            if words[0] not in (b"MSG", b"HMSG"):
                self._control(words)
                at = end + 2
                continue
            start = end + 2
            stop = start + int(words[-1])
            if stop + 2 > len(buffer):
                break
            has_headers = words[0] == b"HMSG"
            payload_at = start + int(words[-2]) if has_headers else start
            reply = words[3] if len(words) == 5 + has_headers else b""
            if reply.startswith(b"$JS.ACK."):
                found.append(buffer[payload_at:stop])
                last = reply
            else:
                self._status(reply, buffer[start:payload_at])
            at = stop + 2
        self._buffer = buffer[at:]
        if found:
            self._note(last, len(found))
        return found

    def _control(self, words: list[bytes]) -> None:
        if words[0] == b"PING":
            self.replies.append(b"PONG\r\n")
        elif words[0] == b"-ERR":
            raise CannotReadInBulk(b" ".join(words).decode("utf-8", "replace"))

    def _note(self, reply: bytes, count: int) -> None:
        """`$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`, or with domain and account.

        The consumer numbers what it sends: where the last of `count` messages has another number, one got lost.
        """
        words = reply.split(b".")
        sequence, delivered, _, pending = words[5:9] if len(words) == 9 else words[7:11]
        self._delivered += count
        if int(delivered) != self._delivered:
            raise CannotReadInBulk(f"{int(delivered) - self._delivered} messages of the consumer did not come")
        self.sequence, self.pending = int(sequence), int(pending)

    def _status(self, reply: bytes, headers: bytes) -> None:
        """Flow control wants an answer, by itself or where a heartbeat says that the consumer is stalled for want of one."""
        if reply:
            self.replies.append(b"PUB %b 0\r\n\r\n" % reply)
        for line in headers.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"nats-consumer-stalled":
                self.replies.append(b"PUB %b 0\r\n\r\n" % value.strip())


async def read(nc: Nats, url: str, stream: str, *, after: int) -> AsyncIterator[tuple[list[bytes], int]]:
    """All that the stream has behind `after`: payloads, and the sequence of the last of them, until nothing is left.

    Raises:
        CannotReadInBulk, OSError, TimeoutError: what came before stays true.
    """
    inbox = nc.new_inbox()
    async with _connection(url, inbox) as (reader, writer):
        js = nc.jetstream(timeout=5)
        info = await js.add_consumer(
            stream,
            ConsumerConfig(
                deliver_subject=inbox,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=after + 1,
                ack_policy=AckPolicy.NONE,
                max_deliver=1,
                flow_control=True,
                idle_heartbeat=1,
                inactive_threshold=30,
                mem_storage=True,
                num_replicas=1,
            ),
        )
        frames = Frames()
        left = info.num_pending
        try:
            while left:
                async with asyncio.timeout(SILENCE_S):
                    data = await reader.read(AT_ONCE)
                if not data:
                    raise CannotReadInBulk("the server hung up")
                if batch := frames.feed(data):
                    yield batch, frames.sequence
                    left = frames.pending
                writer.write(b"".join(frames.replies))
                frames.replies.clear()
                await writer.drain()
        finally:
            await js.delete_consumer(stream, info.name)


@asynccontextmanager
async def _connection(url: str, inbox: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that listens at `inbox`."""
    parts = urlsplit(url)
    if parts.scheme != "nats":
        raise CannotReadInBulk(f"{parts.scheme} is not spoken here")
    async with asyncio.timeout(SILENCE_S):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 4222, limit=AT_ONCE)
    try:
        async with asyncio.timeout(SILENCE_S):
            greeting = json.loads((await reader.readuntil(b"\r\n")).removeprefix(b"INFO "))
            if greeting.get("tls_required"):
                raise CannotReadInBulk("the server wants TLS")
            options: dict[str, Any] = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True}
            options |= {"lang": "python3", "version": "1", "protocol": 1, "name": "matching-rebuild"}
            if parts.username:
                options |= {"user": unquote(parts.username), "pass": unquote(parts.password or "")}
            writer.write(f"CONNECT {json.dumps(options)}\r\nSUB {inbox} 1\r\nPING\r\n".encode())
            while (line := await reader.readuntil(b"\r\n")) != b"PONG\r\n":
                if line.startswith(b"-ERR"):
                    raise CannotReadInBulk(line.decode("utf-8", "replace").strip())
        yield reader, writer
    finally:
        writer.close()
