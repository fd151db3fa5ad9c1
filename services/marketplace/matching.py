"""The one question that the marketplace asks another service: which offers should this intent get?"""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.explain import SweepAnswer, SweepQuestion, SweptField, WhyNotAnswer, WhyNotQuestion
from shared.contracts.http import SelectAnswer, SelectPolicy, SelectQuestion
from shared.kit.clients import ask
from shared.kit.messaging import Relay


class Matching:
    """Asks so that every offer answered 201 before the question is in the book that is searched."""

    def __init__(self, http: httpx.AsyncClient, relay: Relay) -> None:
        self._http, self._relay = http, relay

    async def select(self, *policies: SelectPolicy, now: int, record: bool = False) -> list[SelectAnswer]:
        """An answer per policy, with the record of the decision where one is wanted.

        Raises `matching_behind` when the newest offer facts do not get through in time."""
        after = await self._head()
        answers = []
        for policy in policies:
            question = SelectQuestion(policy=policy, now=now, after_seq=after, record=record)
            answers.append(
                SelectAnswer.model_validate(await ask(self._http, "POST", "/match/select", json=question.model_dump(mode="json")))
            )
        return answers

    async def sweep(self, policy: SelectPolicy, field: SweptField, values: Sequence[int | float], *, now: int) -> SweepAnswer:
        """What `policy` would choose with each of `values` (budgets in micro-credits), by one question."""
        question = SweepQuestion(policy=policy, field=field, values=tuple(values), now=now, after_seq=await self._head())
        return SweepAnswer.model_validate(await ask(self._http, "POST", "/match/sweep", json=question.model_dump(mode="json")))

    async def why_not(self, offer_id: str, policies: Sequence[SelectPolicy], prices: Sequence[int], *, now: int) -> WhyNotAnswer:
        """How an offer fares under each policy, at its own and at other prices, by one question."""
        question = WhyNotQuestion(
            offer_id=offer_id, policies=tuple(policies), prices=tuple(prices), now=now, after_seq=await self._head()
        )
        return WhyNotAnswer.model_validate(await ask(self._http, "POST", "/match/why_not", json=question.model_dump(mode="json")))

    async def _head(self) -> int:
        try:
            return await self._relay.head("OFFERS", timeout_s=2)
        except TimeoutError as error:
            raise Refusal(ErrorCode.MATCHING_BEHIND) from error
