"""A secret may come as a file; one that is missing or empty stops the process with one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.processes import ROOT


def start(service: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A service's process with this environment and no other."""
    command = [sys.executable, "-m", f"services.{service}"]
    path = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, env=path | env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    "content, complaint", [(None, "cannot read {}: No such file or directory"), ("", "{} is empty"), (" \n", "{} is empty")]
)
@pytest.mark.parametrize("setting", ["DATABASE_URL_FILE", "NATS_URL_FILE"])
def test_a_secret_that_is_missing_or_empty_stops_the_service_with_one_line(
    tmp_path: Path, setting: str, content: str | None, complaint: str
) -> None:
    files = {name: tmp_path / name for name in ("DATABASE_URL_FILE", "NATS_URL_FILE")}
    for name, path in files.items():
        text = content if name == setting else f"{name.split('_')[0].lower()}://somewhere"
        if text is not None:
            path.write_text(text)

    ended = start("escrow", KEYS_FILE=str(tmp_path / "keys.json"), **{name: str(path) for name, path in files.items()})

    assert ended.returncode != 0
    assert ended.stderr == f"setting {setting}: {complaint.format(files[setting])}\n"


def test_a_setting_that_is_missing_is_named(tmp_path: Path) -> None:
    ended = start("escrow", KEYS_FILE=str(tmp_path / "keys.json"))

    assert ended.returncode == 2
    assert ended.stderr == "setting DATABASE_URL: Field required\n"
