"""Questions that explain: they change nothing and count as no demand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from fastapi import Request

from services.matching.book import Book
from services.matching.columns import Columns
from services.matching.sweep import sweep
from services.matching.why_not import fare
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.explain import Fared, SweepAnswer, SweepQuestion, WhyNotAnswer, WhyNotQuestion
from shared.contracts.http import SelectPolicy
from shared.kit import routing
from shared.kit.auth import ServiceOnly
from shared.kit.routing import refusals

T = TypeVar("T")

WITHIN_S: Final = 3
"""After so long a batch ends with what it has: whoever asks waits no longer than that."""

router = routing.router(tags=["matching"])


async def _on_the_book(request: Request, after_seq: int, work: Callable[[Columns], T]) -> tuple[T, int]:
    """What `work` finds in a book that includes the fact `after_seq`, in a thread, and how far that book is."""
    runtime = request.app.state.runtime
    book: Book = runtime.extra["book"]
    if not await book.seen(after_seq, runtime.settings.catch_up_s):
        raise Refusal(ErrorCode.MATCHING_BEHIND, wanted_seq=after_seq, index_seq=book.seq)
    async with book.lock:
        return await asyncio.to_thread(work, book.columns), book.seq


@router.post("/match/sweep", responses=refusals(ErrorCode.MATCHING_BEHIND))
async def post_sweep(request: Request, question: SweepQuestion, _: ServiceOnly) -> SweepAnswer:
    """What a policy would choose with each value of one field, by one pass over the book."""
    points, seq = await _on_the_book(
        request,
        question.after_seq,
        lambda columns: sweep(columns, question.policy, question.field, question.values, question.now),
    )
    return SweepAnswer(points=tuple(points), index_seq=seq)


@router.post("/match/why_not", responses=refusals(ErrorCode.MATCHING_BEHIND))
async def post_why_not(request: Request, question: WhyNotQuestion, _: ServiceOnly) -> WhyNotAnswer:
    """How an offer fares under each policy. Each different policy is one pass over the book, which others may use in between."""
    until = time.monotonic() + WITHIN_S
    known: dict[SelectPolicy, Fared] = {}
    fared: list[Fared] = []
    for policy in question.policies:
        if policy not in known:
            if time.monotonic() > until:
                break
            known[policy], _seq = await _on_the_book(request, question.after_seq, partial(_fare, question, policy))
        fared.append(known[policy])
    return WhyNotAnswer(fared=tuple(fared))


def _fare(question: WhyNotQuestion, policy: SelectPolicy, columns: Columns) -> Fared:
    return fare(columns, question.offer_id, policy, question.prices, question.now)
