"""How everything is: every service with its own checks and latency. 503 when the loop cannot be completed."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.gateway.domain import Upstream
from services.gateway.schemas import Health
from services.gateway.upstreams import Upstreams, upstreams_of
from shared.contracts.errors import Refusal

router = APIRouter(tags=["operations"])


async def _one(upstreams: Upstreams, service: Upstream) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        body = (await upstreams.get(service, "/readyz")).json()
        ok, checks, reason = body["status"] == "ready", body["checks"], None
    except Refusal as refusal:
        ok, checks, reason = False, None, refusal.details.get("reason")
    except (ValueError, KeyError, TypeError):
        ok, checks, reason = False, None, "answers nonsense"
    latency = round((time.perf_counter() - started) * 1000, 1)
    return {"name": str(service), "status": "ok" if ok else "down", "latency_ms": latency, "checks": checks, "reason": reason}


_MODELS: Final[dict[int | str, dict[str, Any]]] = {status: {"model": Health} for status in (200, 503)}


@router.get("/health", responses=_MODELS)
@router.get("/ops/health", responses=_MODELS)
@router.get("/status", responses=_MODELS)
async def health(request: Request) -> JSONResponse:
    """`ok`, or `down` with the failing service and check. The loop needs every service."""
    runtime = request.app.state.runtime
    upstreams = upstreams_of(runtime)
    services = await asyncio.gather(*(_one(upstreams, service) for service in Upstream))
    ok = all(service["status"] == "ok" for service in services) and runtime.nc.is_connected
    body = {
        "status": "ok" if ok else "down",
        "as_of": int(time.time()),
        "services": services,
        "links": {"grafana": runtime.settings.grafana_url},
        "version": request.app.version,
    }
    return JSONResponse(body, status_code=200 if ok else 503)
