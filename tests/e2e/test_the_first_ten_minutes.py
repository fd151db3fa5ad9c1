"""docs/first-ten-minutes.md works as it is written: its blocks are run in one shell, against real processes."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np

from deploy.local.processes import ROOT
from shared.contracts.errors import ErrorCode
from tests.e2e.stack import RealStack

PAGE = (ROOT / "docs" / "first-ten-minutes.md").read_text("utf-8")


def test_every_block_of_the_page_does_what_it_says(real_stack: RealStack, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh run\n(.*?)^```$", PAGE, re.M | re.S)
    script = "set -euo pipefail\n" + "\n".join(f"echo '--- block {n}'\n{block}" for n, block in enumerate(blocks, start=1))
    keys = real_stack.stack.state / "keys.json"
    env = {**os.environ, "API": real_stack.stack.gateway_url, "KEYS": str(keys), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

    ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=400, check=False)

    said = ran.stdout.split("--- block ")
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    assert len(said) == len(blocks) + 1
    relaxed, locked, accuracy, payouts = said[4], said[5], said[6], said[7]
    assert "min_quality_score" in relaxed
    assert "locked" in locked
    assert float(accuracy.split()[-1]) > 0.2, "ten digits: a tenth is guessing"
    assert "'amount': 5" in payouts
    with np.load(tmp_path / "model.npz") as model:
        assert {model[name].shape for name in model.files} == {(64, 10), (10,)}


def test_the_table_of_refusals_names_codes_that_exist() -> None:
    table = PAGE.split("## When it says no")[1]
    named = {code for row in re.findall(r"^\| (`.*?`) \|", table, re.M) for code in re.findall(r"`([a-z_]+)`", row)}

    assert named
    assert named <= set(map(str, ErrorCode))
