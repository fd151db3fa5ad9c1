"""Who a browser may be: in a demonstration on this machine any of the four roles, else the holder of the key it was given.

A browser gives its key once and holds a session from then on, in a cookie that no script can read.
"""

from __future__ import annotations

import contextlib
import ipaddress
from pathlib import Path
from typing import Final

from fastapi import Request, Response

from services.gateway import cookies, keys, service
from services.gateway.limiter import SESSION
from services.gateway.schemas import DemoSession, Me, Persona, Session, SessionIn
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit import routing
from shared.kit.auth import PRINCIPAL, Anyone, Principal, Role, bearer_of
from shared.kit.routing import Transaction, refusals

router = routing.router(prefix="/session", tags=["session"])

LASTS_S: Final = 12 * 3600
KEPT_S: Final = 30 * 86_400

PERSONAS: Final = {
    Role.PROVIDER: "clinic-a",
    Role.MODEL_OWNER: "research-lab",
    Role.OPERATOR: "operator",
    Role.REVIEWER: "reviewer",
}


def host_address(routes: str) -> str | None:
    """The default route's address, from the text of /proc/net/route: how a container sees the machine that it runs on."""
    for row in routes.splitlines()[1:]:
        _, destination, gateway, *_ = row.split()
        if destination == "00000000":
            return str(ipaddress.ip_address(int.from_bytes(bytes.fromhex(gateway), "little")))
    return None


def _is_local(request: Request) -> bool:
    client = request.client.host if request.client else ""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(client).is_loopback:
            return True
    if not request.app.state.runtime.settings.demo_via_host:
        return False
    with contextlib.suppress(OSError, ValueError):
        return client == host_address(Path("/proc/net/route").read_text("utf-8"))
    return False


@router.get("")
async def session(request: Request) -> Session:
    """Whether the demonstration's personas are to be had from here, and who is signed in. No key needed."""
    who: Principal | None = request.scope.get(PRINCIPAL)
    demo = request.app.state.runtime.settings.demo_mode and _is_local(request)
    oidc = request.app.state.runtime.settings.oidc_client_id is not None
    return Session(demo=demo, oidc=oidc, me=None if who is None else _me(who))


def _me(who: Principal) -> Me:
    return Me(role=who.role, participant=who.participant, key_id=who.key_id)


@router.post("", status_code=201, responses=refusals(ErrorCode.INVALID_KEEP))
async def open_session(request: Request, response: Response, body: SessionIn, tx: Transaction, who: Anyone) -> Me:
    """Takes a key (`Authorization: Bearer`) and gives a cookie that does the same in this browser, where no script can read it.

    It ends after 12 hours (30 days with `keep`), with `DELETE /session`, or with its key. A change that comes with it must come from
    a page of this origin, or it is `csrf_refused`.
    """
    given = bearer_of(request.headers)
    if given is None or who.key_id.startswith(keys.OUTSIDE):
        raise Refusal(ErrorCode.FORBIDDEN, role=str(who.role), reason="a session is made from a key, and ends with it")
    lasts_s = KEPT_S if body.keep else LASTS_S
    text = await service.open_session(tx, who, given, lasts_s=lasts_s)
    response.headers["Cache-Control"] = "no-store"
    cookies.put(response, request.scope, text, lasts_s=lasts_s if body.keep else None)
    return _me(who)


@router.delete("", status_code=204)
async def end_session(request: Request, response: Response, tx: Transaction, _: Anyone) -> None:
    """Ends the session that the cookie holds, and takes the cookie back."""
    if (session := request.scope.get(SESSION)) is not None:
        await service.end_session(tx, session)
    cookies.take_back(response, request.scope)


@router.get("/demo")
async def demo(request: Request, response: Response) -> DemoSession:
    """The demonstration's personas with their keys, for browsers on this machine; `not_found` anywhere else."""
    runtime = request.app.state.runtime
    if not (runtime.settings.demo_mode and _is_local(request)):
        raise Refusal(ErrorCode.NOT_FOUND)
    response.headers["Cache-Control"] = "no-store"
    personas = [Persona(role=role, participant=name, key=runtime.keys.of(role)) for role, name in PERSONAS.items()]
    return DemoSession(personas=personas)


@router.get("/me")
async def me(who: Anyone) -> Me:
    """Whose key or session was sent."""
    return _me(who)
