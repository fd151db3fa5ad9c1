"""The one door: what people and programs talk to, on one port.

Finds out who is asking, hands each call to the service that owns it, waits where a client would otherwise have to poll, and puts
together what no single service knows: health, metrics, the feed of operation events, one OpenAPI document.
Owns   participants and their API keys, requests to join, invitations, the audit of every change
Hears  every fact, for the event feed
Says   invite_requested, invite_approved, invite_rejected, invite_revoked, participant_registered, participant_revoked
"""
