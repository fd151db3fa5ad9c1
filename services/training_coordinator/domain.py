"""The rules of training: which run state follows which, which node serves which seller, what was delivered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from shared.contracts.events import ContractTerms, Delivery, TrainingTerms


class RunState(StrEnum):
    QUEUED = "queued"  # bound to a contract, not yet at Flower
    STARTING = "starting"  # handed to Flower, not yet claimed by its ServerApp
    RUNNING = "running"  # claimed: rounds are being trained
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


TRANSITIONS: Final = frozenset(
    {
        (RunState.QUEUED, RunState.STARTING),
        (RunState.QUEUED, RunState.FAILED),
        (RunState.QUEUED, RunState.STOPPED),
        (RunState.QUEUED, RunState.RUNNING),  # the ServerApp was faster than our own note of its start
        (RunState.STARTING, RunState.RUNNING),
        (RunState.STARTING, RunState.FAILED),
        (RunState.STARTING, RunState.STOPPED),
        (RunState.RUNNING, RunState.SUCCEEDED),
        (RunState.RUNNING, RunState.FAILED),
        (RunState.RUNNING, RunState.STOPPED),
    }
)
ACTIVE: Final = frozenset({RunState.QUEUED, RunState.STARTING, RunState.RUNNING})


@dataclass(frozen=True)
class Node:
    """A registered provider node, as far as decisions need it."""

    node_id: str
    seller_node_id: str
    dataset_fingerprint: str
    sample_count: int
    sandbox: bool
    online: bool


@dataclass(frozen=True)
class Assignment:
    """Which node trains for which seller."""

    seller_node_id: str
    offer_id: str
    node: Node
    sandbox: bool  # the node stands in for a seller that has none of its own


def assign(terms: ContractTerms, nodes: Sequence[Node], *, sandbox_allowed: bool) -> tuple[list[Assignment], list[str]]:
    """A distinct online node for every seller that is not retired, and the sellers for whom there is none.

    A seller's own node must hold the contract's dataset. Where a seller has no node at all, a sandbox node serves it if that is
    allowed: those in use by nobody else first, in the order of their ids, so that the same book gives the same assignment.
    """
    taken: set[str] = set()
    assigned: list[Assignment] = []
    waiting = []
    for seller in (seller for seller in terms.sellers if not seller.retired):
        own = [node for node in nodes if node.seller_node_id == seller.seller_node_id and node.node_id not in taken]
        fit = [node for node in own if node.online and node.dataset_fingerprint == seller.dataset_fingerprint]
        if fit:
            node = min(fit, key=lambda n: n.node_id)
            taken.add(node.node_id)
            assigned.append(Assignment(seller.seller_node_id, seller.offer_id, node, sandbox=node.sandbox))
        else:
            waiting.append((seller, bool(own)))
    offline = []
    for seller, has_own in waiting:
        free = [node for node in nodes if node.sandbox and node.online and node.node_id not in taken]
        if has_own or not sandbox_allowed or not free:
            offline.append(seller.seller_node_id)
            continue
        node = min(free, key=lambda n: n.node_id)
        taken.add(node.node_id)
        assigned.append(Assignment(seller.seller_node_id, seller.offer_id, node, sandbox=True))
    order = {seller.offer_id: index for index, seller in enumerate(terms.sellers)}
    return sorted(assigned, key=lambda a: order[a.offer_id]), offline


def job_of(
    run_id: str,
    terms: ContractTerms,
    assigned: Sequence[Assignment],
    *,
    rounds: int,
    round_timeout_s: float,
    resumed_from: str | None = None,
) -> dict[str, Any]:
    """What the ServerApp is told. A node is held to the dataset that it has itself; `max_examples` bounds its weight."""
    training = terms.training or TrainingTerms()
    declared = {seller.offer_id: seller.sample_count for seller in terms.sellers}
    return {
        "run_id": run_id,
        "contract_id": terms.contract_id,
        "task": terms.task_type,
        "rounds": rounds,
        "round_timeout_s": round_timeout_s,
        "nodes": [
            {
                "node_id": a.node.node_id,
                "seller_node_id": a.seller_node_id,
                "offer_id": a.offer_id,
                "dataset_fingerprint": a.node.dataset_fingerprint,
                "max_examples": declared[a.offer_id] or a.node.sample_count,
            }
            for a in assigned
        ],
        "hyperparameters": {},
        **training.model_dump(mode="json"),
        "resumed_from": resumed_from,
    }


def deliveries(job: Mapping[str, Any], rounds: Sequence[Mapping[str, Any]]) -> list[Delivery]:
    """What each provider of the job delivered over the reported rounds; its contribution is null where no round measured it."""
    found = []
    for node in job["nodes"]:
        # By round, so that a provider that is named twice in one is paid for one.
        mine = {
            r["round"]: p for r in rounds if r["round"] > 0 for p in r["providers"] if p["offer_id"] == node["offer_id"] and p["ok"]
        }
        found.append(
            Delivery(
                seller_node_id=node["seller_node_id"],
                offer_id=node["offer_id"],
                rounds_delivered=len(mine),
                contribution=_summed(mine.values(), "contribution"),
                leave_one_out=_summed(mine.values(), "leave_one_out"),
            )
        )
    return found


def _summed(delivered: Iterable[Mapping[str, Any]], name: str) -> float | None:
    """Null where no round measured it: that is not zero."""
    measured = [p[name] for p in delivered if p.get(name) is not None]
    return sum(measured) if measured else None
