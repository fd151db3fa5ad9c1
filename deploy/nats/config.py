"""The NATS server's configuration: a user per service that may publish its own facts and follow the streams that it hears.

What a service hears is read from its own table of handlers, so that the permissions cannot drift from the code. Streams are made
by `admin` (`python -m deploy.compose.migrate`); a service may only put one back that is gone altogether.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Final

from services.escrow.settings import EscrowSettings
from services.training_coordinator import artefacts
from shared.kit.messaging import FEED, Subscription

SAYS: Final = {
    "marketplace": ("marketplace.>",),
    "matching": (),
    "escrow": ("escrow.>",),
    "training_coordinator": ("training.>",),
    "gateway": ("gateway.>",),
}
"""Every service, and the subjects that are its own."""

FOLLOWS: Final = {"matching": "OFFERS", "gateway": FEED}
"""Services that read a stream from wherever they like, without a durable consumer."""

BUCKETS: Final = {"training_coordinator": artefacts.BUCKET}
"""Object stores, and the only service that reaches each."""

ADMIN: Final = "admin"


def subscriptions(service: str) -> tuple[Subscription, ...]:
    """What the service hears, as its own code says."""
    if service in FOLLOWS:
        return ()
    handlers = importlib.import_module(f"services.{service}.handlers")
    if service == "escrow":  # its handlers carry settings, which say nothing about what is heard
        return tuple(handlers.subscriptions(EscrowSettings.model_construct()))
    return tuple(handlers.SUBSCRIPTIONS)


def permissions(service: str) -> dict[str, Any]:
    """What the service's user may publish to and subscribe to. Anything else is refused by the server."""
    api = "$JS.API"
    publish = [*SAYS[service], f"{api}.STREAM.INFO.*", f"{api}.STREAM.CREATE.*"]
    for heard in subscriptions(service):
        place = f"{heard.stream}.{heard.consumer}"
        publish += [f"{api}.CONSUMER.{what}.{place}" for what in ("DURABLE.CREATE", "INFO", "MSG.NEXT")]
        publish += [f"$JS.ACK.{place}.>"]
    if subscriptions(service):
        publish += ["dead_letter.>"]
    if stream := FOLLOWS.get(service):
        publish += [f"{api}.CONSUMER.{what}" for what in (f"CREATE.{stream}", f"CREATE.{stream}.>", f"DELETE.{stream}.*")]
        publish += [f"{api}.CONSUMER.INFO.{stream}.*", f"{api}.STREAM.MSG.GET.{stream}", f"$JS.ACK.{stream}.>", "$JS.FC.>"]
    if bucket := BUCKETS.get(service):
        stream = f"OBJ_{bucket}"
        publish += [
            f"$O.{bucket}.>",
            f"{api}.STREAM.MSG.GET.{stream}",
            f"{api}.STREAM.PURGE.{stream}",
            f"{api}.STREAM.NAMES",
            "$JS.FC.>",
        ]
        publish += [f"{api}.CONSUMER.{what}" for what in (f"CREATE.{stream}", f"CREATE.{stream}.>", f"DELETE.{stream}.*")]
        publish += [f"{api}.CONSUMER.INFO.{stream}.*"]
    return {"publish": publish, "subscribe": [f"{inbox_prefix(service)}.>"]}


def inbox_prefix(service: str) -> str:
    """Where answers to the service go. Nobody else may listen there."""
    return f"_INBOX.{service}"


def users(passwords: Mapping[str, str]) -> list[dict[str, Any]]:
    """`passwords` has one for each service and one for `admin`."""
    admin = {"user": ADMIN, "password": passwords[ADMIN]}
    return [admin, *({"user": name, "password": passwords[name], "permissions": permissions(name)} for name in SAYS)]


def server(
    *, listen: str, monitor: str, store: str, passwords: Mapping[str, str] | None = None, durable: bool = True
) -> dict[str, Any]:
    """The whole configuration; NATS reads JSON as its own format. Without `passwords` everybody may do everything.

    `durable`: a message is on the disk before its publisher is told so.
    """
    settings: dict[str, Any] = {
        "server_name": "open-ecosystem",
        "listen": listen,
        "http": monitor,
        "jetstream": {"store_dir": store, "sync_interval": "always" if durable else "2m"},
    }
    if passwords:
        settings["authorization"] = {"users": users(passwords)}
    return settings
