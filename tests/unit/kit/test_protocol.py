"""A client that is slow or endless loses its connection, and others are served meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import pytest
import uvicorn

from shared.kit.protocol import Bounded


class Quick(Bounded):
    head_bytes: ClassVar[int] = 8 * 1024
    head_s: ClassVar[float] = 1.0
    body_s: ClassVar[float] = 1.0


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the size of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port(free_port: int) -> AsyncIterator[int]:
    config = uvicorn.Config(echo, port=free_port, http=Quick, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
    yield free_port
    server.should_exit = True
    await serving


async def said(port: int, *parts: bytes, pause_s: float = 0) -> bytes:
    """What the server answers, until it closes or the client has heard one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
    try:
        async with asyncio.timeout(30):
            with contextlib.suppress(ConnectionError):
                return await reader.read()
            return b""
    finally:
        writer.close()


WHOLE = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc"


async def test_a_whole_request_is_answered_also_in_pieces_and_with_a_body_larger_than_a_head_may_be(port: int) -> None:
    large = WHOLE.replace(b"length: 3", b"length: 100000").replace(b"abc", b"a" * 100_000)

    answers = await asyncio.gather(said(port, WHOLE), said(port, WHOLE[:20], WHOLE[20:60], WHOLE[60:]), said(port, large))

    assert [answer.split(b"\r\n\r\n")[1] for answer in answers] == [b"3", b"3", b"100000"]


async def test_two_requests_on_one_connection_have_a_deadline_each(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
    for _ in range(3):
        writer.write(request)
        assert b"200" in await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(1) == b"3"
        await asyncio.sleep(0.6)  # idle between requests is the keep-alive's business: together longer than a head's deadline
    writer.write(request[:30])

    assert b"408" in await asyncio.wait_for(reader.read(), 30)
    writer.close()


async def test_a_head_that_does_not_end_is_ended(port: int) -> None:
    trickle = [bytes([byte]) for byte in b"GET / HTTP/1.1\r\nx-slow: 1"]

    idle, slow, endless, many = await asyncio.gather(
        said(port),
        said(port, *trickle, pause_s=0.1),
        said(port, b"GET / HTTP/1.1\r\nx-long: " + b"x" * 20_000),
        said(port, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5_000),
    )

    assert idle.startswith(b"HTTP/1.1 408")
    assert slow[:12] in {b"HTTP/1.1 408", b""}
    assert endless.startswith(b"HTTP/1.1 431")
    assert many.startswith(b"HTTP/1.1 431")


async def test_a_body_that_does_not_end_is_ended(port: int) -> None:
    head = WHOLE[: WHOLE.index(b"abc")].replace(b"length: 3", b"length: 100")

    assert await said(port, head, *[b"x"] * 20, pause_s=0.1) == b""


async def test_many_idle_connections_keep_nobody_else_out(port: int) -> None:
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]

    answer = await said(port, WHOLE)
    ended = [await asyncio.wait_for(reader.read(), 30) for reader, _ in idle]

    assert answer.endswith(b"3")
    assert all(end.startswith(b"HTTP/1.1 408") for end in ended)
    for _, writer in idle:
        writer.close()
