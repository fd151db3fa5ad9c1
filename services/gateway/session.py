"""Who a browser may be: in a demonstration on this machine any of the four roles, else the holder of the key it sends."""

from __future__ import annotations

import contextlib
import ipaddress
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from services.gateway.schemas import DemoSession, Me, Persona, Session
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit.auth import Anyone, Role

router = APIRouter(prefix="/session", tags=["session"])

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
    """Whether the demonstration's personas are to be had from here, or a key must be brought along. No key needed."""
    return Session(demo=request.app.state.runtime.settings.demo_mode and _is_local(request))


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
    """Whose key was sent."""
    return Me(role=who.role, participant=who.participant, key_id=who.key_id)
