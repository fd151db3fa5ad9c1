"""A data set's fingerprint names its samples, and nothing else about the file that they came in."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from oe_app import readers
from oe_app.data import Dataset, UnusableData, fingerprint
from oe_app.measure import facts


@st.composite
def datasets(draw: st.DrawFn, at_least: int = 1) -> Dataset:
    samples, features = draw(st.integers(at_least, 8)), draw(st.integers(1, 5))
    values = st.floats(-1e6, 1e6, allow_nan=False, width=64)
    labels = hnp.arrays(np.int64, samples, elements=st.integers(-5, 5))
    return Dataset(draw(hnp.arrays(np.float64, (samples, features), elements=values)), draw(labels), "tabular")


def changed(dataset: Dataset, *, features: Any = None, labels: Any = None) -> Dataset:
    return Dataset(
        dataset.features if features is None else features, dataset.labels if labels is None else labels, dataset.modality
    )


@given(datasets(), st.randoms())
def test_the_order_of_the_samples_does_not_matter(dataset: Dataset, random: Any) -> None:
    order = list(range(len(dataset)))
    random.shuffle(order)

    assert fingerprint(changed(dataset, features=dataset.features[order], labels=dataset.labels[order])) == fingerprint(dataset)


@given(datasets(), st.data())
def test_any_change_of_a_feature_changes_it(dataset: Dataset, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(dataset) - 1))
    column = data.draw(st.integers(0, dataset.features.shape[1] - 1))
    features = dataset.features.copy()
    features[row, column] = np.nextafter(features[row, column], np.inf)  # the least change that there is

    assert fingerprint(changed(dataset, features=features)) != fingerprint(dataset)


@given(datasets(), st.data())
def test_any_change_of_a_label_changes_it(dataset: Dataset, data: st.DataObject) -> None:
    labels = dataset.labels.copy()
    labels[data.draw(st.integers(0, len(dataset) - 1))] += data.draw(st.integers(1, 3))

    assert fingerprint(changed(dataset, labels=labels)) != fingerprint(dataset)


@given(datasets(at_least=2), st.data())
def test_a_sample_less_or_a_sample_twice_changes_it(dataset: Dataset, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(dataset) - 1))
    fewer = changed(dataset, features=np.delete(dataset.features, row, axis=0), labels=np.delete(dataset.labels, row))
    twice = changed(
        dataset,
        features=np.vstack([dataset.features, dataset.features[row]]),
        labels=np.append(dataset.labels, dataset.labels[row]),
    )

    assert len({fingerprint(dataset), fingerprint(fewer), fingerprint(twice)}) == 3


@given(datasets(at_least=2))
def test_labels_that_are_swapped_between_samples_change_it(dataset: Dataset) -> None:
    assume(dataset.labels[0] != dataset.labels[1])
    assume(not np.array_equal(dataset.features[0], dataset.features[1]))
    labels = dataset.labels.copy()
    labels[[0, 1]] = labels[[1, 0]]

    assert fingerprint(changed(dataset, labels=labels)) != fingerprint(dataset)


def test_the_same_numbers_in_another_shape_are_other_data() -> None:
    wide = Dataset(np.zeros((2, 3)), np.zeros(2, dtype=np.int64), "tabular")
    narrow = Dataset(np.zeros((2, 2)), np.zeros(2, dtype=np.int64), "tabular")

    assert fingerprint(wide) != fingerprint(narrow)


def test_a_negative_zero_is_a_zero() -> None:
    labels = np.array([0])

    assert fingerprint(Dataset(np.array([[-0.0]]), labels, "tabular")) == fingerprint(Dataset(np.array([[0.0]]), labels, "tabular"))


def test_it_is_what_the_documentation_says_so_that_anybody_can_compute_it() -> None:
    dataset = Dataset(np.array([[0.5, 1.0], [2.0, -3.25]]), np.array([1, 0]), "tabular")

    rows = [struct.pack("<ddq", 0.5, 1.0, 1), struct.pack("<ddq", 2.0, -3.25, 0)]
    digests = sorted(hashlib.sha256(row).digest() for row in rows)
    assert fingerprint(dataset) == hashlib.sha256(b"2:2:" + b"".join(digests)).hexdigest()


def test_compression_the_type_of_numbers_and_the_split_into_files_do_not_matter(tmp_path: Path) -> None:
    features, labels = np.arange(24, dtype=np.float32).reshape(6, 4), np.array([0, 1, 2, 0, 1, 2], dtype=np.uint8)
    (tmp_path / "parts").mkdir()
    np.savez(tmp_path / "plain.npz", X=features, y=labels)
    np.savez_compressed(tmp_path / "packed.npz", X=features.astype(">f8"), y=labels.astype(">i4"))
    np.savez(tmp_path / "parts" / "b.npz", X=features[:2], y=labels[:2])
    np.savez(tmp_path / "parts" / "a.npz", X=features[2:], y=labels[2:])

    read = [fingerprint(readers.read(str(tmp_path / name))) for name in ("plain.npz", "packed.npz", "parts")]

    assert len(set(read)) == 1


@given(datasets())
def test_the_facts_are_counted(dataset: Dataset) -> None:
    told = facts(dataset)

    assert told["sample_count"] == len(dataset) == sum(told["label_histogram"].values())
    assert {int(label) for label in told["label_histogram"]} == set(dataset.labels.tolist())
    assert told["dataset_fingerprint"] == fingerprint(dataset)


@pytest.mark.parametrize(
    "features, labels",
    [
        (np.zeros((0, 3)), np.zeros(0, dtype=np.int64)),
        (np.zeros(3), np.zeros(3, dtype=np.int64)),
        (np.zeros((3, 2)), np.zeros(2, dtype=np.int64)),
        (np.zeros((3, 2)), np.zeros((3, 1), dtype=np.int64)),
        (np.array([[1.0], [np.nan]]), np.zeros(2, dtype=np.int64)),
        (np.array([[1.0], [np.inf]]), np.zeros(2, dtype=np.int64)),
    ],
    ids=["no samples", "flat", "a label too few", "labels with a second dimension", "NaN", "infinity"],
)
def test_what_cannot_be_trained_on_is_no_data_set(features: Any, labels: Any) -> None:
    with pytest.raises(UnusableData):
        Dataset(features, labels, "tabular")
