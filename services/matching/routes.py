"""Questions from the marketplace."""

from __future__ import annotations

import asyncio
import time

from fastapi import Request

from services.matching import decision, engine, metrics
from services.matching.book import Book
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.http import SelectAnswer, SelectQuestion
from shared.kit import routing
from shared.kit.auth import ServiceOnly
from shared.kit.routing import refusals

router = routing.router(tags=["matching"])

SMALL = 200
"""Offers that are ranked in the event loop; more go to a thread, so that other requests are not kept waiting."""


@router.post("/match/select", responses=refusals(ErrorCode.MATCHING_BEHIND))
async def select(request: Request, question: SelectQuestion, _: ServiceOnly) -> SelectAnswer:
    """The best affordable set for an intent, over a book that includes the fact `after_seq`."""
    runtime = request.app.state.runtime
    book: Book = runtime.extra["book"]
    if not await book.seen(question.after_seq, runtime.settings.catch_up_s):
        raise Refusal(ErrorCode.MATCHING_BEHIND, wanted_seq=question.after_seq, index_seq=book.seq)
    started = time.perf_counter()
    answering = decision.answer if question.record else engine.answer
    async with book.lock:
        if len(book) <= SMALL:
            answer = answering(book.columns, question.policy, question.now, seq=book.seq)
        else:
            answer = await asyncio.to_thread(answering, book.columns, question.policy, question.now, seq=book.seq)
    metrics.QUESTION_SECONDS.observe(time.perf_counter() - started)
    metrics.QUESTIONS.labels("match" if answer.has_match else "no_match").inc()
    if not answer.has_match:
        for reason, count in answer.selection_diagnostics["rejection_reasons"].items():
            metrics.UNMET.labels(reason).inc(count)
    return answer
