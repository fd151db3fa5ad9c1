"""How updates become the next model: Flower's own strategies by the name that an intent gives, with central privacy around them.

Flower's part is kept to what it does with sound replies; which nodes are addressed, and how long anybody waits, is `strategy`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final, cast

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import (
    DifferentialPrivacyServerSideFixedClipping,
    FedAdam,
    FedAvg,
    FedProx,
    FedTrimmedAvg,
    Krum,
)

DEFAULT: Final = "fedavg"
PROXIMAL_MU: Final = 0.1
TRIMMED: Final = 0.2
_ALL: Final[Mapping[str, Any]] = {
    "fraction_train": 1.0,
    "fraction_evaluate": 0.0,
    "min_train_nodes": 1,
    "min_evaluate_nodes": 0,
    "min_available_nodes": 1,
}
STRATEGIES: Final[Mapping[str, Callable[[], FedAvg]]] = {
    "fedavg": lambda: FedAvg(**_ALL),
    "fedprox": lambda: FedProx(**_ALL, proximal_mu=PROXIMAL_MU),
    "fedadam": lambda: FedAdam(**_ALL),
    "trimmed_mean": lambda: FedTrimmedAvg(**_ALL, beta=TRIMMED),
    "krum": lambda: Krum(**_ALL),
}


@dataclass(frozen=True)
class Privacy:
    """Central differential privacy: each update is cut to `clipping_norm` (L2), and the mean gets Gaussian noise with a deviation of
    `noise_multiplier` × `clipping_norm` / updates (McMahan et al. 2018)."""

    noise_multiplier: float
    clipping_norm: float


class Engine:
    """One run's strategy. Raises KeyError for a name that is none of `STRATEGIES`."""

    def __init__(self, name: str = DEFAULT, privacy: Privacy | None = None) -> None:
        self._inner = STRATEGIES[name]()
        self._private: DifferentialPrivacyServerSideFixedClipping | None = None
        if privacy is not None:
            self._private = DifferentialPrivacyServerSideFixedClipping(
                self._inner, privacy.noise_multiplier, privacy.clipping_norm, num_sampled_clients=1
            )

    @property
    def private(self) -> bool:
        return self._private is not None

    def configure(self, server_round: int, arrays: ArrayRecord, online: Sequence[int]) -> ConfigRecord:
        """What Flower's strategy wants its clients to be told this round. At least one node must be online."""
        config = ConfigRecord()
        # Flower draws from the grid's nodes: it sees those that are addressed, and no others.
        only = cast(Grid, SimpleNamespace(get_node_ids=lambda: list(online)))
        (self._private or self._inner).configure_train(server_round, arrays, config, only)
        return config

    def aggregate(self, server_round: int, replies: Iterable[Message]) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """The next model of replies that are sound."""
        sound = list(replies)
        if isinstance(self._inner, FedTrimmedAvg):
            # A fifth of three is nobody: at least one is cut off at each end, where that leaves anybody.
            self._inner.beta = max(TRIMMED, 1 / len(sound) + 1e-9) if len(sound) >= 3 else 0.0
        if isinstance(self._inner, Krum):
            self._inner.num_malicious_nodes = max(0, (len(sound) - 3) // 2)  # the most that Blanchard et al. 2017 allow
        if self._private is not None:
            # The sensitivity of a mean of as many as answered, each with the same weight.
            self._private.num_sampled_clients = len(sound)
            for reply in sound:
                reply.content["metrics"] = MetricRecord({"num-examples": 1})
        return (self._private or self._inner).aggregate_train(server_round, sound)
