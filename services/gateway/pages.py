"""One OpenAPI document for all of it, and a page that shows it without anything from outside."""

from __future__ import annotations

import asyncio
import base64
import copy
import hashlib
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.gateway.domain import Upstream, owner_of
from services.gateway.upstreams import upstreams_of
from shared.contracts.errors import Refusal

router = APIRouter(include_in_schema=False)

PUBLIC: Final = (Upstream.MARKETPLACE, Upstream.ESCROW, Upstream.TRAINING)
KEEP_S: Final = 60


def merged(own: Mapping[str, Any], others: Mapping[Upstream, Mapping[str, Any]]) -> dict[str, Any]:
    """The gateway's document with every public call of the services. A schema whose name is taken by another one gets its service's."""
    whole: dict[str, Any] = copy.deepcopy(dict(own))
    schemas = whole.setdefault("components", {}).setdefault("schemas", {})
    for service in sorted(others):
        document = copy.deepcopy(dict(others[service]))
        theirs = document.get("components", {}).get("schemas", {})
        renamed = {name: f"{service}_{name}" for name, schema in theirs.items() if name in schemas and schemas[name] != schema}
        document = _with_names(
            document, {f"#/components/schemas/{was}": f"#/components/schemas/{now}" for was, now in renamed.items()}
        )
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            schemas.setdefault(renamed.get(name, name), schema)
        schemes = document.get("components", {}).get("securitySchemes", {})
        whole["components"].setdefault("securitySchemes", {}).update(schemes)
        for path, operations in document.get("paths", {}).items():
            public = {method: op for method, op in operations.items() if owner_of(method.upper(), path) is service}
            if public:
                # What the gateway answers itself (it may add to a service's answer) stands.
                whole["paths"].setdefault(path, {}).update(
                    {m: op for m, op in public.items() if m not in whole["paths"].get(path, {})}
                )
    whole["paths"] = dict(sorted(whole["paths"].items()))
    return whole


def _with_names(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: names.get(item, item) if key == "$ref" else _with_names(item, names) for key, item in value.items()}
    return [_with_names(item, names) for item in value] if isinstance(value, list) else value


@router.get("/openapi.json")
async def openapi(request: Request) -> dict[str, Any]:
    """The document of all public calls. A service that is down is missing until it is back."""
    runtime = request.app.state.runtime
    kept: tuple[float, dict[str, Any]] | None = runtime.extra.get("openapi")
    if kept is not None and time.monotonic() - kept[0] < KEEP_S:
        return kept[1]
    upstreams = upstreams_of(runtime)
    answers = await asyncio.gather(*(upstreams.get_object(service, "/openapi.json") for service in PUBLIC), return_exceptions=True)
    found = {service: answer for service, answer in zip(PUBLIC, answers, strict=True) if isinstance(answer, dict)}
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, Refusal):
            raise answer
    document = merged(request.app.openapi(), found)
    if len(found) == len(PUBLIC):
        runtime.extra["openapi"] = (time.monotonic(), document)
    return document


@router.get("/docs")
async def docs() -> HTMLResponse:
    """Every call with its parameters and answers. One page, no script from outside."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _CSP})


_PAGE: Final = (Path(__file__).parent / "docs.html").read_text("utf-8")


def _hashes(tag: str) -> str:
    """What a policy allows of the page's own inline parts, and of nobody else's."""
    parts = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", _PAGE, re.S)
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'" for part in parts)


_CSP: Final = (
    f"default-src 'none'; connect-src 'self'; img-src 'self' data:; script-src {_hashes('script')}; style-src {_hashes('style')};"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
