"""What explains a match, as clients see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, Field

from shared.contracts.values import Paid

UNIT: Final = 1_000_000_000
"""Scores in a record are whole numbers of 10⁻⁹."""


class DecidedSet(BaseModel):
    """A set of offers; `total_price` is for all rounds. `proven`: no set of its kind is better."""

    offer_ids: list[str]
    total_price: Paid
    total_score: float
    proven: bool = True


class DecidedBook(BaseModel):
    """The offers that were there. The digest is of those that a best set could have needed."""

    offers_evaluated: int
    compatible_offers: int
    considered_offers: int
    digest: str


class DecisionOut(BaseModel):
    """Why a contract has the offers that it has."""

    contract_id: str
    hash: str = Field(description="SHA-256 of the canonical JSON of `record`, as timelines are sealed")
    code: str = Field(description="SHA-256 of the code that decided")
    decided_at: int
    question_digest: str
    book: DecidedBook
    chosen: DecidedSet
    runner_up: DecidedSet | None = Field(description="the best set that lacks a chosen offer; null where there is none")
    upper_bound: float = Field(description="a score that no set can beat, even if offers could be divided")
    greedy: DecidedSet | None = Field(description="what taking the best scores first would have chosen; null where that finds none")
    greedy_regret: float = Field(description="score that it would have lost; below zero where truthful pricing gave up more")
    record: dict[str, Any] = Field(description="what the hash is of; scores in 10⁻⁹, amounts in micro-credits for one round")


class LostToCondition(BaseModel):
    """Intents whose condition the offer fails; `alone` counts those where it is the only one."""

    reason: str
    intents: int
    alone: int


class PricePoint(BaseModel):
    """At this price it would have been chosen `chosen` times."""

    price_per_round: Paid
    chosen: int


class WhyNotOut(BaseModel):
    """How an offer fares against the intents of the recent past, asked again of the offers of now.

    `compatible` = `chosen` + `lost_to_price` + `lost_to_others` + `withheld`.
    """

    offer_id: str
    window_s: int
    intents: int = Field(description="intents that were asked again: the newest ones of the window, at most 100")
    contracted: int = Field(description="of these, how many became a contract with this offer")
    compatible: int = Field(description="of these, how many the offer suits, its price aside")
    chosen: int = Field(description="how often it would be chosen at its price now")
    lost_to_price: int = Field(description="how often a lower price of the curve would have it chosen")
    lost_to_others: int = Field(description="how often no price would")
    withheld: int = Field(description="compatible ones of which nothing more is told: only one or two other sellers suit them")
    lost_to_conditions: list[LostToCondition]
    prices: list[PricePoint] = Field(description="out of `compatible` less `withheld`, each found by asking again")


def decision(row: Mapping[str, Any]) -> DecisionOut:
    """A stored decision with its amounts in credits."""
    record = row["record"]
    rounds = record["question"]["policy"]["rounds"]

    def shown(chosen: Mapping[str, Any] | None, ids: list[str] | None = None) -> DecidedSet | None:
        if chosen is None:
            return None
        return DecidedSet(
            offer_ids=chosen["offers"] if ids is None else ids,
            total_price=chosen["price"] * rounds,
            total_score=chosen["score"] / UNIT,
            proven=chosen.get("proven", True),
        )

    chosen = shown(record["chosen"], [offer_id for offer_id, _ in record["chosen"]["offers"]])
    assert chosen is not None
    return DecisionOut(
        contract_id=row["contract_id"],
        hash=row["hash"],
        code=record["code"],
        decided_at=int(row["decided_at"].timestamp()),
        question_digest=record["question_digest"],
        book=DecidedBook.model_validate({field: record["book"][field] for field in DecidedBook.model_fields}),
        chosen=chosen,
        runner_up=shown(record["runner_up"]),
        upper_bound=record["upper_bound"] / UNIT,
        greedy=shown(record["greedy"]),
        greedy_regret=record["greedy_regret"] / UNIT,
        record=record,
    )
