"""A Flower grid in this process: its nodes answer with the real ClientApp, or as a test says. Quick, and without any process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

import numpy as np
from flwr.app import ArrayRecord, Context, Error, Message, MetricRecord, RecordDict
from flwr.serverapp import Grid
from oe_app.client_app import app as client_app
from oe_app.tasks import Weights

Answer = Callable[[Message], Message | None]
"""What a node says to a message; None is silence."""


class InProcessGrid(Grid):
    """`sent` holds every message that was pushed. A node that is not in `answers` is not connected."""

    def __init__(self, answers: dict[int, Answer]) -> None:
        self.answers = answers
        self.sent: list[Message] = []
        self._replies: dict[str, Message] = {}
        self.extra_replies: list[Message] = []
        """Delivered with the next look, whatever was asked for."""

    def set_run(self, run: Any) -> None:
        raise NotImplementedError

    @property
    def run(self) -> Any:
        raise NotImplementedError

    def create_message(self, *_: Any, **__: Any) -> Message:
        raise NotImplementedError

    def get_node_ids(self) -> Iterable[int]:
        return list(self.answers)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        ids = []
        for message in messages:
            self.sent.append(message)
            answer = self.answers.get(message.metadata.dst_node_id)
            if answer is None:
                ids.append("")  # what Flower says of a node that it does not know
                continue
            vars(message.metadata)["_message_id"] = uuid4().hex  # as a push does
            ids.append(message.metadata.message_id)
            reply = answer(message)
            if reply is not None:
                self._replies[message.metadata.message_id] = reply
        return ids

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        found = [self._replies.pop(key) for key in list(message_ids) if key in self._replies]
        found += self.extra_replies
        self.extra_replies = []
        return found

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        raise NotImplementedError("the exchange does not use Flower's own waiting")

    def addressed(self) -> list[int]:
        return [message.metadata.dst_node_id for message in self.sent]


def trains_on(data: str) -> Answer:
    """A node with the real ClientApp beside the data of a spec."""

    def answer(message: Message) -> Message:
        context = Context(run_id=1, node_id=1, node_config={"data": data, "grant-keys": "none"}, state=RecordDict(), run_config={})
        return client_app(message, context)

    return answer


def silent(_: Message) -> None:
    """A node that takes the message and is never heard of again."""


def refuses(code: int, reason: str = "no") -> Answer:
    return lambda message: Message(Error(code, reason), reply_to=message)


def replies(content: RecordDict) -> Answer:
    return lambda message: Message(content, reply_to=message)


def update(weights: Weights, examples: Any = 10) -> RecordDict:
    """A well-formed reply to a training message."""
    return RecordDict({"arrays": ArrayRecord(weights), "metrics": MetricRecord({"num-examples": examples})})


def filled(value: float) -> Weights:
    """A model of the digits task with the same number everywhere."""
    return [np.full((64, 10), value), np.full(10, value)]
