"""What is written down is what the code says: the catalogue, the pages generated from it, the events, the layout."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.errors import ErrorCode
from shared.contracts.events import STREAMS, Event

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("marketplace", "matching", "escrow", "training_coordinator", "gateway")


def test_every_code_is_in_the_catalogue_and_says_what_to_do() -> None:
    assert set(CATALOGUE) == set(ErrorCode)
    for code, spec in CATALOGUE.items():
        assert 400 <= spec.status < 600, code
        assert all(text.endswith((".", "}")) for text in (spec.message, spec.cause, spec.remedy)), code
        assert (spec.status == 503) <= (spec.retry_after_s is not None), code


def test_codes_are_what_they_are_called() -> None:
    assert all(code.value == code.name.lower() for code in ErrorCode)


def test_the_generated_documents_are_what_the_code_says() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "shared.contracts.docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_fact_has_a_stream_of_its_owner() -> None:
    for subject in Event.EVENTS:
        tokens = subject.split(".")
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.v[0-9]+", subject), subject
        homes = [
            stream
            for stream, patterns in STREAMS.items()
            for pattern in patterns
            if all(want in ("*", ">", have) for want, have in zip(pattern.split("."), tokens, strict=False))
        ]
        assert len(homes) == 1, (subject, homes)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_at_its_door_what_it_owns_hears_and_says(service: str) -> None:
    text = (ROOT / "services" / service / "__init__.py").read_text("utf-8")

    assert text.startswith('"""')
    assert all(word in text for word in ("Owns", "Hears", "Says")), service
    assert {"__main__.py", "app.py", "settings.py"} <= {path.name for path in (ROOT / "services" / service).iterdir()}


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append((page.name, target))
    assert broken == []


def test_every_target_of_the_makefile_is_explained() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", text, re.M)
    assert phony is not None
    explained = set(re.findall(r"^([a-z0-9-]+):.*## ", text, re.M))
    assert set(phony[1].replace("\\\n", " ").split()) == explained


def test_decisions_are_numbered_once_and_without_a_gap() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [page.read_text("utf-8").split(".")[0] for page in pages] == [f"# {number}" for number in range(1, len(pages) + 1)]
