"""The catalogue of refusals, for people and programs: `/errors` and `/errors/{code}`. No key needed."""

from __future__ import annotations

from fastapi import APIRouter

from services.gateway.schemas import ErrorEntry, ErrorList
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode, Refusal

router = APIRouter(tags=["operations"])


def _entry(code: ErrorCode) -> ErrorEntry:
    spec = CATALOGUE[code]
    return ErrorEntry(
        code=str(code),
        status=spec.status,
        message=spec.message,
        cause=spec.cause,
        remedy=spec.remedy,
        retryable=spec.retry_after_s is not None,
    )


@router.get("/errors")
async def list_errors() -> ErrorList:
    """Every code that an answer can carry."""
    entries = [_entry(code) for code in CATALOGUE]
    return ErrorList(count=len(entries), errors=entries)


@router.get("/errors/{code}")
async def get_error(code: str) -> ErrorEntry:
    """What a code means, what usually causes it, and what to do."""
    try:
        return _entry(ErrorCode(code))
    except ValueError:
        raise Refusal(ErrorCode.ERROR_CODE_NOT_FOUND, code=code[:200]) from None
