"""A node that answers with a gigabyte: refused before it is kept, in Flower's own SuperLink."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from flwr.proto.message_pb2 import PushObjectRequest, PushObjectResponse
from flwr.proto.node_pb2 import Node
from flwr.supercore.error import FlowerError
from flwr.superlink import extensions
from flwr.superlink.main import create_app
from flwr.superlink.routers.fleet import router
from flwr.superlink.servicer.fleet import fleet_handlers

from services.flower import bounds

PART = bytes(5 << 20)
"""What Flower cuts an array into."""


def part(session_id: str, content: bytes = PART, run_id: int = 1) -> PushObjectRequest:
    return PushObjectRequest(node=Node(node_id=7), run_id=run_id, session_id=session_id, object_id="o", object_content=content)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Written back as they are, so that the bounds end with the test.
    monkeypatch.setattr(extensions, "get_middleware", extensions.get_middleware)
    monkeypatch.setattr(fleet_handlers, "push_object", fleet_handlers.push_object)
    bounds.install()


@pytest.fixture
async def superlink(installed: None) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://superlink") as client:
        yield client


# --- one request ------------------------------------------------------------------------------------------------------
async def test_a_request_of_a_gigabyte_is_refused_by_what_it_says_and_never_read(superlink: httpx.AsyncClient) -> None:
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        for number in range(1024):
            read.append(number)
            yield bytes(1 << 20)

    answer = await superlink.post("/v1/fleet/push-object", content=body(), headers={"content-length": str(1 << 30)})

    assert answer.status_code == 413
    assert read == []


@pytest.mark.parametrize("said", [None, "", "-1", "many"])
async def test_a_request_that_does_not_say_how_long_it_is_is_refused(superlink: httpx.AsyncClient, said: str | None) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield PART

    answer = await superlink.post("/v1/fleet/push-object", content=body(), headers={} if said is None else {"content-length": said})

    assert answer.status_code == 411


@pytest.mark.parametrize("path", ["/v1/fleet/push-messages", "/v1/fleet/push-object", "/v1/fleet/register-node"])
async def test_what_is_not_too_long_reaches_flower(superlink: httpx.AsyncClient, path: str) -> None:
    answer = await superlink.post(path, content=b"no protobuf", headers={"content-type": "application/protobuf"})

    assert answer.status_code not in (411, 413)
    assert answer.headers["content-type"] != "text/plain; charset=utf-8"


async def test_the_exchanges_own_requests_are_not_bounded(superlink: httpx.AsyncClient) -> None:
    """Only the coordinator and the ServerApp reach these; a bundle and a model have bounds of their own."""
    answer = await superlink.post("/v1/runtime/push-object", content=bytes(bounds.MAX_REQUEST + 1))

    assert answer.status_code not in (411, 413)


# --- one reply --------------------------------------------------------------------------------------------------------
def test_of_a_gigabyte_in_small_parts_no_more_is_kept_than_a_model_may_have() -> None:
    kept: list[int] = []

    def store(request: PushObjectRequest, state: Any) -> PushObjectResponse:
        kept.append(len(request.object_content))
        return PushObjectResponse(stored=True)

    handler = bounds.short_replies(store)
    for number in range(205):
        if number < 12:
            handler(request=part("s"), state=None)
            continue
        with pytest.raises(FlowerError, match="SuperNode 7 has more than"):
            handler(request=part("s"), state=None)

    assert sum(kept) == 12 * len(PART) <= bounds.MAX_REPLY < 13 * len(PART)


def test_each_reply_has_its_own_bound_and_a_reply_as_long_as_a_model_is_kept_whole() -> None:
    kept: list[str] = []

    def store(request: PushObjectRequest, state: Any) -> None:
        kept.append(request.session_id)

    handler = bounds.short_replies(store, most=2 * len(PART))
    for session in ("a", "b", "a", "b"):
        handler(request=part(session), state=None)
    with pytest.raises(FlowerError):
        handler(request=part("a", b"x"), state=None)
    handler(request=part("a", run_id=2), state=None)

    assert kept == ["a", "b", "a", "b", "a"]


def test_what_is_counted_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "REPLIES", 3)
    handler = bounds.short_replies(lambda request, state: None, most=1)
    for session in "abcd":
        handler(request=part(session, b"x"), state=None)

    handler(request=part("a", b"x"), state=None)  # forgotten
    with pytest.raises(FlowerError):
        handler(request=part("d", b"x"), state=None)


# --- Flower's own -----------------------------------------------------------------------------------------------------
def test_flower_still_asks_the_handler_that_is_bounded(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flower's route, called as Flower does. Fails when a new Flower does not use what is replaced."""
    monkeypatch.setattr(fleet_handlers, "push_object", bounds.short_replies(fleet_handlers.push_object, most=1))
    state: Any = None  # nothing is asked of it

    with pytest.raises(FlowerError, match="more than 1 bytes"):
        router.fleet_push_object(part("s"), state)
