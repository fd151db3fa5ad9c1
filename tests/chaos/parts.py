"""What a played world is made of: facts on their way, contracts as their neighbours know them, and how a process dies."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

from shared.contracts.events import ContractTerms


class Crash(BaseException):
    """The process died here. Nothing catches it but the world."""


class Violation(Exception):
    """The world is not as it must be."""


@dataclass(eq=False)
class Copy:
    """One fact on its way to one consumer."""

    consumer: str
    subject: str
    data: bytes
    event_id: str
    delivered: int = 0


@dataclass
class Contract:
    """What the played services know of a contract."""

    terms: ContractTerms
    held: bool = False
    ended: bool = False
    resolutions: int = 0
    runs: dict[str, dict[str, int]] = field(default_factory=dict)
    active: str | None = None
    disputes: dict[str, str] = field(default_factory=dict)

    @property
    def disputed(self) -> bool:
        return any(status in {"open", "under_review"} for status in self.disputes.values())


class Message:
    """A delivery, as far as a consumer looks at it. `dies` makes the ack the last thing that never happened."""

    def __init__(self, copy: Copy, *, dies: bool) -> None:
        self.copy, self._dies = copy, dies
        self.subject, self.data, self.headers = copy.subject, copy.data, {"Nats-Msg-Id": copy.event_id}
        self.metadata = SimpleNamespace(num_delivered=copy.delivered)
        self.settled = False

    async def ack(self) -> None:
        if self._dies:
            raise Crash("before the ack")
        self.settled = True

    async def nak(self, delay: float = 0) -> None:
        pass

    async def term(self) -> None:
        raise Violation(f"{self.subject} was taken for noise")

    async def in_progress(self) -> None:
        pass
