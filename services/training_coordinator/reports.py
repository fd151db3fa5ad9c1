"""The ServerApp's own calls: it claims its run, reports each round, hands in the model, and says that it is done.

Authenticated by the run's token, which the ServerApp gets in its configuration; not forwarded by the gateway.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.training_coordinator import artefacts, grants, service, store
from services.training_coordinator import schemas as s
from shared.contracts.errors import ErrorCode as E
from shared.contracts.errors import Refusal
from shared.kit import routing
from shared.kit.routing import Transaction, UploadRoute, refusals

router = routing.router(prefix="/training/runs/{run_id}", tags=["server app"])
uploads = APIRouter(prefix="/training/runs/{run_id}", tags=["server app"], route_class=UploadRoute)


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(E.UNAUTHORIZED)
    return token


Token = Annotated[str, Depends(_token)]


@router.post("/claim", responses=refusals(E.RUN_ALREADY_CLAIMED, E.FLOWER_RUN_ID_REQUIRED))
async def claim(request: Request, run_id: str, body: s.ClaimIn, tx: Transaction, token: Token) -> dict[str, Any]:
    """The job with each node's grant, for the first ServerApp that asks."""
    row = await service.claim(tx, run_id, token, body.flower_run_id, request.app.state.runtime.extra["issuer"])
    granted = (await store.grants_of(tx, [run_id]))[run_id]
    return grants.with_grants(row["job"], {grant["offer_id"]: grant["token"] for grant in granted})


@router.post("/rounds", responses=refusals(E.ROUND_REQUIRED, E.INVALID_ROUND, E.RUN_NOT_ACTIVE))
async def report_round(run_id: str, body: s.RoundIn, tx: Transaction, token: Token) -> s.Accepted:
    """A round's measurements; the same round again changes nothing."""
    await service.report_round(tx, run_id, token, body.model_dump(mode="json"))
    return s.Accepted(status="stored", run_id=run_id)


@router.get("/checkpoint", responses=refusals(E.MODEL_NOT_FOUND, E.RUN_NOT_ACTIVE), response_class=Response)
async def get_checkpoint(request: Request, run_id: str, tx: Transaction, token: Token) -> Response:
    """The model that the run goes on with, as the contract's run before it stored it."""
    model = await service.checkpoint(tx, run_id, token)
    kept: artefacts.Artefacts = request.app.state.runtime.extra["artefacts"]
    if (body := await kept.get(model["path"])) is None:
        raise Refusal(E.MODEL_NOT_FOUND, run_id=run_id)
    return Response(body, media_type="application/octet-stream")


@router.post("/finish", responses=refusals(E.SUCCEEDED_REQUIRED, E.ROUNDS_COMPLETED_REQUIRED))
async def finish(run_id: str, body: s.FinishIn, tx: Transaction, token: Token) -> s.Accepted:
    """The run has ended; how far it came is known from its rounds."""
    await service.report_finish(
        tx, run_id, token, succeeded=body.succeeded, reason=body.reason, outcomes=body.model_dump(mode="json")["providers"]
    )
    return s.Accepted(status="finished", run_id=run_id)


@uploads.put("/model", responses=refusals(E.INVALID_MODEL, E.BODY_TOO_LARGE, E.RUN_NOT_ACTIVE))
async def upload_model(request: Request, run_id: str, tx: Transaction, token: Token) -> s.ModelStored:
    """The trained model, a NumPy .npz as the whole body."""
    await service.check_uploader(tx, run_id, token)
    body = await request.body()
    artefacts.check(body)
    kept: artefacts.Artefacts = request.app.state.runtime.extra["artefacts"]
    place, sha256 = await kept.put(run_id, body)
    await store.upsert_model(tx, run_id, sha256, len(body), place)
    return s.ModelStored(run_id=run_id, sha256=sha256, size=len(body))
