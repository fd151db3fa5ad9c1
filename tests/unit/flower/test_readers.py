"""Files of strangers become a data set or a sentence, and never code that runs."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oe_app import readers
from oe_app.data import Dataset, UnusableData
from oe_app.readers import sandbox
from sklearn import datasets


def archive(path: Path, **arrays: Any) -> str:
    np.savez(path, **arrays)
    return str(path)


def test_an_archive_with_samples_and_labels_is_read(tmp_path: Path) -> None:
    spec = archive(tmp_path / "a.npz", X=np.array([[1, 2], [3, 4]]), y=np.array([0, 1], dtype=np.uint8))

    dataset = readers.read(spec)

    assert dataset.features.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert dataset.labels.tolist() == [0, 1]
    assert dataset.modality == "tabular"


def test_samples_with_more_than_one_dimension_are_images(tmp_path: Path) -> None:
    dataset = readers.read(archive(tmp_path / "a.npz", X=np.zeros((3, 8, 8)), y=np.zeros(3, dtype=int)))

    assert dataset.features.shape == (3, 64)
    assert dataset.modality == "image"


def test_a_folder_is_read_as_one_data_set_in_the_order_of_its_names(tmp_path: Path) -> None:
    archive(tmp_path / "2.npz", X=np.array([[2.0]]), y=np.array([2]))
    archive(tmp_path / "1.npz", X=np.array([[1.0]]), y=np.array([1]))
    (tmp_path / "README.txt").write_text("not data")

    dataset = readers.read(str(tmp_path))

    assert dataset.features.ravel().tolist() == [1.0, 2.0]


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def __reduce__(self) -> Any:
        return open, (self._path, "w")


@pytest.mark.parametrize("where", ["X", "y"])
def test_a_pickle_in_an_archive_is_refused_and_not_run(tmp_path: Path, where: str) -> None:
    fired = tmp_path / "fired"
    bomb = np.array([Bomb(fired), Bomb(fired)], dtype=object)
    arrays = {"X": np.zeros((2, 1)), "y": np.zeros(2, dtype=int), where: bomb}
    spec = archive(tmp_path / "a.npz", **arrays)

    with pytest.raises(UnusableData):
        readers.read(spec)

    assert not fired.exists()
    fired_by_hand = np.load(spec, allow_pickle=True)[where]  # the bomb is a real one
    for made in fired_by_hand:
        made.close()
    assert fired.exists()


def _not_a_zip(path: Path) -> None:
    path.write_bytes(b"hello")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _truncated(path: Path) -> None:
    archive(path, X=np.zeros((100, 10)), y=np.zeros(100, dtype=int))
    path.write_bytes(path.read_bytes()[:-2000])


def _one_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros((2, 2)))


def _text_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("X", "1,2")
        made.writestr("y", "1")


def _claims_a_terabyte(path: Path) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 1), }"
    header += b" " * (-(10 + len(header) + 1) % 64) + b"\n"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("X.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
        made.writestr("y.npy", b"")


ARRAYS: dict[str, dict[str, Any]] = {
    "no labels": {"X": np.zeros((2, 2))},
    "no samples named so": {"x": np.zeros((2, 2)), "y": np.zeros(2, dtype=int)},
    "labels that are not whole": {"X": np.zeros((2, 2)), "y": np.array([0.5, 1.0])},
    "labels that are words": {"X": np.zeros((2, 2)), "y": np.array(["a", "b"])},
    "samples that are words": {"X": np.array([["a"], ["b"]]), "y": np.zeros(2, dtype=int)},
    "complex samples": {"X": np.zeros((2, 2), dtype=complex), "y": np.zeros(2, dtype=int)},
    "one number": {"X": np.float64(1), "y": np.int64(1)},
    "flat samples": {"X": np.zeros(2), "y": np.zeros(2, dtype=int)},
    "no samples at all": {"X": np.zeros((0, 2)), "y": np.zeros(0, dtype=int)},
    "a label too many": {"X": np.zeros((2, 2)), "y": np.zeros(3, dtype=int)},
    "NaN": {"X": np.array([[np.nan]]), "y": np.zeros(1, dtype=int)},
}


@pytest.mark.parametrize("arrays", ARRAYS.values(), ids=ARRAYS.keys())
def test_an_archive_with_other_things_is_refused_in_a_sentence(tmp_path: Path, arrays: dict[str, Any]) -> None:
    with pytest.raises(UnusableData) as caught:
        readers.read(archive(tmp_path / "a.npz", **arrays))

    assert str(caught.value)


@pytest.mark.parametrize("make", [_not_a_zip, _empty, _truncated, _one_array, _text_members, _claims_a_terabyte])
def test_a_broken_file_is_refused_in_a_sentence(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "a.npz")

    with pytest.raises(UnusableData, match=r"is not an \.npz with X and y"):
        readers.read(str(tmp_path / "a.npz"))


@settings(max_examples=150)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_damage_gives_a_data_set_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]) -> None:
    path = tmp_path_factory.mktemp("damaged") / "a.npz"
    np.savez_compressed(path, X=np.arange(6.0).reshape(3, 2), y=np.array([0, 1, 2]))
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    path.write_bytes(content)

    try:
        found = readers.read(str(path))
    except UnusableData:
        return
    assert isinstance(found, Dataset)


@pytest.mark.parametrize(
    "spec", ["missing.npz", "table.csv", ".", "sandbox.npz", "http://example.org/a.npz", "", "unknown:digits:0/3"]
)
def test_a_spec_that_leads_to_no_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnusableData):
        readers.read(spec)


def test_a_folder_with_samples_of_different_shapes_is_refused(tmp_path: Path) -> None:
    archive(tmp_path / "a.npz", X=np.zeros((2, 2)), y=np.zeros(2, dtype=int))
    archive(tmp_path / "b.npz", X=np.zeros((2, 3)), y=np.zeros(2, dtype=int))

    with pytest.raises(UnusableData, match="different shapes"):
        readers.read(str(tmp_path))


# --- the sandbox ------------------------------------------------------------------------------------------------------
def rows(dataset: Dataset) -> set[bytes]:
    return {x.tobytes() + y.tobytes() for x, y in zip(dataset.features, dataset.labels, strict=True)}


every_set = pytest.mark.parametrize("name", sandbox.SETS)


@every_set
def test_a_set_is_the_one_that_scikit_learn_loads(name: str) -> None:
    loaded = getattr(datasets, f"load_{name.replace('-', '_')}")
    features, labels = loaded(return_X_y=True, **({"scaled": False} if name == "diabetes" else {}))

    mine, own, _ = sandbox.SETS[name]()

    assert np.array_equal(own, labels)
    expected = features / 16 if name == "digits" else (features - features.mean(axis=0)) / features.std(axis=0)
    assert np.allclose(mine, expected)


@pytest.mark.parametrize("of", [1, 3, 8])
@every_set
def test_the_shares_of_a_set_are_disjoint_and_together_all_that_is_given(name: str, of: int) -> None:
    train, validation = sandbox.split(name)
    shares = []
    for index in range(of):
        with contextlib.suppress(UnusableData):  # of a small set in many shares, one may be empty
            shares.append(readers.read(f"sandbox:{name}:{index}/{of}"))

    assert sum(map(len, shares)) == len(train)
    assert set.union(*map(rows, shares)) == rows(train)
    assert len(validation) == sandbox.HELD_BACK[name]


@every_set
def test_nobody_is_given_a_sample_of_the_validation_set(name: str) -> None:
    train, validation = sandbox.split(name)

    assert not rows(train) & rows(validation)


def test_the_shares_differ_in_their_labels() -> None:
    shares = [readers.read(f"sandbox:digits:{index}/3") for index in range(3)]
    most = [np.bincount(share.labels, minlength=10) / len(share) for share in shares]

    # Half the sum of differences is the share of labels that would have to change: at least a third between any two.
    assert all(np.abs(most[i] - most[j]).sum() / 2 > 1 / 3 for i, j in [(0, 1), (0, 2), (1, 2)])


@pytest.mark.parametrize("spec", ["3/3", "-1/3", "0/0", "a/b", "1", "0/3:more", ""])
def test_a_share_that_does_not_exist_is_refused(spec: str) -> None:
    with pytest.raises(UnusableData):
        readers.read(f"sandbox:digits:{spec}")


def test_a_set_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnusableData):
        readers.read("sandbox:faces:0/3")
