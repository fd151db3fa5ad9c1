"""Who is asking: the holder of a role's bootstrap key (KEYS_FILE, made by the local stack or Compose), or whom the gateway's token names.

Every service checks by itself. The gateway knows participants' own keys besides, and hands services a token in place of any key.
What each role may do is written at each route; whose things it may do it to is in `shared.contracts.access`.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers

from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.tokens import Principal, Role

__all__ = [
    "Anyone",
    "Insider",
    "Keys",
    "ModelOwner",
    "Operator",
    "Party",
    "Principal",
    "Provider",
    "Reviewer",
    "Role",
    "ServiceOnly",
    "allow",
]

PRINCIPAL: Final = "oe.principal"
"""Where in a request's scope whoever has found out the holder already puts it."""


class Keys:
    """The key of each role. Raises SystemExit with one line when the file is missing or not usable."""

    def __init__(self, by_role: Mapping[Role, str]) -> None:
        self._by_role = dict(by_role)

    @classmethod
    def read(cls, path: Path) -> Keys:
        try:
            raw = json.loads(path.read_text("utf-8"))
            keys = {Role(role): str(key) for role, key in raw.items()}
        except (OSError, ValueError, AttributeError) as error:
            raise SystemExit(f"setting KEYS_FILE: {path} is not a JSON object of role to key ({error})") from error
        if any(len(key) < 16 for key in keys.values()) or set(keys) != set(Role):
            raise SystemExit(f"setting KEYS_FILE: {path} must hold a key of 16 or more characters for each of {', '.join(Role)}")
        return cls(keys)

    def of(self, role: Role) -> str:
        return self._by_role[role]

    def holder(self, key: str) -> Principal | None:
        """Compares with every key in constant time, so that an answer's delay tells nothing."""
        given = key.encode()
        found = [role for role, known in self._by_role.items() if hmac.compare_digest(known.encode(), given)]
        return Principal(found[0], key_id=f"bootstrap:{found[0]}") if found else None


_bearer = HTTPBearer(auto_error=False, description="Authorization: Bearer <key of your role>")


def bearer_of(headers: Headers) -> str | None:
    """The key or token that a request brings along."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def principal_of(request: Request) -> Principal:
    """Raises `unauthorized` without a known key or a valid token."""
    holder: Principal | None = request.scope.get(PRINCIPAL)
    if holder is not None:
        return holder
    given = bearer_of(request.headers)
    runtime = request.app.state.runtime
    if given is not None:
        holder = runtime.keys.holder(given) or runtime.tokens.holder(given)
    if holder is None:
        raise Refusal(ErrorCode.UNAUTHORIZED)
    return holder


def allow(*roles: Role, participants: bool = True) -> Callable[..., Principal]:
    """A dependency that lets these roles in; operators always. With `participants=False` nobody who has only things of its own."""
    allowed = {*roles, Role.OPERATOR}

    def check(request: Request, _: Annotated[Any, Depends(_bearer)]) -> Principal:
        principal = principal_of(request)
        if principal.role not in allowed:
            raise Refusal(ErrorCode.FORBIDDEN, role=str(principal.role), allowed_roles=sorted(map(str, allowed)))
        if principal.bound_to is not None and not participants:
            raise Refusal(ErrorCode.FORBIDDEN, role=str(principal.role), reason="it shows what is not the participant's own")
        return principal

    check.__dict__["allowed"] = frozenset(allowed)  # for whoever wants to hold the routes against the table
    return check


Anyone = Annotated[Principal, Depends(allow(*Role))]
"""Any holder of a key: for reading."""

Insider = Annotated[Principal, Depends(allow(*Role, participants=False))]
"""Any holder but a participant in its own right: what is shown is of everybody's business."""

Provider = Annotated[Principal, Depends(allow(Role.PROVIDER))]
ModelOwner = Annotated[Principal, Depends(allow(Role.MODEL_OWNER))]
Party = Annotated[Principal, Depends(allow(Role.PROVIDER, Role.MODEL_OWNER))]
Reviewer = Annotated[Principal, Depends(allow(Role.REVIEWER, Role.SERVICE))]
Operator = Annotated[Principal, Depends(allow())]
ServiceOnly = Annotated[Principal, Depends(allow(Role.SERVICE))]
