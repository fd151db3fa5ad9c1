"""What NATS' monitoring port says: `/varz`, and `/jsz` with every stream and consumer."""

from __future__ import annotations

from typing import Any, Final

import httpx

from deploy.exporter.family import Family, Found, Samples

TIMEOUT_S: Final = 5

_SERVER: Final = (
    (Family("nats_connections", "Client connections"), "connections"),
    (Family("nats_memory_bytes", "Resident memory of the server"), "mem"),
    (Family("nats_slow_consumers", "Connections dropped because they read too slowly", counts=True), "slow_consumers"),
    (Family("nats_messages_in", "Messages that clients sent", counts=True), "in_msgs"),
    (Family("nats_messages_out", "Messages sent to clients", counts=True), "out_msgs"),
    (Family("nats_bytes_in", "Bytes that clients sent", counts=True), "in_bytes"),
    (Family("nats_bytes_out", "Bytes sent to clients", counts=True), "out_bytes"),
)
_STREAM: Final = (
    (Family("nats_stream_messages", "Messages kept in a stream", ("stream",)), "messages"),
    (Family("nats_stream_bytes", "Bytes kept in a stream", ("stream",)), "bytes"),
    (Family("nats_stream_last_sequence", "Sequence of a stream's newest message", ("stream",), counts=True), "last_seq"),
)
_CONSUMER: Final = (
    (Family("nats_consumer_pending", "Messages that a consumer was not given yet", ("stream", "consumer")), "num_pending"),
    (Family("nats_consumer_unsettled", "Messages given and not settled yet", ("stream", "consumer")), "num_ack_pending"),
    (
        Family("nats_consumer_redelivered", "Messages given more than once and not settled", ("stream", "consumer")),
        "num_redelivered",
    ),
)


def ask(monitor_url: str) -> Found:
    with httpx.Client(base_url=monitor_url, timeout=TIMEOUT_S, trust_env=False) as http:
        server: dict[str, Any] = http.get("/varz").raise_for_status().json()
        jetstream: dict[str, Any] = http.get("/jsz", params={"consumers": "true", "config": "true"}).raise_for_status().json()
    streams = [stream for account in jetstream.get("account_details") or () for stream in account.get("stream_detail") or ()]
    found: list[tuple[Family, Samples]] = [(family, [((), float(server[field]))]) for family, field in _SERVER]
    found.append((Family("nats_jetstream_bytes", "Bytes that JetStream keeps on the disk"), [((), float(jetstream["storage"]))]))
    for family, field in _STREAM:
        found.append((family, [((stream["name"],), float(stream["state"][field])) for stream in streams]))
    durable = [
        (stream["name"], consumer)
        for stream in streams
        for consumer in stream.get("consumer_detail") or ()
        if consumer.get("config", {}).get("durable_name")  # others are readers that come and go under made-up names
    ]
    for family, field in _CONSUMER:
        found.append((family, [((stream, consumer["name"]), float(consumer[field])) for stream, consumer in durable]))
    return found
