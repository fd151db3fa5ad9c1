"""How events travel: the one import for services. Outbox and relay say, inbox and consumers hear."""

from shared.kit.inbox import Consumer, Handler, NotYet, Subscription, Unprocessable, follow, listen, replay
from shared.kit.outbox import Relay, enqueue
from shared.kit.streams import FEED, ensure_streams

__all__ = [
    "FEED",
    "Consumer",
    "Handler",
    "NotYet",
    "Relay",
    "Subscription",
    "Unprocessable",
    "enqueue",
    "ensure_streams",
    "follow",
    "listen",
    "replay",
]
