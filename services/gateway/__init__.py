"""The one door: what people and programs talk to, on one port.

Owns no state. Hands each call to the service that owns it, waits where a client would otherwise have to poll, and puts together
what no single service knows: health, metrics, the feed of operation events, one OpenAPI document.
Hears  every fact, for the event feed
Says   nothing
"""
