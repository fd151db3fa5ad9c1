"""Training over HTTP: for clients, and for provider nodes. The ServerApp's own calls are in `reports.py`."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Query, Request, Response

from services.training_coordinator import schemas as s
from services.training_coordinator import service, store, views
from services.training_coordinator.artefacts import Artefacts
from services.training_coordinator.domain import ACTIVE, RunState
from services.training_coordinator.link import EngineUnavailable, Link
from services.training_coordinator.runner import Runner
from services.training_coordinator.settings import CoordinatorSettings
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode as E
from shared.contracts.errors import Refusal
from shared.contracts.events import ContractTerms
from shared.contracts.values import Name
from shared.kit import routing
from shared.kit.auth import Anyone, ModelOwner, Provider
from shared.kit.commit import after_commit
from shared.kit.ownership import own_only, parties
from shared.kit.paging import Paging, listing
from shared.kit.problems import invalid_fields
from shared.kit.routing import Transaction, refusals

router = routing.router(tags=["training"])

_TRIGGER = refusals(
    E.NO_CONTRACT_READY,
    E.CONTRACT_NOT_READY,
    E.CONTRACT_NOT_FOUND,
    E.INVALID_ROUNDS,
    E.TRAINING_UNAVAILABLE,
    E.PROVIDER_NODE_OFFLINE,
)


@router.post("/trigger_fl", status_code=202, responses=_TRIGGER, operation_id="trigger_fl")
@router.post("/training/trigger", status_code=202, responses=_TRIGGER)
async def trigger(request: Request, body: s.TriggerIn, who: ModelOwner) -> s.TriggerOut:
    """Binds a funded contract to a training run, which starts at once."""
    runtime = request.app.state.runtime
    settings: CoordinatorSettings = runtime.settings
    runner: Runner = runtime.extra["runner"]
    try:
        await runner.refresh_nodes()
    except EngineUnavailable as error:
        raise Refusal(E.TRAINING_UNAVAILABLE) from error
    tx = await request.state.unit.begin()
    run, terms = await service.bind(
        tx,
        body.contract_id,
        body.rounds,
        who,
        sandbox=settings.sandbox,
        round_timeout_s=settings.round_timeout_s,
    )
    after_commit(runner.wake)
    bound = s.BoundContract(**views.pending(terms).model_dump(), rounds=run["rounds"], sandbox=run["sandbox"])
    return s.TriggerOut(run_id=run["run_id"], marketplace_contract=bound)


@router.get("/training/status")
async def status(request: Request, tx: Transaction, who: Anyone) -> s.StatusOut:
    """What is being trained, what waits for it, and who is connected."""
    link: Link = request.app.state.runtime.extra["link"]
    reasons = []
    try:
        await link.check()
    except EngineUnavailable:
        reasons.append("the SuperLink does not answer")
    row = await store.last_run(tx, party=who.bound_to)
    run = None
    if row is not None:
        rounds = (await store.rounds_of(tx, [row["run_id"]]))[row["run_id"]]
        run = views.run(row, rounds, (await store.models_of(tx, [row["run_id"]])).get(row["run_id"]))
    active = run is not None and RunState(run.state) in ACTIVE
    waiting = await store.next_pending(tx, party=who.bound_to)
    return s.StatusOut(
        status="degraded" if reasons else "training" if active else "idle",
        active=active,
        round=run.rounds_completed if run and active else None,
        target_rounds=run.rounds if run and active else None,
        remaining_rounds=run.rounds - run.rounds_completed if run and active else None,
        last_started_at=run.started_at if run else None,
        current_metrics=s.Metrics(accuracy=run.accuracy if run else None, loss=run.loss if run else None),
        current_run=run if active else None,
        marketplace_pending_contract=views.pending(ContractTerms.model_validate(waiting["terms"])) if waiting else None,
        marketplace_pending_contracts=s.PendingSum.model_validate(await store.pending_sum(tx)),
        nodes=[views.node(node) for node in await store.list_nodes(tx)],
        reasons=reasons,
    )


# --- runs -------------------------------------------------------------------------------------------------------------
@router.get("/training/runs", responses=refusals(E.INVALID_LIMIT, E.INVALID_STATE))
async def list_runs(
    tx: Transaction,
    who: Anyone,
    page: Paging,
    contract_id: Annotated[Name | None, Query()] = None,
    state: Annotated[s.RunStateName | None, Query()] = None,
) -> s.RunList:
    """Runs, newest first, with their rounds."""
    rows = await store.list_runs(tx, contract_id, state, page, party=who.bound_to)
    ids = [row["run_id"] for row in rows[: page.limit]]
    rounds, models = await store.rounds_of(tx, ids), await store.models_of(tx, ids)
    shown = [views.run(row, rounds[row["run_id"]], models.get(row["run_id"])) for row in rows[: page.limit]]
    return s.RunList.model_validate(listing("runs", page, shown, [row["row_no"] for row in rows]))


@router.get("/training/runs/{run_id}", responses=refusals(E.RUN_NOT_FOUND))
async def get_run(run_id: str, tx: Transaction, who: Anyone) -> s.RunOut:
    """A run with its rounds, and what each provider delivered and contributed."""
    row = await service.run_of(tx, run_id, who)
    rounds = (await store.rounds_of(tx, [run_id]))[run_id]
    return views.run(row, rounds, (await store.models_of(tx, [run_id])).get(run_id))


@router.get(
    "/training/runs/{run_id}/model",
    responses={**refusals(E.RUN_NOT_FOUND, E.MODEL_NOT_FOUND), 200: {"content": {"application/octet-stream": {}}}},
    response_class=Response,
)
async def get_model(request: Request, run_id: str, tx: Transaction, who: ModelOwner) -> Response:
    """The trained model as a NumPy .npz; its SHA-256 is the ETag."""
    await service.run_of(tx, run_id, who, buyer=True)
    model = await store.get_model(tx, run_id)
    kept: Artefacts = request.app.state.runtime.extra["artefacts"]
    body = None if model is None else await kept.get(model["path"])
    if model is None or body is None:
        raise Refusal(E.MODEL_NOT_FOUND, run_id=run_id)
    headers = {"ETag": f'"{model["sha256"]}"', "Content-Disposition": f'attachment; filename="{run_id}.npz"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


@router.get("/training/runs/{run_id}/model_card", responses=refusals(E.RUN_NOT_FOUND, E.MODEL_NOT_FOUND))
async def get_model_card(run_id: str, response: Response, tx: Transaction, who: ModelOwner) -> s.ModelCard:
    """What is known of the run's model: task, data, rounds, metrics, code, and the privacy budget that it has spent."""
    row = await service.run_of(tx, run_id, who, buyer=True)
    model = await store.get_model(tx, run_id)
    if model is None:
        raise Refusal(E.MODEL_NOT_FOUND, run_id=run_id)
    chain = await store.chain_of(tx, run_id)
    rounds = await store.rounds_of(tx, [earlier["run_id"] for earlier in chain])
    terms = ContractTerms.model_validate(await store.terms_of(tx, row["contract_id"]))
    response.headers["Content-Disposition"] = f'inline; filename="{run_id}.card.json"'
    return views.card(row, chain, rounds, model, terms)


@router.get("/training/superlink")
async def get_superlink(request: Request, _: Provider) -> s.SuperLinkOut:
    """Where a provider's node connects to, and the authority whose certificate it will be shown."""
    settings: CoordinatorSettings = request.app.state.runtime.settings
    authority = await asyncio.to_thread(settings.superlink_ca.read_text, "utf-8")
    return s.SuperLinkOut(address=settings.superlink_public or settings.superlink, ca_certificate=authority)


@router.post("/training/runs/{run_id}/stop", status_code=202, responses=refusals(E.RUN_NOT_FOUND, E.RUN_NOT_ACTIVE))
async def stop_run(request: Request, run_id: str, tx: Transaction, who: ModelOwner) -> s.Accepted:
    """Stops a run; what was delivered until then counts."""
    await service.run_of(tx, run_id, who, buyer=True)
    await service.stop(tx, run_id)
    after_commit(request.app.state.runtime.extra["runner"].wake)
    return s.Accepted(status="stopping", run_id=run_id)


@router.get("/training/contracts/{contract_id}/evidence", responses=refusals(E.CONTRACT_NOT_FOUND))
async def contract_evidence(request: Request, contract_id: str, tx: Transaction, who: Anyone) -> s.ContractEvidence:
    """What the coordinator adds to a contract's evidence: its runs, what each node was granted and what it answered."""
    said = await store.terms_of(tx, contract_id)
    if said is None:
        raise Refusal(E.CONTRACT_NOT_FOUND, contract_id=contract_id)
    own_only(who, E.CONTRACT_NOT_FOUND, *parties(ContractTerms.model_validate(said)), contract_id=contract_id)
    rows = await store.runs_of_contract(tx, contract_id)
    ids = [row["run_id"] for row in rows]
    rounds, models, grants = await store.rounds_of(tx, ids), await store.models_of(tx, ids), await store.grants_of(tx, ids)
    issuer = request.app.state.runtime.extra["issuer"]
    return s.ContractEvidence(
        contract_id=contract_id,
        grant_keys=views.grant_keys(grants, None if issuer is None else issuer.keys()),
        runs=[views.evidence(row, rounds[row["run_id"]], models.get(row["run_id"]), grants[row["run_id"]]) for row in rows],
    )


# --- nodes ------------------------------------------------------------------------------------------------------------
@router.get("/training/nodes")
async def list_nodes(tx: Transaction, _: Anyone) -> s.NodeList:
    """Registered provider nodes, what they measured of their data, and whether they are connected."""
    rows = await store.list_nodes(tx)
    return s.NodeList(count=len(rows), nodes=[views.node(row) for row in rows])


@router.post(
    "/training/nodes",
    status_code=201,
    responses=refusals(E.NAME_REQUIRED, E.PUBLIC_KEY_REQUIRED, E.INVALID_PUBLIC_KEY, E.TRAINING_UNAVAILABLE),
)
async def register_node(request: Request, body: s.NodeIn, tx: Transaction, who: Provider) -> s.RegisteredOut:
    """Registers a node's key at the SuperLink and stores what the node measured. The same key gets the same id."""
    await service.check_registrar(tx, who, seller=body.seller_node_id, public_key=body.public_key, sandbox=body.sandbox)
    link: Link = request.app.state.runtime.extra["link"]
    try:
        node_id = await link.register_node(body.public_key, body.name)
    except ValueError as error:
        code = E.INVALID_PUBLIC_KEY
        raise invalid_fields([{"field": "public_key", "code": str(code), "message": CATALOGUE[code].cause}]) from error
    except EngineUnavailable as error:
        raise Refusal(E.TRAINING_UNAVAILABLE) from error
    await service.register(tx, {**body.model_dump(), "node_id": node_id})
    issuer = request.app.state.runtime.extra["issuer"]
    return s.RegisteredOut(node_id=node_id, grant_keys=None if issuer is None else issuer.keys())
