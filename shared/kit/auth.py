"""Who is asking: one bearer key per role, read from a file that the local stack or Compose makes.

Every service checks the role by itself; the gateway hands the client's Authorization header on.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from shared.contracts.errors import ErrorCode, Refusal


class Role(StrEnum):
    PROVIDER = "provider"  # sells: offers, claims of delivered rounds
    MODEL_OWNER = "model_owner"  # buys: intents, matches, training, release
    OPERATOR = "operator"  # runs the exchange: may do everything
    REVIEWER = "reviewer"  # reads everything, changes nothing
    SERVICE = "service"  # one service calling another


@dataclass(frozen=True)
class Principal:
    """The holder of a key."""

    role: Role

    @property
    def name(self) -> str:
        """How the holder is named in timelines."""
        return str(self.role)


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
        return Principal(found[0]) if found else None


_bearer = HTTPBearer(auto_error=False, description="Authorization: Bearer <key of your role>")


def principal_of(request: Request) -> Principal:
    """Raises `unauthorized` without a known key."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    keys: Keys = request.app.state.runtime.keys
    holder = keys.holder(key.strip()) if scheme.lower() == "bearer" else None
    if holder is None:
        raise Refusal(ErrorCode.UNAUTHORIZED)
    return holder


def allow(*roles: Role) -> Callable[..., Principal]:
    """A dependency that lets these roles in; operators always."""
    allowed = {*roles, Role.OPERATOR}

    def check(request: Request, _: Annotated[Any, Depends(_bearer)]) -> Principal:
        principal = principal_of(request)
        if principal.role not in allowed:
            raise Refusal(ErrorCode.FORBIDDEN, role=str(principal.role), allowed_roles=sorted(map(str, allowed)))
        return principal

    return check


Anyone = Annotated[Principal, Depends(allow(*Role))]
"""Any holder of a key: for reading."""

Provider = Annotated[Principal, Depends(allow(Role.PROVIDER))]
ModelOwner = Annotated[Principal, Depends(allow(Role.MODEL_OWNER))]
Party = Annotated[Principal, Depends(allow(Role.PROVIDER, Role.MODEL_OWNER))]
Reviewer = Annotated[Principal, Depends(allow(Role.REVIEWER, Role.SERVICE))]
Operator = Annotated[Principal, Depends(allow())]
ServiceOnly = Annotated[Principal, Depends(allow(Role.SERVICE))]
