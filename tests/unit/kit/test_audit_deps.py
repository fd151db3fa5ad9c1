"""Which versions a record of the OSV database speaks of, by lists and by ranges."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deploy import audit_deps


def record(number: str, name: str = "Some_Package", ecosystem: str = "PyPI", **affected: Any) -> dict[str, Any]:
    return {"id": number, "summary": "s", "affected": [{"package": {"ecosystem": ecosystem, "name": name}, **affected}]}


def span(*events: tuple[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{kind: version} for kind, version in events]}]}


@pytest.mark.parametrize(
    ("affected", "versions"),
    [
        ({"versions": ["1.9"]}, {"1.9"}),
        (span(("introduced", "0"), ("fixed", "1.10")), {"1.9"}),
        (span(("introduced", "1.10"), ("fixed", "2.0")), {"1.10", "1.11rc1"}),
        (span(("introduced", "0"), ("last_affected", "1.10")), {"1.9", "1.10"}),
        (span(("introduced", "0"), ("fixed", "1.10"), ("introduced", "2.0")), {"1.9", "2.0"}),
        (span(("fixed", "1.10"), ("introduced", "0")), {"1.9"}),
        ({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, set()),
    ],
)
def test_a_version_is_held_against_lists_and_ranges(affected: dict[str, Any], versions: set[str]) -> None:
    found = {
        version
        for version in ("1.9", "1.10", "1.11rc1", "2.0")
        if audit_deps.known({"some-package": version}, [record("PYSEC-1", **affected)])
    }
    assert found == versions


def test_other_ecosystems_other_packages_and_withdrawn_records_say_nothing() -> None:
    all_of_it = span(("introduced", "0"))
    found = [
        record("A", ecosystem="npm", **all_of_it),
        record("B", name="another", **all_of_it),
        {**record("C", **all_of_it), "withdrawn": "2026-01-01T00:00:00Z"},
    ]
    assert audit_deps.known({"some-package": "1"}, found) == []


def test_the_lock_is_held_against_a_database_without_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    locked = audit_deps.pins(audit_deps.LOCK.read_text("utf-8"))
    assert len(locked) > 50
    database = tmp_path / "all.zip"
    monkeypatch.setenv("OSV_DB", str(database))
    for first, ends_with in (("0", 1), (f"{locked['fastapi']}.post999", 0)):
        with zipfile.ZipFile(database, "w") as whole:
            whole.writestr("PYSEC-2.json", json.dumps(record("PYSEC-2", name="FastAPI", **span(("introduced", first)))))
        assert audit_deps.main() == ends_with
    assert f"fastapi {locked['fastapi']}: PYSEC-2 s" in capsys.readouterr().out


def test_what_could_not_be_checked_is_not_good(capsys: pytest.CaptureFixture[str]) -> None:
    clean, bad = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "version": "1", "vulns": [{"id": "PYSEC-3"}]}
    skipped = {"name": "c", "skip_reason": "Dependency not found on PyPI"}
    for packages, ends_with in (([clean], 0), ([clean, bad], 1), ([clean, skipped], 2), ([bad, skipped], 1), ([], 2)):
        assert audit_deps.verdict(json.dumps({"dependencies": packages}), "") == ends_with
    assert audit_deps.verdict("", "no network") == 2
    assert "OSV_DB" in capsys.readouterr().err
