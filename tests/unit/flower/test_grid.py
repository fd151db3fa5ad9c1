"""The ServerApp's waiting for replies: prompt, and never without an end."""

from __future__ import annotations

import threading
import time

from flwr.app import Message, MessageType, RecordDict
from oe_app.grid import PromptGrid

from tests.unit.flower.grid import InProcessGrid, replies, silent


def ask(*nodes: int) -> list[Message]:
    return [Message(RecordDict(), node, MessageType.TRAIN) for node in nodes]


def test_replies_end_the_wait() -> None:
    grid = InProcessGrid({1: replies(RecordDict()), 2: replies(RecordDict())})

    began = time.monotonic()
    found = PromptGrid(grid, deadline_s=60).send_and_receive(ask(1, 2))

    assert len(found) == 2
    assert time.monotonic() - began < 5


def test_a_reply_that_comes_while_it_waits_is_taken() -> None:
    grid = InProcessGrid({1: silent})
    sent = ask(1)
    late = threading.Timer(0.3, lambda: grid.extra_replies.append(Message(RecordDict(), reply_to=sent[0])))
    late.start()

    found = PromptGrid(grid, deadline_s=30).send_and_receive(sent)
    late.join()

    assert [reply.metadata.reply_to_message_id for reply in found] == [sent[0].metadata.message_id]


def test_silence_ends_at_the_deadline() -> None:
    began = time.monotonic()
    found = PromptGrid(InProcessGrid({1: silent}), deadline_s=0.2).send_and_receive(ask(1))

    assert found == []
    assert 0.2 <= time.monotonic() - began < 5


def test_the_callers_timeout_shortens_the_wait_and_cannot_lengthen_it() -> None:
    grid = PromptGrid(InProcessGrid({1: silent}), deadline_s=0.2)

    began = time.monotonic()
    grid.send_and_receive(ask(1), timeout=0.05)
    short = time.monotonic() - began
    grid.send_and_receive(ask(1), timeout=3600)
    both = time.monotonic() - began

    assert short < 0.2
    assert both < 5


def test_a_message_that_flower_did_not_take_is_not_waited_for() -> None:
    began = time.monotonic()
    found = PromptGrid(InProcessGrid({1: replies(RecordDict())}), deadline_s=60).send_and_receive(ask(1, 2))

    assert len(found) == 1
    assert time.monotonic() - began < 5


def test_nothing_sent_is_nothing_waited_for() -> None:
    assert PromptGrid(InProcessGrid({}), deadline_s=60).send_and_receive([]) == []


def test_a_doubtful_node_is_not_given_up_while_the_others_still_work() -> None:
    grid = InProcessGrid({1: silent, 2: silent})
    sent = ask(1, 2)
    slow = threading.Timer(0.4, lambda: grid.extra_replies.extend(Message(RecordDict(), reply_to=m) for m in sent))
    slow.start()

    found = PromptGrid(grid, deadline_s=30, doubtful=frozenset({2})).send_and_receive(sent)
    slow.join()

    assert len(found) == 2
