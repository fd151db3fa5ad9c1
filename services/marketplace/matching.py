"""The one question that the marketplace asks another service: which offers should this intent get?"""

from __future__ import annotations

import httpx

from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.http import SelectAnswer, SelectPolicy, SelectQuestion
from shared.kit.clients import ask
from shared.kit.messaging import Relay


class Matching:
    """Asks so that every offer answered 201 before the question is in the book that is searched."""

    def __init__(self, http: httpx.AsyncClient, relay: Relay) -> None:
        self._http, self._relay = http, relay

    async def select(self, *policies: SelectPolicy, now: int) -> list[SelectAnswer]:
        """An answer per policy. Raises `matching_behind` when the newest offer facts do not get through in time."""
        try:
            after = await self._relay.head("OFFERS", timeout_s=2)
        except TimeoutError as error:
            raise Refusal(ErrorCode.MATCHING_BEHIND) from error
        answers = []
        for policy in policies:
            question = SelectQuestion(policy=policy, now=now, after_seq=after)
            answers.append(
                SelectAnswer.model_validate(await ask(self._http, "POST", "/match/select", json=question.model_dump(mode="json")))
            )
        return answers
