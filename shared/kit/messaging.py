"""How events travel: the one import for services. Outbox and relay say, inbox and consumers hear."""

from shared.kit.inbox import Consumer, Handler, Heard, NotYet, Subscription, Unprocessable, follow, follow_many, listen, replay
from shared.kit.outbox import Relay, enqueue, enqueue_many
from shared.kit.streams import FEED, ensure_streams

__all__ = [
    "FEED",
    "Consumer",
    "Handler",
    "Heard",
    "NotYet",
    "Relay",
    "Subscription",
    "Unprocessable",
    "enqueue",
    "enqueue_many",
    "ensure_streams",
    "follow",
    "follow_many",
    "listen",
    "replay",
]
