"""A contract's evidence: all that the services know of it, from the offers to the ledger, as one signed document."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.gateway.domain import Upstream
from services.gateway.settings import GatewaySettings
from services.gateway.upstreams import Upstreams, path_of, upstreams_of
from shared.contracts.errors import ErrorCode as E
from shared.contracts.errors import Refusal
from shared.kit import evidence
from shared.kit.auth import Anyone, Principal
from shared.kit.routing import refusals
from shared.kit.service import Runtime
from shared.kit.signing import SigningKey

router = APIRouter(tags=["evidence"])

_UNKNOWN: Final = frozenset({E.NOT_FOUND, E.CONTRACT_NOT_FOUND, E.ROUND_INTENT_NOT_FOUND, E.DECISION_NOT_FOUND, E.FORBIDDEN})


def key_of(runtime: Runtime) -> SigningKey:
    """The key for evidence. It signs nothing else where it has a file of its own; its words begin so that they can be no token."""
    key = runtime.extra.get("evidence_key")
    if key is None:
        settings: GatewaySettings = runtime.settings
        path = settings.evidence_signing_key_file or settings.token_signing_key_file
        key = runtime.extra["evidence_key"] = SigningKey(path, "EVIDENCE_SIGNING_KEY_FILE")
    found: SigningKey = key
    return found


@router.get("/.well-known/evidence-keys.json")
async def evidence_keys(request: Request) -> dict[str, Any]:
    """The public keys (a JWK set) with which evidence is checked, the present one first and those from before a rotation after it.
    Save them once: what was there must stay there."""
    runtime: Runtime = request.app.state.runtime
    settings: GatewaySettings = runtime.settings
    present, path = key_of(runtime).jwk(), settings.evidence_keys_file
    before = [] if path is None else await asyncio.to_thread(_public_keys, path)
    return {"keys": [present, *(key for key in before if key["kid"] != present["kid"])]}


def _public_keys(path: Path) -> list[dict[str, Any]]:
    """Those of a JWK set. Read each time: a rotation restarts nothing."""
    keys: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["keys"]
    return keys


@router.get(
    "/marketplace/contracts/{contract_id}/evidence",
    responses={**refusals(E.CONTRACT_NOT_FOUND, E.SERVICE_UNAVAILABLE), 200: {"content": {"application/json": {}}}},
    response_class=Response,
)
async def contract_evidence(request: Request, contract_id: str, who: Anyone) -> Response:
    """Policy, offers, decision, grants, replies, money and timeline of a contract, signed; `python -m shared.verify` checks it."""
    runtime: Runtime = request.app.state.runtime
    parts = await _parts(upstreams_of(runtime), contract_id, who)
    document = evidence.sealed(parts, key_of(runtime).sign)
    headers = {"Content-Disposition": 'attachment; filename="evidence.json"', "Cache-Control": "no-store"}
    return Response(document, media_type="application/json", headers=headers)


async def _parts(upstreams: Upstreams, contract_id: str, who: Principal) -> dict[str, Any]:
    """What each service says to the caller; null for what a service does not know yet, or does not tell this one (a seller
    learns neither the buyer's policy nor which offers were left out). Raises the services' other refusals.
    """
    path = path_of("marketplace", "contracts", contract_id)
    # Whoever may not see the contract learns nothing further.
    contract = await upstreams.get_object(Upstream.MARKETPLACE, path, who=who)
    events = contract.pop("timeline")
    intent, decision, training, ledger = await asyncio.gather(
        _known(upstreams, Upstream.MARKETPLACE, path_of("marketplace", "round_intents", contract["round_intent_id"]), who),
        _known(upstreams, Upstream.MARKETPLACE, f"{path}/decision", who),
        _known(upstreams, Upstream.TRAINING, path_of("training", "contracts", contract_id, "evidence"), who),
        _known(upstreams, Upstream.ESCROW, path_of("escrow", "contracts", contract_id, "ledger"), who),
    )
    return {
        "format": evidence.FORMAT,
        "contract_id": contract_id,
        "as_of": int(time.time()),
        "intent": intent,
        "decision": decision,
        "contract": contract,
        "training": training,
        "ledger": ledger,
        "timeline": {"events": events, "head_hash": events[-1]["hash"] if events else None},
    }


async def _known(upstreams: Upstreams, service: Upstream, path: str, who: Principal) -> dict[str, Any] | None:
    try:
        return await upstreams.get_object(service, path, who=who)
    except Refusal as refusal:
        if refusal.code in _UNKNOWN:
            return None
        raise
