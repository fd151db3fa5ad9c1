"""The marketplace over HTTP, to the letter of the public API."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Query, Request

from services.marketplace import contracts, metrics, refused, replacing, service, store, views
from services.marketplace import schemas as s
from services.marketplace.domain import IntentStatus
from services.marketplace.matching import Matching
from services.marketplace.timeline import Step
from services.marketplace.waiting import WAITERS
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode as E
from shared.contracts.errors import Refusal
from shared.contracts.http import SelectPolicy
from shared.contracts.values import Name
from shared.kit import routing
from shared.kit.auth import Anyone, ModelOwner, Principal, Provider
from shared.kit.db import Connection
from shared.kit.ownership import in_own_name
from shared.kit.paging import Paging, listing
from shared.kit.problems import invalid_fields
from shared.kit.routing import Transaction, refusals
from shared.kit.service import Runtime

router = routing.router(prefix="/marketplace", tags=["marketplace"])


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def _now() -> int:
    return int(time.time())


# --- offers -----------------------------------------------------------------------------------------------------------
@router.post("/offers", status_code=201, responses=refusals(E.SELLER_NODE_ID_REQUIRED, E.INVALID_PRICE_PER_ROUND))
async def create_offer(body: s.OfferIn, tx: Transaction, who: Provider) -> s.OfferOut:
    """Puts a dataset on the market. It is in the next match."""
    in_own_name(who, "seller_node_id", body.seller_node_id)
    return views.offer(await service.publish_offer(tx, body.model_dump()), now=_now())


@router.get("/offers", responses=refusals(E.INVALID_LIMIT, E.INVALID_STATUS, E.INVALID_SORT, E.INVALID_Q))
async def list_offers(
    tx: Transaction,
    _: Anyone,
    page: Paging,
    status: Annotated[s.OfferStatusName | None, Query()] = None,
    seller_node_id: Annotated[Name | None, Query()] = None,
    modality: Annotated[Name | None, Query()] = None,
    q: Annotated[Name | None, Query(description="text in title, seller, ids or description")] = None,
    sort: Annotated[s.OfferSort, Query(description="a leading minus sorts downwards")] = "newest",
) -> s.OfferList:
    """Offers, newest first unless `sort` says otherwise."""
    filters = {"status": status, "seller_node_id": seller_node_id, "modality": modality}
    rows = await store.list_offers(tx, filters, page, q=q, sort=sort)
    now = _now()
    shown = [views.offer(row, now=now) for row in rows[: page.limit]]
    return s.OfferList.model_validate(listing("offers", page, shown, [row["row_no"] for row in rows]))


@router.get("/offers/{offer_id}", responses=refusals(E.OFFER_NOT_FOUND))
async def get_offer(offer_id: str, tx: Transaction, _: Anyone) -> s.OfferOut:
    return views.offer(await service.offer(tx, offer_id), now=_now())


@router.patch("/offers/{offer_id}", responses=refusals(E.OFFER_NOT_FOUND, E.UNKNOWN_FIELD))
async def patch_offer(offer_id: str, body: s.OfferPatch, tx: Transaction, who: Provider) -> s.OfferOut:
    """Changes an offer; its version rises by one. Contracts keep the version they were made on."""
    return views.offer(await service.change_offer(tx, offer_id, body.model_dump(exclude_unset=True), who), now=_now())


# --- intents ----------------------------------------------------------------------------------------------------------
@router.post("/round_intents", status_code=201, responses=refusals(E.MODEL_OWNER_ID_REQUIRED, E.TASK_TYPE_REQUIRED))
async def create_intent(request: Request, body: s.IntentIn, tx: Transaction, who: ModelOwner) -> s.IntentOut:
    """Says what a model owner wants to buy, and how it is to be settled."""
    in_own_name(who, "model_owner_id", body.model_owner_id)
    settlement: str = _runtime(request).settings.settlement
    return views.intent(await service.open_intent(tx, body.model_dump(), settlement=settlement, now=(now := _now())), now=now)


@router.get("/round_intents", responses=refusals(E.INVALID_LIMIT, E.INVALID_STATUS))
async def list_intents(
    tx: Transaction,
    who: Anyone,
    page: Paging,
    status: Annotated[IntentStatus | None, Query()] = None,
    model_owner_id: Annotated[Name | None, Query()] = None,
) -> s.IntentList:
    """Round intents, newest first."""
    now = _now()
    await service.expire_intents(tx, now=now)  # so that the filter finds what the answer shows
    rows = await store.list_intents(tx, {"status": status, "model_owner_id": model_owner_id}, page, owner=who.bound_to)
    shown = [views.intent(row, now=now) for row in rows[: page.limit]]
    return s.IntentList.model_validate(listing("round_intents", page, shown, [row["row_no"] for row in rows]))


@router.get("/round_intents/{round_intent_id}", responses=refusals(E.ROUND_INTENT_NOT_FOUND))
async def get_intent(round_intent_id: str, tx: Transaction, who: Anyone) -> s.IntentOut:
    return views.intent(await service.intent(tx, round_intent_id, who), now=_now())


@router.patch(
    "/round_intents/{round_intent_id}",
    responses=refusals(E.ROUND_INTENT_NOT_FOUND, E.INVALID_STATUS, E.INVALID_STATUS_TRANSITION, E.ROUND_INTENT_NOT_OPEN),
)
async def patch_intent(round_intent_id: str, body: s.IntentPatch, tx: Transaction, who: ModelOwner) -> s.IntentOut:
    """Changes an open intent, or moves it: a client may cancel an open one and close a matched one."""
    now = _now()
    return views.intent(
        await service.change_intent(tx, round_intent_id, body.model_dump(exclude_unset=True), who, now=now), now=now
    )


# --- matching ---------------------------------------------------------------------------------------------------------
@router.post(
    "/match",
    status_code=201,
    responses=refusals(
        E.ROUND_INTENT_ID_REQUIRED,
        E.INVALID_MAX_OFFERS,
        E.ROUND_INTENT_NOT_FOUND,
        E.ROUND_INTENT_NOT_OPEN,
        E.ROUND_INTENT_EXPIRED,
        E.NO_COMPATIBLE_OFFERS_FOUND,
        E.MATCHING_BEHIND,
    ),
)
async def match(request: Request, body: s.MatchIn, who: ModelOwner) -> s.ContractOut:
    """Binds the intent to the best offers that it can afford, and opens their contract."""
    started = time.perf_counter()
    try:
        row = await _match(request, body, who)
    except Refusal as refusal:
        metrics.MATCHES.labels(str(refusal.code)).inc()
        if refusal.code is E.NO_COMPATIBLE_OFFERS_FOUND:
            metrics.note_unmet(refusal.details)
        raise
    finally:
        metrics.MATCH_SECONDS.observe(time.perf_counter() - started)
    metrics.MATCHES.labels("matched").inc()
    return row


@contextlib.asynccontextmanager
async def _reading(request: Request) -> AsyncIterator[Connection]:
    """The request's connection where an Idempotency-Key has taken one: two for one request could exhaust the pool."""
    unit: routing.Unit = request.state.unit
    if unit.conn is not None:
        yield unit.conn
        return
    pool = _runtime(request).pool
    assert pool is not None
    async with pool.acquire(timeout=5) as conn:
        yield conn


async def _read_intent(request: Request, round_intent_id: str, who: Principal) -> service.Row:
    async with _reading(request) as conn:
        return await service.intent(conn, round_intent_id, who)


async def _match(request: Request, body: s.MatchIn, who: Principal) -> s.ContractOut:
    runtime = _runtime(request)
    matching: Matching = runtime.extra["matching"]
    # Read, ask, then begin: no lock is held while matching thinks.
    intent = await _read_intent(request, body.round_intent_id, who)
    contracts.check_matchable(intent, now=_now())
    policy = service.consistent(service.policy_of(intent, body.max_offers))
    for _ in range(2):
        async with _reading(request) as conn:
            asked_at = await store.snapshot(conn)
        [answer] = await matching.select(policy, now=_now(), record=True)
        tx = await request.state.unit.begin()
        try:
            async with tx.transaction():
                answer = await refused.told(
                    tx, answer, round_intent_id=body.round_intent_id, model_owner_id=intent["model_owner_id"]
                )
                row = await contracts.open_contract(tx, body.round_intent_id, answer, actor=who.name, now=_now(), asked_at=asked_at)
        except contracts.BookMoved:
            continue
        metrics.INTENT_TO_CONTRACT.observe(max(0.0, (row["created_at"] - intent["created_at"]).total_seconds()))
        return views.contract(row, await store.get_timeline(tx, row["contract_id"]))
    raise Refusal(E.MATCHING_BEHIND)


@router.post(
    "/policy/preview",
    responses=refusals(
        E.ROUND_INTENT_ID_REQUIRED, E.ROUND_INTENT_NOT_FOUND, E.INVALID_MAX_OFFERS, E.INVALID_POLICY_OVERRIDES, E.INVALID_SWEEP
    ),
)
async def preview(request: Request, body: s.PreviewIn, who: ModelOwner) -> s.PreviewOut:
    """What a match would give now, with other policy fields and without, and along the values of a field. Writes nothing; any
    status will do."""
    intent = await _read_intent(request, body.round_intent_id, who)
    overrides = body.policy_overrides.model_dump(exclude_unset=True)
    matching: Matching = _runtime(request).extra["matching"]
    own, tried = service.policy_of(intent, body.max_offers), service.policy_of(intent, body.max_offers, overrides)
    answers = await matching.select(own, service.consistent(tried), now=_now())
    owner: str = intent["model_owner_id"]
    async with _reading(request) as conn:
        baseline, changed = [
            await refused.told(conn, answer, round_intent_id=body.round_intent_id, model_owner_id=owner) for answer in answers
        ]
    along = None
    if body.sweep is not None:
        points = await matching.sweep(tried, body.sweep.field, body.sweep.values, now=_now())
        along = views.sweep(body.sweep.field, points, tried.rounds)
    return s.PreviewOut(
        preview=views.preview(changed),
        baseline=views.preview(baseline),
        difference=views.difference(baseline, own.rounds, changed, tried.rounds),
        sweep=along,
    )


@router.post("/policy/draft", responses=refusals(E.TASK_TYPE_REQUIRED, E.INVALID_MAX_OFFERS))
async def preview_draft(request: Request, body: s.DraftIn, _: ModelOwner) -> s.DraftOut:
    """What a match would give now for an intent that is not written yet. Writes nothing."""
    matching: Matching = _runtime(request).extra["matching"]
    [answer] = await matching.select(service.consistent(SelectPolicy.model_validate(body.model_dump())), now=_now())
    return s.DraftOut(preview=views.preview(answer))


# --- contracts --------------------------------------------------------------------------------------------------------
@router.get("/contracts", responses=refusals(E.INVALID_LIMIT))
async def list_contracts(
    tx: Transaction,
    who: Anyone,
    page: Paging,
    round_intent_id: Annotated[Name | None, Query()] = None,
    payout_status: Annotated[s.PayoutStatusName | None, Query()] = None,
    escrow_status: Annotated[s.EscrowStatusName | None, Query()] = None,
    model_owner_id: Annotated[Name | None, Query()] = None,
    seller_node_id: Annotated[Name | None, Query()] = None,
) -> s.ContractList:
    """Contracts, newest first, each with its timeline."""
    filters = {
        "round_intent_id": round_intent_id,
        "payout_status": payout_status,
        "escrow_status": escrow_status,
        "model_owner_id": model_owner_id,
        "seller_node_ids": seller_node_id,
    }
    rows = await store.list_contracts(tx, filters, page, party=who.bound_to)
    timelines = await store.get_timelines(tx, [row["contract_id"] for row in rows[: page.limit]])
    shown = [views.contract(row, timelines[row["contract_id"]]) for row in rows[: page.limit]]
    return s.ContractList.model_validate(listing("contracts", page, shown, [row["row_no"] for row in rows]))


def _bad(field: str, code: E) -> Refusal:
    return invalid_fields([{"field": field, "code": str(code), "message": CATALOGUE[code].cause}])


def _steps(wait_for: str | None) -> list[str]:
    if wait_for is None:
        return []
    steps = [step.strip() for step in wait_for.split(",")]
    if not all(step in tuple(map(str, Step)) for step in steps):
        raise _bad("wait_for", E.INVALID_WAIT_FOR)
    return steps


@router.get("/contracts/{contract_id}", responses=refusals(E.CONTRACT_NOT_FOUND, E.INVALID_WAIT_FOR, E.INVALID_TIMEOUT_MS))
async def get_contract(
    request: Request,
    contract_id: str,
    who: Anyone,
    wait_for: Annotated[str | None, Query(description="timeline events, separated by commas: answer once one is there")] = None,
    timeout_ms: Annotated[
        str, Query(description="how long to wait, at most 30000", json_schema_extra={"type": "integer"})
    ] = "10000",
) -> s.ContractOut:
    """A contract with its timeline; with `wait_for` a bounded long poll that answers as things stand when the time is up."""
    steps = _steps(wait_for)
    if not (timeout_ms.isascii() and timeout_ms.isdecimal() and len(timeout_ms) <= 5 and int(timeout_ms) <= 30_000):
        raise _bad("timeout_ms", E.INVALID_TIMEOUT_MS)
    runtime = _runtime(request)
    assert runtime.pool is not None
    if steps:
        async with runtime.pool.acquire() as conn:
            await contracts.contract(conn, contract_id, who)
        await WAITERS.wait_for(runtime.pool, contract_id, steps, int(timeout_ms) / 1000)
    async with runtime.pool.acquire() as conn:
        row, entries = await contracts.contract(conn, contract_id, who)
    return views.contract(row, entries)


@router.post(
    "/contracts/{contract_id}/replacements",
    responses=refusals(
        E.CONTRACT_NOT_FOUND, E.CONTRACT_NOT_READY, E.NOTHING_TO_REPLACE, E.NO_COMPATIBLE_OFFERS_FOUND, E.MATCHING_BEHIND
    ),
)
async def replace_providers(request: Request, contract_id: str, body: s.ReplaceIn, who: ModelOwner) -> s.ContractOut:
    """Puts the next best offers in the place of providers that dropped out, for the rounds that are left, within what is held."""
    matching: Matching = _runtime(request).extra["matching"]
    for _ in range(2):
        async with _reading(request) as conn:
            row, entries = await contracts.contract(conn, contract_id, who)
            gap = replacing.gap_of(row, contracts.known_of(entries), body.offer_ids)
            intent = await service.intent(conn, row["round_intent_id"])
        [answer] = await matching.select(replacing.policy_for(gap, row, intent), now=_now())
        tx = await request.state.unit.begin()
        try:
            async with tx.transaction():
                row = await replacing.replace(tx, contract_id, gap, answer, wanted=body.offer_ids, actor=who.name)
        except contracts.BookMoved:
            continue
        return views.contract(row, await store.get_timeline(tx, contract_id))
    raise Refusal(E.MATCHING_BEHIND)


@router.get("/contracts/{contract_id}/timeline", responses=refusals(E.CONTRACT_NOT_FOUND))
async def get_timeline(contract_id: str, tx: Transaction, who: Anyone) -> s.TimelineOut:
    """What happened, in order; each entry's hash covers the one before."""
    _row, entries = await contracts.contract(tx, contract_id, who)
    return views.timeline(contract_id, entries)


@router.get("/summary")
async def summary(tx: Transaction, _: Anyone) -> s.SummaryOut:
    """The market in numbers."""
    offers = await store.count_by(tx, "offer", "status")
    intents = await store.count_by(tx, "round_intent", "status")
    by_status = await store.count_by(tx, "contract", "escrow_status")
    sums = await store.escrow_sums(tx)
    numbers: dict[str, Any] = {
        "offers_total": sum(offers.values()),
        "offers_active": offers.get("active", 0),
        "open_intents": intents.get("open", 0),
        "contracts_total": sum(by_status.values()),
        "contracts_by_status": by_status,
        "locked_escrow_total": sums.get("locked", 0),
        "released_payout_total": sums.get("released", 0),
        "refunded_total": sums.get("refunded", 0),
    }
    return s.SummaryOut.model_validate(numbers)
