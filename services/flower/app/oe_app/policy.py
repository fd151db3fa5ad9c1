"""The provider's own rules, in a TOML file on its own machine: whom it trains for, on what, when, how often and from which price on.

tasks = ["digits-softmax", "classification"]   # task types or tasks; without the line: all
model_owners = ["lab"]                         # without the line: all
max_rounds_per_day = 200                       # UTC days, all contracts together
min_price = 0.5                                # credits per round
hours = ["20:00-06:00"]                        # UTC; without the line: always
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

from .grant import Grant
from .refusals import NodeRefusal, Refused

MICRO: Final = 1_000_000
"""Micro-credits in a credit."""


class UnreadablePolicy(Exception):
    """The file is not there or says what no policy says; the message tells which line."""


@dataclass(frozen=True)
class Policy:
    """None is no limit."""

    tasks: frozenset[str] | None = None
    model_owners: frozenset[str] | None = None
    max_rounds_per_day: int | None = None
    min_price: float | None = None
    hours: tuple[tuple[time, time], ...] | None = None

    def check(self, grant: Grant, *, task_name: str, now: datetime) -> None:
        """Raises `NodeRefusal` for what the provider does not want. The rounds of a day are counted by `usage`."""
        if self.tasks is not None and not self.tasks & {grant.task, task_name}:
            raise NodeRefusal(Refused.POLICY_TASK_REFUSED, f"{task_name} is not among this provider's tasks")
        if self.model_owners is not None and grant.model_owner not in self.model_owners:
            raise NodeRefusal(Refused.POLICY_MODEL_OWNER_REFUSED, f"this provider does not train for {grant.model_owner}")
        if self.min_price is not None and grant.price_per_round < round(self.min_price * MICRO):
            raise NodeRefusal(Refused.POLICY_PRICE_TOO_LOW, f"this provider trains from {self.min_price:g} credits a round on")
        if self.hours is not None and not any(_within(now.time(), *span) for span in self.hours):
            raise NodeRefusal(Refused.POLICY_OUTSIDE_HOURS, f"this provider does not train at {now:%H:%M} UTC")


def _within(now: time, start: time, end: time) -> bool:
    """Whether a time of day is in a span, which may go over midnight."""
    return start <= now < end if start <= end else now >= start or now < end


def read(path: Path) -> Policy:
    """The policy in a file. Raises `UnreadablePolicy`."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadablePolicy(f"{path}: {error}") from error
    if unknown := set(said) - set(Policy.__dataclass_fields__):
        raise UnreadablePolicy(f"{path}: there is no rule '{min(unknown)}'")
    try:
        return Policy(**{name: _RULES[name](value) for name, value in said.items()})
    except (ValueError, TypeError) as error:
        raise UnreadablePolicy(f"{path}: {error}") from error


def _names(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError("tasks and model_owners are lists of names")
    return frozenset(value)


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("max_rounds_per_day is a whole number from 0 on")
    return value


def _price(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10**9:
        raise ValueError("min_price is a number of credits from 0 on")
    return float(value)


def _spans(value: Any) -> tuple[tuple[time, time], ...]:
    if not isinstance(value, list) or not all(isinstance(span, str) for span in value):
        raise ValueError('hours are a list of spans such as "20:00-06:00"')
    spans = []
    for span in value:
        start, dash, end = span.partition("-")
        if not dash:
            raise ValueError(f"'{span}' is no span such as '20:00-06:00'")
        spans.append((time.fromisoformat(start.strip()), time.fromisoformat(end.strip())))
    return tuple(spans)


_RULES: Final[dict[str, Callable[[Any], Any]]] = {
    "tasks": _names,
    "model_owners": _names,
    "max_rounds_per_day": _count,
    "min_price": _price,
    "hours": _spans,
}
