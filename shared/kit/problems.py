"""Turns every refusal into `application/problem+json` (RFC 9457) with a code of the catalogue, and nothing of the inside."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from nats.errors import Error as NatsError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode, Refusal
from shared.kit import tracing
from shared.kit.db import OUTAGE, is_outage

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"
_CODES: Final = frozenset(map(str, ErrorCode))
_MAX_SHOWN: Final = 100
_BLANK: Final = frozenset({"missing", "string_too_short", "none_required"})


def problem_body(code: ErrorCode, details: Mapping[str, Any], instance: str) -> dict[str, Any]:
    """The members of a problem document for `code`."""
    spec = CATALOGUE[code]
    return {
        "type": f"/errors/{code}",
        "title": str(code).replace("_", " ").capitalize(),
        "status": spec.status,
        "code": str(code),
        "message": spec.message,
        "details": dict(details),
        "instance": instance,
        "request_id": tracing.request_id.get(),
    }


def problem(code: ErrorCode, details: Mapping[str, Any], instance: str, headers: Mapping[str, str] | None = None) -> Response:
    """A response for `code`. ASCII only, so that whatever a client sent can be echoed."""
    spec = CATALOGUE[code]
    extra = dict(headers or {})
    if spec.retry_after_s is not None:
        extra.setdefault("Retry-After", str(spec.retry_after_s))
    if spec.status == 401:
        extra["WWW-Authenticate"] = "Bearer"
    content = json.dumps(problem_body(code, details, instance)).encode()
    return Response(content, status_code=spec.status, media_type=MEDIA_TYPE, headers=extra)


def field_errors(errors: Iterable[Mapping[str, Any]], model: type[BaseModel] | None = None) -> list[dict[str, Any]]:
    """`{"field", "code", "message", …}` for each wrong field, once, in the order in which the fields are declared."""
    known = {(info.alias or name): index for index, (name, info) in enumerate(model.model_fields.items())} if model else {}
    found: dict[str, dict[str, Any]] = {}
    for error in errors:
        loc = [str(part) for part in error["loc"]]
        # ("body", "title", 0) and ("query", "limit"): the first part says where, the second which field.
        name = loc[1] if len(loc) > 1 else loc[0]
        if name in found:
            continue
        code = _code_for(name, error, nested=len(loc) > 2)
        entry: dict[str, Any] = {"field": (".".join(loc[1:]) or name)[:200], "code": str(code), "message": CATALOGUE[code].cause}
        if code is ErrorCode.UNKNOWN_FIELD:
            hint = difflib.get_close_matches(name, known, n=1)
            entry |= {"hint": hint[0]} if hint else {}
        if error["type"] in {"enum", "literal_error"}:
            entry["allowed"] = [part.strip().strip("'") for part in str(error["ctx"]["expected"]).replace(" or ", ", ").split(",")]
        found[name] = entry
    return sorted(found.values(), key=lambda entry: known.get(entry["field"].split(".")[0], len(known)))[:_MAX_SHOWN]


_SHARED: Final = {"max_uses": ErrorCode.INVALID_INVITE_LIMITS, "valid_for_s": ErrorCode.INVALID_INVITE_LIMITS}
"""Fields that have a code together."""


def _code_for(name: str, error: Mapping[str, Any], *, nested: bool) -> ErrorCode:
    required, valid = f"{name}_required", f"valid_{name}_required"
    blank = error["type"] in _BLANK or (error.get("input") is None and error["type"] != "extra_forbidden")
    if blank and not nested and required in _CODES:
        return ErrorCode(required)
    if error["type"] == "extra_forbidden" and not nested:
        return ErrorCode.UNKNOWN_FIELD
    if valid in _CODES:
        return ErrorCode(valid)
    if name in _SHARED:
        return _SHARED[name]
    invalid = f"invalid_{name.lower().replace('-', '_')}"
    return ErrorCode(invalid) if invalid in _CODES else ErrorCode.INVALID_REQUEST


def invalid_fields(fields: Sequence[dict[str, Any]]) -> Refusal:
    """The refusal of a request with these wrong fields: the first one's code, all of them in the details."""
    return Refusal(ErrorCode(fields[0]["code"]), fields=list(fields))


def _body_model(request: Request) -> type[BaseModel] | None:
    field = getattr(request.scope.get("route"), "body_field", None)
    annotation = getattr(getattr(field, "field_info", None), "annotation", None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem(error.code, error.details, request.url.path)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    refusal = invalid_fields(field_errors(error.errors(), _body_model(request)))
    return problem(refusal.code, refusal.details, request.url.path)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: ErrorCode.NOT_FOUND, 405: ErrorCode.METHOD_NOT_ALLOWED, 413: ErrorCode.BODY_TOO_LARGE}
    code = known.get(error.status_code, ErrorCode.INVALID_REQUEST if error.status_code < 500 else ErrorCode.INTERNAL_ERROR)
    return problem(code, {}, request.url.path, error.headers)


async def _on_outage(request: Request, error: Exception) -> Response:
    return failed(request.url.path, error)


def failed(path: str, error: Exception) -> Response:
    """A dependency that is down is said; anything else is a bug: the log gets everything, the client a request id."""
    if is_outage(error) or isinstance(error, NatsError):
        log.warning("request.dependency_down", path=path, error=repr(error))
        return problem(ErrorCode.SERVICE_UNAVAILABLE, {}, path)
    log.error("request.failed", path=path, exc_info=error)
    return problem(ErrorCode.INTERNAL_ERROR, {}, path)


def install(app: FastAPI) -> None:
    """Every error of `app` becomes a problem document. What is left over is caught by `shared.kit.edge`."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    for outage in (*OUTAGE, NatsError):
        app.add_exception_handler(outage, _on_outage)
