"""What can be done with identities. One function per use case; the caller opened the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.gateway import keys, store
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import ParticipantRevoked
from shared.kit.auth import Keys, Principal, Role
from shared.kit.db import Connection, Pool
from shared.kit.messaging import enqueue

Row = Mapping[str, Any]
SESSION = "oes"
"""What a session begins with."""
BOOTSTRAP = "bootstrap:"
"""What the id of a role's bootstrap key begins with."""


async def holder(pool: Pool, text: str) -> Principal | None:
    """Whose key this is; None where it is nobody's, or nobody's any more. Notes about once a minute that it was used."""
    found = keys.parts(text)
    row = None if found is None else await store.usable_key(pool, found[0])
    if found is None or row is None or not keys.opens(found[1], row["secret_sha256"]):
        return None
    if row["stale"]:
        await store.note_use(pool, row["key_id"])
    return Principal(Role(row["role"]), row["participant_id"], row["key_id"])


async def open_session(conn: Connection, who: Principal, given: str, *, lasts_s: int) -> str:
    """What a browser may hold in place of the key `given`, which `who` holds: it ends with the key, or before."""
    new = keys.make(SESSION)
    digest = keys.digest_of(_secret(new.text) + given) if who.key_id.startswith(BOOTSTRAP) else new.digest
    await store.insert_session(
        conn, {"session_id": new.key_id, "secret_sha256": digest, "key_id": who.key_id, "valid_for_s": lasts_s}
    )
    return new.text


async def open_outside_session(conn: Connection, who: Principal, *, lasts_s: int) -> str:
    """A session of somebody whom the identity provider has just vouched for. Raises `sign_in_denied` for who is locked out here."""
    assert who.participant is not None
    if await store.is_locked_out(conn, who.participant):
        raise Refusal(ErrorCode.SIGN_IN_DENIED)
    new = keys.make(SESSION)
    standing = {"key_id": who.key_id, "role": who.role, "participant_id": who.participant, "valid_for_s": lasts_s}
    await store.insert_session(conn, {"session_id": new.key_id, "secret_sha256": new.digest, **standing})
    return new.text


def _secret(text: str) -> str:
    return text.split("_", 2)[2]


async def session_holder(pool: Pool, bootstrap: Keys, text: str) -> Principal | None:
    """Whose session this is; None where it is nobody's, or over, or its key opens nothing any more."""
    found = keys.parts(text, SESSION)
    row = None if found is None else await store.usable_session(pool, found[0])
    if found is None or row is None:
        return None
    secret, key_id = found[1], str(row["key_id"])
    if key_id.startswith(BOOTSTRAP):
        role = Role(key_id.removeprefix(BOOTSTRAP))
        # A new key for the role makes another digest, and ends the session.
        return Principal(role, key_id=key_id) if keys.opens(secret + bootstrap.of(role), row["secret_sha256"]) else None
    if not keys.opens(secret, row["secret_sha256"]):
        return None
    if row["stale"]:
        await store.note_use(pool, key_id)
    return Principal(Role(row["role"]), row["participant_id"], key_id)


async def end_session(conn: Connection, text: str) -> None:
    """Ends a session that was found good; once more changes nothing."""
    if (found := keys.parts(text, SESSION)) is not None:
        await store.delete_session(conn, found[0])


async def make_key(
    conn: Connection, who: Principal, *, participant: str, role: Role, label: str, expires_in_s: float | None
) -> tuple[Row, str]:
    """A key for a participant, which is made where it is new: the row, and the key's text, which nobody will see again.

    Raises:
        Refusal: `forbidden` where somebody other than an operator wants more than another key like its own.
    """
    if who.role is not Role.OPERATOR and (participant != who.participant or role is not who.role):
        raise Refusal(ErrorCode.FORBIDDEN, role=str(who.role), reason="a participant makes keys for itself, in its own role")
    if who.role is not Role.OPERATOR and who.key_id.startswith(keys.OUTSIDE):
        raise Refusal(
            ErrorCode.FORBIDDEN, role=str(who.role), reason="a token of an identity provider makes no key that outlives it"
        )
    if who.role is not Role.OPERATOR and (left := await store.seconds_left(conn, who.key_id)) is not None:
        expires_in_s = min(left, left if expires_in_s is None else expires_in_s)  # no key outlives the one that made it
    await store.ensure_participant(conn, participant)
    return await issue(conn, participant=participant, role=role, label=label, expires_in_s=expires_in_s, by=who.name)


async def issue(
    conn: Connection, *, participant: str, role: Role, label: str, expires_in_s: float | None, by: str
) -> tuple[Row, str]:
    new = keys.make()
    row = await store.insert_key(
        conn,
        {
            "key_id": new.key_id,
            "secret_sha256": new.digest,
            "participant_id": participant,
            "role": role,
            "label": label,
            "created_by": by,
            "expires_in_s": expires_in_s,
        },
    )
    return row, new.text


async def revoke_key(conn: Connection, who: Principal, key_id: str) -> tuple[Row, Row]:
    """Ends a key, now. Once more changes nothing. Returns it as it was and as it is.

    Raises:
        Refusal: `key_not_found`; also for a key of somebody else, unless an operator asks.
    """
    row = await store.lock_key(conn, key_id)
    if row is None or (who.role is not Role.OPERATOR and row["participant_id"] != who.participant):
        raise Refusal(ErrorCode.KEY_NOT_FOUND, key_id=key_id)
    return row, await store.revoke_key(conn, key_id)


async def revoke_participant(conn: Connection, participant_id: str, who: Principal) -> Row:
    """Locks a participant out: none of its keys opens anything any more. Raises `participant_not_found`."""
    row = await store.revoke_participant(conn, participant_id)
    if row is None:
        raise Refusal(ErrorCode.PARTICIPANT_NOT_FOUND, participant=participant_id)
    await enqueue(conn, ParticipantRevoked(participant=participant_id, actor=who.name))
    return row
