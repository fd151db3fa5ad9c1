"""Why a match is what it is, over HTTP."""

from __future__ import annotations

import time
from typing import Annotated, Final

from fastapi import Depends, Query, Request

from services.marketplace import contracts, explanations, service, store, why_not
from services.marketplace.matching import Matching
from shared.contracts.errors import ErrorCode as E
from shared.contracts.explain import MOST_POLICIES
from shared.kit import routing
from shared.kit.auth import Principal, Provider, Role, allow
from shared.kit.ownership import own_only
from shared.kit.routing import Transaction, refusals

router = routing.router(prefix="/marketplace", tags=["marketplace"])

DEFAULT_OFFERS: Final = 3
"""What a match takes at most unless it says otherwise: assumed of intents that were not matched."""

Buyer = Annotated[Principal, Depends(allow(Role.MODEL_OWNER, Role.REVIEWER))]
"""Whoever bought, and those who check: what else was to be had is not the sellers' business."""


@router.get("/contracts/{contract_id}/decision", responses=refusals(E.CONTRACT_NOT_FOUND, E.DECISION_NOT_FOUND))
async def get_decision(contract_id: str, tx: Transaction, who: Buyer) -> explanations.DecisionOut:
    """What decided the match: the chosen set, the best other one, the bound, and what choosing by score alone would have lost."""
    return explanations.decision(await contracts.decision(tx, contract_id, who))


@router.get("/offers/{offer_id}/why_not", responses=refusals(E.OFFER_NOT_FOUND, E.INVALID_WINDOW, E.MATCHING_BEHIND))
async def get_why_not(
    request: Request,
    offer_id: str,
    who: Provider,
    window: Annotated[int, Query(ge=60, le=2_592_000, description="seconds to look back")] = 604_800,
) -> explanations.WhyNotOut:
    """How often recent intents would choose the offer, and what it loses to: conditions, its price, or other offers."""
    runtime = request.app.state.runtime
    matching: Matching = runtime.extra["matching"]
    async with runtime.pool.acquire(timeout=5) as conn:
        offer = await service.offer(conn, offer_id)
        own_only(who, E.OFFER_NOT_FOUND, offer["seller_node_id"], offer_id=offer_id)
        intents = await store.recent_intents(conn, offer_id, window_s=window, limit=MOST_POLICIES)
    prices = why_not.prices_around(offer["price_per_round"])
    policies = [service.policy_of(intent, intent["max_offers"] or DEFAULT_OFFERS) for intent in intents]
    answer = await matching.why_not(offer_id, policies, prices, now=int(time.time()))
    asked = intents[: len(answer.fared)]
    return why_not.told(
        offer_id,
        offer["price_per_round"],
        prices,
        answer.fared,
        window_s=window,
        contracted=sum(intent["contracted"] for intent in asked),
    )
