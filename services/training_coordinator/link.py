"""What the coordinator needs from a federated-learning engine. `flower.FlowerLink` is the real one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class EngineUnavailable(Exception):
    """The engine does not answer: nothing is known, nothing was done."""


@dataclass(frozen=True)
class NodeState:
    """A node as the engine knows it. `node_id` is an unsigned 64-bit number as text."""

    node_id: str
    name: str
    online: bool


@dataclass(frozen=True)
class RunStatus:
    """`status` is pending, starting, running, finished or unknown (the engine has never heard of the run)."""

    status: str
    sub_status: str = ""
    details: str = ""


class Link(Protocol):
    @property
    def bundle_sha256(self) -> str:
        """Of the Flower App that `start_run` hands over: what nodes are granted to run."""

    async def start_run(self, config: dict[str, str | int | float | bool]) -> str:
        """Hands the Flower App to the engine; returns the engine's run id. Raises `EngineUnavailable`."""

    async def run_status(self, engine_run_id: str) -> RunStatus: ...

    async def stop_run(self, engine_run_id: str) -> None: ...

    async def nodes(self) -> list[NodeState]: ...

    async def register_node(self, public_key: str, name: str) -> str:
        """The node's id; the same one for a key that is known. Raises ValueError for what is no key."""

    async def check(self) -> None:
        """Raises `EngineUnavailable` unless the engine answers."""
