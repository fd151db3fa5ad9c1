"""The dead letters of every service in one list, and their replay."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict

from services.gateway.domain import Upstream
from services.gateway.proxy import pass_on
from services.gateway.schemas import DeadLetterList, Replayed
from services.gateway.upstreams import path_of, upstreams_of
from shared.contracts.errors import Refusal
from shared.contracts.values import Name
from shared.kit import routing
from shared.kit.auth import Insider, Operator

router = routing.router(tags=["operations"])

KEEPERS: Final = (Upstream.MARKETPLACE, Upstream.ESCROW, Upstream.TRAINING)


class ReplayIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    service: Upstream
    consumer: Name
    event_id: Name


@router.get("/ops/dead_letters", response_model=DeadLetterList)
async def dead_letters(request: Request, _: Insider) -> dict[str, Any]:
    """Facts that a consumer gave up on, newest first; a service that is down is named in `unreachable`."""
    upstreams = upstreams_of(request.app.state.runtime)
    answers = await asyncio.gather(
        *(upstreams.get_object(service, "/ops/dead_letters") for service in KEEPERS), return_exceptions=True
    )
    letters: list[dict[str, Any]] = []
    unreachable = []
    for service, answer in zip(KEEPERS, answers, strict=True):
        if isinstance(answer, Refusal):
            unreachable.append(str(service))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            letters += [{"service": str(service), **letter} for letter in answer["dead_letters"]]
    letters.sort(key=lambda letter: -int(letter["dead_at"]))
    return {"count": len(letters), "dead_letters": letters, "unreachable": unreachable}


@router.post("/ops/dead_letters/replay", responses={200: {"model": Replayed}})
async def replay(request: Request, body: ReplayIn, who: Operator) -> Response:
    """Hands a dead letter to its handler again: all of it happens, or nothing."""
    upstreams = upstreams_of(request.app.state.runtime)
    headers = {"authorization": upstreams.authorization(body.service, who)}
    path = path_of("ops", "dead_letters", body.consumer, body.event_id, "replay")
    return pass_on(await upstreams.send(body.service, upstreams.request(body.service, "POST", path, headers=headers)))
