"""Tables and pictures of providers: read with what the provider says of them, refused by a code, measured, and trained on."""

from __future__ import annotations

import csv
import gzip
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oe_app import data, measure, readers, tables
from oe_app.data import Dataset, UnusableData
from oe_app.readers import Options, sandbox

from tests.seen import told

ROWS = [["age", "income", "outcome"], ["31", "2.5", "no"], ["44", "1.5", "yes"], ["29", "3.5", "no"]]


def table(path: Path, rows: Sequence[Sequence[object]], separator: str = ",") -> str:
    text = "".join(separator.join(map(str, row)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return str(path)


def refusal(spec: str, **options: Any) -> str:
    with pytest.raises(UnusableData) as caught:
        measure.check(readers.read(spec, Options(**options)))
    assert str(caught.value)
    return told(caught.value.code)


# --- reading ----------------------------------------------------------------------------------------------------------
def test_a_table_is_its_numbers_and_the_classes_of_its_label(tmp_path: Path) -> None:
    dataset = readers.read(table(tmp_path / "a.csv", ROWS))

    assert dataset.features.tolist() == [[31, 2.5], [44, 1.5], [29, 3.5]]
    assert dataset.labels.tolist() == [0, 1, 0]
    assert dataset.schema == '{"classes":["no","yes"],"features":["age","income"]}'
    assert dataset.modality == "tabular"


def test_the_label_may_be_any_column_and_there_may_be_no_header(tmp_path: Path) -> None:
    swapped = [[row[2], row[0], row[1]] for row in ROWS]
    named = readers.read(table(tmp_path / "a.csv", swapped), Options(label="outcome"))
    numbered = readers.read(table(tmp_path / "b.csv", swapped[1:]), Options(label="0", header=False))

    assert named.labels.tolist() == numbered.labels.tolist() == [0, 1, 0]
    assert np.array_equal(named.features, numbered.features)


def test_files_rows_columns_separators_and_compression_make_no_other_fingerprint(tmp_path: Path) -> None:
    whole = table(tmp_path / "a.csv", ROWS)
    turned = table(tmp_path / "b.csv.gz", [[row[1], row[2], row[0]] for row in [ROWS[0], *ROWS[:0:-1]]], ";")
    (tmp_path / "parts").mkdir()
    table(tmp_path / "parts/2.csv", ROWS[:2])
    table(tmp_path / "parts/1.csv.gz", [[row[2], row[0], row[1]] for row in [ROWS[0], *ROWS[2:]]])

    found = [data.fingerprint(readers.read(spec, Options(label="outcome"))) for spec in (whole, turned, str(tmp_path / "parts"))]

    assert len(set(found)) == 1


def test_the_order_of_the_classes_may_be_agreed_on(tmp_path: Path) -> None:
    spec = table(tmp_path / "a.csv", ROWS)

    assert readers.read(spec, Options(classes=("yes", "no", "unknown"))).labels.tolist() == [1, 0, 1]
    assert refusal(spec, classes=("yes", "unknown")) == "label_schema_mismatch"


def test_what_the_provider_said_reaches_the_node_through_its_configuration() -> None:
    said = Options(label="outcome", header=False, classes=("a", "b"), drop_missing=True)

    assert Options.of(said.as_config()) == said
    assert Options.of({"data": "a.npz"}) == Options()


# --- refusals ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "rows, code",
    [
        ([], "data_directory_empty"),
        (ROWS[:1], "data_directory_empty"),
        ([*ROWS, ["50", "1"]], "data_unreadable"),
        ([*ROWS, ["old", "1", "no"]], "data_unreadable"),
        ([["a", "a", "y"], ["1", "2", "0"]], "data_unreadable"),
        ([["y"], ["0"], ["1"]], "data_unreadable"),
        ([["a", "y"], ["1", "0.5"], ["2", "1"]], "data_unreadable"),
        ([*ROWS, ["50", "", "no"]], "data_not_finite"),
        ([*ROWS, ["50", "NaN", "no"]], "data_not_finite"),
        ([*ROWS, ["50", "inf", "no"]], "data_not_finite"),
        ([*ROWS, ["50", "1", ""]], "data_not_finite"),
        (ROWS[:2], "data_one_class"),
    ],
)
def test_a_table_that_cannot_be_sold_is_refused_by_a_code(tmp_path: Path, rows: list[list[str]], code: str) -> None:
    assert refusal(table(tmp_path / "a.csv", rows)) == code


def test_a_folder_without_data_a_missing_file_and_bytes_are_refused_by_their_codes(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.csv").write_bytes("größe,y\n1,0\n".encode("latin-1"))
    (tmp_path / "broken.csv.gz").write_bytes(b"\x1f\x8bnothing")

    assert refusal(str(tmp_path / "empty")) == "data_directory_empty"
    for name in ("gone.csv", "latin.csv", "broken.csv.gz", "notes.txt"):
        assert refusal(str(tmp_path / name)) == "data_unreadable"
    assert refusal(table(tmp_path / "a.csv", ROWS), label="gone") == "data_unreadable"


def test_samples_that_lack_a_value_are_left_out_where_the_provider_says_so(tmp_path: Path) -> None:
    rows = [*ROWS, ["50", "", "no"], ["", "?", "yes"], ["1", "1", "NA"]]

    dataset = readers.read(table(tmp_path / "a.csv", rows), Options(drop_missing=True))

    assert len(dataset) == 3
    assert measure.facts(dataset)["missing_values"] == 4


@pytest.mark.parametrize("package, file", [("pyarrow", "a.parquet"), ("PIL", "cats/1.png")])
def test_where_the_reader_is_not_installed_the_code_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, file: str
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_bytes(b"")
    load = importlib.import_module

    def without(name: str, *rest: Any) -> Any:
        if name.startswith(package):
            raise ImportError(name)
        return load(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)

    assert refusal(str(tmp_path)) == "data_reader_missing"


# --- what is an extra -------------------------------------------------------------------------------------------------
def test_a_parquet_table_is_the_same_data_as_its_csv(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {"age": [31, 44, 29], "outcome": ["no", "yes", "no"], "income": [2.5, 1.5, 3.5]}
    parquet.write_table(arrow.table(columns), tmp_path / "a.parquet", compression="zstd")
    (tmp_path / "b.parquet").write_bytes(b"PAR1")

    read = readers.read(str(tmp_path / "a.parquet"), Options(label="outcome"))

    assert data.fingerprint(read) == data.fingerprint(readers.read(table(tmp_path / "a.csv", ROWS)))
    assert refusal(str(tmp_path / "b.parquet")) == "data_unreadable"


def test_a_folder_of_pictures_per_class_is_a_data_set(tmp_path: Path) -> None:
    pillow: Any = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for number in range(3):
            pillow.fromarray(rng.integers(0, 256, (4, 6), dtype=np.uint8)).save(tmp_path / name / f"{number}.png")

    dataset = readers.read(str(tmp_path))

    assert (dataset.features.shape, dataset.modality) == ((6, 24), "image")
    assert dataset.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert 0 <= dataset.features.min() < dataset.features.max() <= 1
    pillow.new("L", (2, 2)).save(tmp_path / "cat" / "small.png")
    assert refusal(str(tmp_path)) == "data_unreadable"


# --- measuring --------------------------------------------------------------------------------------------------------
def test_what_a_node_tells_is_measured() -> None:
    whole, held_back = sandbox.split("breast-cancer")
    twice = Dataset(np.vstack([whole.features, whole.features[:3]]), np.append(whole.labels, whole.labels[:3]), "tabular")

    facts = measure.facts(twice)

    assert (facts["duplicates"], facts["missing_values"]) == (3, 0)
    assert facts["holdout_score"] > 0.9
    shuffled = np.random.default_rng(1).permutation(whole.labels)
    nonsense = measure.facts(Dataset(whole.features, shuffled, "tabular"))["holdout_score"]
    assert nonsense < 0.75, "labels that mean nothing score no better than always guessing the commoner class"
    assert measure.facts(held_back)["holdout_score"] is not None


def test_amounts_have_no_score() -> None:
    assert measure.facts(sandbox.split("diabetes")[0])["holdout_score"] is None


def test_what_is_held_out_depends_on_the_samples_alone_and_equal_ones_stay_together() -> None:
    whole, _ = sandbox.split("wine")
    order = np.random.default_rng(3).permutation(len(whole))

    first, again = measure.split(whole)[1], measure.split(whole.rows(order))[1]

    assert data.fingerprint(first) == data.fingerprint(again)
    assert 0 < len(first) < len(whole) / 2


# --- the task of any table --------------------------------------------------------------------------------------------
def test_a_table_with_named_columns_is_sold_for_the_task_of_any_table(tmp_path: Path) -> None:
    dataset = readers.read(table(tmp_path / "a.csv", ROWS))

    assert tables.types_for(dataset) == ["table-logistic"]
    task = tables.task_for(dataset.schema)
    assert [layer.shape for layer in task.initial()] == [(2, 2), (2,)]
    assert task.unfit(dataset) is None
    assert task.unfit(sandbox.share("digits", 0, 3)) == "the data has another label schema than the contract"


@pytest.mark.parametrize("written", ["", "{", "[]", '{"classes":["a"],"features":["x"]}', '{"classes":["a","b"],"features":[]}'])
def test_what_is_no_label_schema_is_no_task(written: str) -> None:
    with pytest.raises(ValueError, match="label schema"):
        tables.task_for(written)


def write_breast_cancer(path: Path, dataset: Dataset) -> str:
    """Real data as a hospital's own export: names for the columns and for the classes."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow([*(f"m{n:02}" for n in range(30)), "diagnosis"])
        out.writerows(
            [*map(repr, map(float, x)), ("malignant", "benign")[y]] for x, y in zip(dataset.features, dataset.labels, strict=True)
        )
    return str(path)
