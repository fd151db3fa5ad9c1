"""What every message passes before a provider's data is touched: its grant, and then the provider's own policy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from . import grant, policy, tasks, usage
from .refusals import NodeRefusal, Refused

BUNDLE: Final = "BUNDLE_SHA256"
"""Environment: the bundle that the provider's own executor started this process for."""
OPEN: Final = "none"
"""In place of the file of keys: a laboratory of one's own, where no grant is asked for."""


@dataclass(frozen=True)
class Permit:
    """A message that may be trained on."""

    dataset_fingerprint: str
    grant: grant.Grant | None
    server_round: int
    book: Path | None = None
    max_per_day: int | None = None

    def use(self) -> None:
        """To be called when all else is well, right before the training. Raises `NodeRefusal` where it was used before."""
        if self.grant is not None and self.book is not None:
            usage.note(self.book, self.grant.jti, self.server_round, now=datetime.now(UTC), max_per_day=self.max_per_day)


def admit(config: Mapping[str, Any], node: Mapping[str, Any], node_id: int) -> Permit:
    """The permit of a message's `config`, at a node with this configuration. Raises `NodeRefusal`.

    The node's configuration names the file of the coordinator's public keys (`grant-keys`), the file of what was used
    (`grant-book`) and, where the provider has one, its policy (`policy`).
    """
    server_round = int(config["server-round"])
    keys = str(node.get("grant-keys", ""))
    if keys == OPEN:
        return Permit(str(config["dataset-fingerprint"]), None, server_round)
    found = grant.read(str(config.get("grant", "")), Path(keys), node_id=str(node_id))
    task_name = str(config["task"])
    found.check(server_round=server_round, serves=tasks.for_type(found.task) == task_name, bundle=os.environ.get(BUNDLE, ""))
    rules = _rules(node)
    rules.check(found, task_name=task_name, now=datetime.now(UTC))
    return Permit(found.dataset, found, server_round, Path(str(node["grant-book"])), rules.max_rounds_per_day)


def _rules(node: Mapping[str, Any]) -> policy.Policy:
    path = str(node.get("policy", ""))
    if not path:
        return policy.Policy()
    try:
        return policy.read(Path(path))
    except policy.UnreadablePolicy as error:
        raise NodeRefusal(Refused.POLICY_UNREADABLE, str(error)) from error
