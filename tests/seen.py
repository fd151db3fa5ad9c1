"""The codes of every refusal that this run saw: those that services in this process gave, and those that e2e clients received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from shared.contracts.errors import ErrorCode
from shared.kit import problems

CODES: set[ErrorCode] = set()


def watch() -> None:
    """Notes every refusal that is rendered in this process from now on."""
    render = problems.problem_body

    def noting(code: ErrorCode, details: Mapping[str, Any], instance: str) -> dict[str, Any]:
        CODES.add(code)
        CODES.update(ErrorCode(field["code"]) for field in details.get("fields", ()) if "code" in field)
        return render(code, details, instance)

    problems.problem_body = noting


def told(code: str) -> str:
    """Notes the code of a provider's round, as a node answers and a run shows it. It must be one of the catalogue."""
    CODES.add(ErrorCode(code))
    return code


def note(response: httpx.Response) -> None:
    """A client's hook: notes the refusal that another process gave."""
    if response.headers.get("content-type") == problems.MEDIA_TYPE:
        response.read()
        CODES.add(ErrorCode(response.json()["code"]))
