"""A service's OpenAPI document as it really behaves: problems instead of FastAPI's default 422, integers where they are meant."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem document; `code` is stable, see GET /errors",
    "type": "object",
    "required": ["type", "title", "status", "code", "message", "details", "instance", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "details": {"type": "object", "additionalProperties": True},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
    },
}
_ANY_PROBLEM = {
    "description": "refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def document(app: FastAPI) -> dict[str, Any]:
    """Builds the document once and keeps it in `app.openapi_schema`."""
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    components.pop("HTTPValidationError", None)
    components.pop("ValidationError", None)
    components["Problem"] = _PROBLEM
    for item in schema["paths"].values():
        for operation in item.values():
            responses = operation["responses"]
            if "HTTPValidationError" in str(responses.get("422")):
                del responses["422"]
            responses["default"] = _ANY_PROBLEM
            body = operation.get("requestBody", {})
            if _may_be_empty(body.get("content", {}).get("application/json", {}).get("schema", {}), components):
                body.pop("required", None)
    app.openapi_schema = schema
    return schema


def _may_be_empty(schema: dict[str, Any], components: dict[str, Any]) -> bool:
    """Whether every field of a JSON body can be left out: then the body can, too (`shared.kit.routing`)."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return name in components and not components[name].get("required")
