"""docs/joining.md works as it is written, in less than two minutes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path

from deploy.local.processes import ROOT
from shared.contracts.errors import ErrorCode
from tests.e2e.stack import RealStack

PAGE = (ROOT / "docs" / "joining.md").read_text("utf-8")


def test_a_newcomer_is_invited_registers_and_offers_its_data_in_two_minutes(real_stack: RealStack, tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + "echo ---\n".join(re.findall(r"^```sh run\n(.*?)^```$", PAGE, re.M | re.S))
    env = {
        **os.environ,
        "API": real_stack.stack.gateway_url,
        "KEYS": str(real_stack.stack.keys_file),
        "NO_PROXY": "*",
        "no_proxy": "*",
    }

    began = time.monotonic()
    ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=200, check=False)
    took = time.monotonic() - began

    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    *_, registered, offered = ran.stdout.split("---\n")
    me = json.loads(registered)
    assert me["participant"].startswith("st-mary-hospital-")
    offers = real_stack.client("reviewer").get("/marketplace/offers", params={"seller_node_id": me["participant"]}).json()
    assert [offer["offer_id"] for offer in offers["offers"]] == [offered.strip()]
    assert took < 120


def test_the_page_names_codes_that_exist() -> None:
    table = PAGE.split("## When it says no")[1]
    named = {code for row in re.findall(r"^\| (`.*?`) \|", table, re.M) for code in re.findall(r"`([a-z_]+)`", row)}

    assert named
    assert named <= set(map(str, ErrorCode))
