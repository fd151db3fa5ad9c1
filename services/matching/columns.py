"""Every offer at its newest version, one row each, its fields in NumPy columns: a question is a few passes over arrays."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching import scoring
from services.matching.scoring import Score
from shared.contracts.events import OfferState

T = TypeVar("T", bound=Hashable)
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

_TYPES: Final[dict[str, Any]] = {
    "version": np.int64,
    "active": np.bool_,
    "expires_at": np.int64,
    "tasks": np.int32,  # the code of the set of allowed tasks
    "modality": np.int32,
    "quality_score": np.float64,
    "min_rounds": np.int64,
    "sample_count": np.int64,
    "label_schema": np.int32,
    "privacy_profile": np.int32,
    "verified": np.bool_,
    "seller": np.int32,
    "price": np.int64,
    "score": np.int64,
}


class Codes(Generic[T]):
    """A number for each different value, in the order of arrival."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._codes: dict[T, int] = {}

    def add(self, value: T) -> int:
        code = self._codes.setdefault(value, len(self.values))
        if code == len(self.values):
            self.values.append(value)
        return code

    def find(self, *values: T) -> list[int]:
        """The values' codes; -1, which no row has, for one that was never seen."""
        return [self._codes.get(value, -1) for value in values]


class Columns:
    """`columns["price"]` is the column of prices, row by row; `ids[row]` names the offer."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.fingerprints: list[str] = []
        self.tasks: Codes[frozenset[str]] = Codes()
        self.texts: Codes[str] = Codes()  # modalities, schemas, profiles
        self.sellers: Codes[str] = Codes()
        self._rows: dict[str, int] = {}
        self._columns = {name: np.zeros(64, dtype) for name, dtype in _TYPES.items()}

    @classmethod
    def of(cls, offers: Iterable[OfferState]) -> Columns:
        made = cls()
        for offer in offers:
            made.put(offer)
        return made

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = self._columns[name][: len(self.ids)]
        return column

    def part(self, rows: Rows) -> Columns:
        """The same with these rows alone."""
        made = Columns()
        made.tasks, made.texts, made.sellers = self.tasks, self.texts, self.sellers
        made.ids = [self.ids[row] for row in rows.tolist()]
        made._columns = {name: column[rows] for name, column in self._columns.items()}
        return made

    def put(self, offer: OfferState) -> None:
        """Takes the offer in; an older version than the one that is known changes nothing."""
        row = self._rows.get(offer.offer_id)
        if row is None:
            row = self._rows[offer.offer_id] = len(self.ids)
            self.ids.append(offer.offer_id)
            self.fingerprints.append(offer.dataset_fingerprint)
            if row == len(self._columns["price"]):
                self._columns = {name: np.concatenate([column, np.zeros_like(column)]) for name, column in self._columns.items()}
        elif self._columns["version"][row] > offer.version:
            return
        self.fingerprints[row] = offer.dataset_fingerprint
        verified = offer.attestation_status == "verified"
        fields = {
            "version": offer.version,
            "active": offer.status == "active",
            "expires_at": offer.expires_at,
            "tasks": self.tasks.add(frozenset(offer.allowed_tasks)),
            "modality": self.texts.add(offer.modality),
            "quality_score": offer.quality_score,
            "min_rounds": offer.min_rounds,
            "sample_count": offer.sample_count,
            "label_schema": self.texts.add(offer.label_schema),
            "privacy_profile": self.texts.add(offer.privacy_profile),
            "verified": verified,
            "seller": self.sellers.add(offer.seller_node_id),
            "price": offer.price_per_round,
            "score": scoring.score(offer.quality_score, offer.price_per_round, verified=verified).total,
        }
        for name, value in fields.items():
            self._columns[name][row] = value

    def score(self, row: int) -> Score:
        columns = self._columns
        return scoring.score(
            float(columns["quality_score"][row]), int(columns["price"][row]), verified=bool(columns["verified"][row])
        )

    def seller(self, row: int) -> str:
        return self.sellers.values[int(self._columns["seller"][row])]

    def best(self, rows: Rows, count: int) -> list[int]:
        """The first `count` of `rows` by score (high first), price, id. Sorts no more than it has to."""
        taken: list[int] = []
        for key in (-self["score"], self["price"]):
            values = key[rows]
            wanted = count - len(taken)
            if len(rows) <= wanted or wanted == 0:
                break
            limit = np.partition(values, wanted - 1)[wanted - 1]
            taken += rows[values < limit].tolist()
            rows = rows[values == limit]
        taken += heapq.nsmallest(count - len(taken), rows.tolist(), key=self.ids.__getitem__)
        score, price = self["score"], self["price"]
        return sorted(taken, key=lambda row: (-score[row], price[row], self.ids[row]))
