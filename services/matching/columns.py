"""Every offer at its newest version, one row each, its fields in NumPy columns: a question is a few passes over arrays.

What many offers share word for word (status, tasks, modality, …) is kept once, as their *kind*; a row has the number of its kind.
"""

from __future__ import annotations

import copy
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

NEVER: Final = 2**63 - 1
"""`expires_at` of an offer that does not expire."""
ROUGH: Final = 8192
"""Rows whose best tell what the others have to beat, before anything is partitioned."""

_KIND: Final[dict[str, Any]] = {
    "active": np.bool_,
    "tasks": np.int32,  # the code of the set of allowed tasks
    "modality": np.int32,
    "label_schema": np.int32,
    "privacy_profile": np.int32,
    "verified": np.bool_,
    "min_rounds": np.int64,
}
_OFFER: Final[dict[str, Any]] = {
    "kind": np.int32,
    "version": np.int64,
    "expires_at": np.int64,
    "quality_score": np.float64,
    "sample_count": np.int64,
    "seller": np.int32,
    "price": np.int64,
    "score": np.int32,  # at most 10⁹
}


class Codes(Generic[T]):
    """A number for each different value, in the order of arrival."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._codes: dict[T, int] = {}

    def __len__(self) -> int:
        return len(self.values)

    def add(self, value: T) -> int:
        code = self._codes.setdefault(value, len(self.values))
        if code == len(self.values):
            self.values.append(value)
        return code

    def find(self, *values: T) -> list[int]:
        """The values' codes; -1, which no row has, for one that was never seen."""
        return [self._codes.get(value, -1) for value in values]


class Names:
    """The texts behind the numbers in the columns."""

    def __init__(self) -> None:
        self.tasks: Codes[frozenset[str]] = Codes()
        self.texts: Codes[str] = Codes()  # modalities, schemas, profiles
        self.sellers: Codes[str] = Codes()


class Fields:
    """Columns of equal length by name, with the names that their numbers stand for."""

    def __init__(self, names: Names, columns: dict[str, NDArray[Any]], count: int) -> None:
        self.names, self._columns, self._count = names, columns, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = self._columns[name][: self._count]
        return column

    def block(self, start: int, stop: int) -> Fields:
        """The rows from `start` to before `stop`, without a copy."""
        stop = min(stop, self._count)
        return Fields(self.names, {name: column[start:stop] for name, column in self._columns.items()}, stop - start)

    def _add(self, count: int) -> None:
        """Room for `count` more rows; the columns at least double, so that adding costs the same however many there are."""
        self._count += count
        have = len(next(iter(self._columns.values())))
        if self._count > have:
            more = max(have, self._count - have)
            self._columns = {name: np.concatenate([column, np.zeros(more, column.dtype)]) for name, column in self._columns.items()}


class Kinds(Fields):
    """Each different combination of what offers share."""

    def __init__(self, names: Names) -> None:
        super().__init__(names, {name: np.zeros(64, dtype) for name, dtype in _KIND.items()}, 0)
        self._codes: dict[tuple[Any, ...], int] = {}

    def add(self, offer: OfferState) -> int:
        """The number of the offer's kind."""
        key = (
            offer.status,
            offer.allowed_tasks,
            offer.modality,
            offer.label_schema,
            offer.privacy_profile,
            offer.attestation_status,
            offer.min_rounds,
        )
        code = self._codes.get(key)
        if code is None:
            code = self._codes[key] = self._count
            self._add(1)
            texts = self.names.texts
            shared = {
                "active": offer.status == "active",
                "tasks": self.names.tasks.add(frozenset(offer.allowed_tasks)),
                "modality": texts.add(offer.modality),
                "label_schema": texts.add(offer.label_schema),
                "privacy_profile": texts.add(offer.privacy_profile),
                "verified": offer.attestation_status == "verified",
                "min_rounds": offer.min_rounds,
            }
            for name, value in shared.items():
                self._columns[name][code] = value
        return code


class Columns(Fields):
    """`columns["price"]` is the column of prices, row by row; `ids[row]` names the offer."""

    def __init__(self) -> None:
        names = Names()
        super().__init__(names, {name: np.zeros(64, dtype) for name, dtype in _OFFER.items()}, 0)
        self.kinds = Kinds(names)
        self.ids: list[str] = []
        self.fingerprints: list[str] = []
        self._rows: dict[str, int] = {}

    @classmethod
    def of(cls, offers: Iterable[OfferState]) -> Columns:
        made = cls()
        made.put(*offers)
        return made

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name in _KIND:
            column: NDArray[Any] = self.kinds[name][self["kind"]]
            return column
        return super().__getitem__(name)

    def scored(self, values: NDArray[Any]) -> Columns:
        """The same rows with another score."""
        other = copy.copy(self)
        other._columns = {**self._columns, "score": values}
        return other

    def part(self, rows: Rows) -> Part:
        """The same with these rows alone, and without their ids."""
        return Part(self, rows)

    def put(self, *offers: OfferState) -> None:
        """Takes offers in; an older version than the one that is known changes nothing. What is withdrawn is let go: it is off the
        market, and its row is for another, so that the columns are as long as the market is large and not as its history."""
        newest: dict[str, OfferState] = {}
        for offer in offers:
            if (known := newest.get(offer.offer_id)) is None or offer.version >= known.version:
                newest[offer.offer_id] = offer
        for offer_id in [offer_id for offer_id, offer in newest.items() if offer.status == "withdrawn"]:
            gone, row = newest.pop(offer_id), self._rows.get(offer_id)
            if row is not None and self._columns["version"][row] <= gone.version:
                self._remove(row)
        versions = self._columns["version"]
        taken: list[OfferState] = []
        rows: list[int] = []
        for offer_id, offer in newest.items():
            row = self._rows.get(offer_id)
            if row is None:
                row = self._rows[offer_id] = len(self.ids)
                self.ids.append(offer_id)
                self.fingerprints.append(offer.dataset_fingerprint)
            elif versions[row] > offer.version:
                continue
            else:
                self.fingerprints[row] = offer.dataset_fingerprint
            taken.append(offer)
            rows.append(row)
        self._add(len(self.ids) - self._count)
        self._fill(np.array(rows, np.intp), taken)

    def _remove(self, row: int) -> None:
        """The last row takes the place of this one."""
        last = self._count - 1
        for column in self._columns.values():
            column[row] = column[last]
        del self._rows[self.ids[row]]
        moved, fingerprint = self.ids.pop(), self.fingerprints.pop()
        if row != last:
            self.ids[row], self.fingerprints[row] = moved, fingerprint
            self._rows[moved] = row
        self._count = last

    def _fill(self, rows: Rows, offers: list[OfferState]) -> None:
        add_seller = self.names.sellers.add
        kinds = np.array([self.kinds.add(offer) for offer in offers], np.int32)
        quality = np.array([offer.quality_score for offer in offers], np.float64)
        price = np.array([offer.price_per_round for offer in offers], np.int64)
        values = {
            "kind": kinds,
            "version": [offer.version for offer in offers],
            "expires_at": [offer.expires_at or NEVER for offer in offers],
            "quality_score": quality,
            "sample_count": [offer.sample_count for offer in offers],
            "seller": [add_seller(offer.seller_node_id) for offer in offers],
            "price": price,
            "score": scoring.totals(quality, price, self.kinds["verified"][kinds]),
        }
        for name, column in values.items():
            self._columns[name][rows] = column

    def row(self, offer_id: str) -> int | None:
        """Where the offer is; None where it was never heard of."""
        return self._rows.get(offer_id)

    def score(self, row: int) -> Score:
        columns = self._columns
        verified = bool(self.kinds["verified"][columns["kind"][row]])
        return scoring.score(float(columns["quality_score"][row]), int(columns["price"][row]), verified=verified)

    def seller(self, row: int) -> str:
        return self.names.sellers.values[int(self._columns["seller"][row])]

    def best(self, rows: Rows, count: int) -> list[int]:
        """The first `count` of `rows` by score (high first), price, id. Sorts no more than it has to."""
        taken: list[int] = []
        for key, sign in (("score", -1), ("price", 1)):
            wanted = count - len(taken)
            if len(rows) <= wanted or wanted == 0:
                break
            values = sign * self[key][rows]
            kept = _rough(values, wanted)
            rows, values = rows[kept], values[kept]
            limit = np.partition(values, wanted - 1)[wanted - 1]
            taken += rows[values < limit].tolist()
            rows = rows[values == limit]
        taken += heapq.nsmallest(count - len(taken), rows.tolist(), key=self.ids.__getitem__)
        score, price = self["score"], self["price"]
        return sorted(taken, key=lambda row: (-score[row], price[row], self.ids[row]))


class Part(Fields):
    """Some rows of other columns; a column is copied when it is first looked at."""

    def __init__(self, whole: Columns, rows: Rows) -> None:
        super().__init__(whole.names, {}, len(rows))
        self._whole, self._rows = whole, rows

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._columns:
            self._columns[name] = self._whole[name][self._rows]
        return self._columns[name]


def _rough(values: NDArray[Any], count: int) -> Any:
    """What keeps the `count` lowest and few others: a mask, or all where there is little to leave out."""
    if len(values) <= 2 * ROUGH or count > ROUGH:
        return slice(None)
    few = values[:: len(values) // ROUGH]
    return values <= np.partition(few, count - 1)[count - 1]


def lowest(values: NDArray[Any], count: int) -> NDArray[Any]:
    """The `count` lowest values, in no order; all where there are not as many."""
    values = values[_rough(values, count)]
    return values if len(values) <= count else np.partition(values, count - 1)[:count]
