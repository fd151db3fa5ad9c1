"""docs/joining.md works as it is written, a node beside a CSV of the newcomer included."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from deploy.local.processes import ROOT
from shared.contracts.errors import ErrorCode
from tests.e2e.stack import RealStack

OFFERED = 4
"""The block with which the newcomer's offer is in the market, after the preparations."""
WITHIN_S = 120
PAGE = (ROOT / "docs" / "joining.md").read_text("utf-8")


def test_a_newcomer_is_invited_registers_offers_its_data_and_is_trained_on_and_paid(real_stack: RealStack, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh run\n(.*?)^```$", PAGE, re.M | re.S)
    blocks[OFFERED] += "echo $SECONDS > seconds\n"
    script = "set -euo pipefail\n" + "echo ---\n".join(blocks)
    env = {
        **os.environ,
        "API": real_stack.stack.gateway_url,
        "KEYS": str(real_stack.stack.keys_file),
        "EXCHANGE": str(ROOT),
        "PYTHON": sys.executable,
        "NO_PROXY": "*",
        "no_proxy": "*",
    }

    ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=400, check=False)

    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    assert int((tmp_path / "seconds").read_text("utf-8")) < WITHIN_S
    *_, registered, offered, _, node, paid = ran.stdout.split("---\n")
    me = json.loads(registered)
    assert me["participant"].startswith("st-mary-hospital-")
    offers = real_stack.client("reviewer").get("/marketplace/offers", params={"seller_node_id": me["participant"]}).json()
    assert [offer["offer_id"] for offer in offers["offers"]] == [offered.strip()]
    told, source = node.rsplit("}\n", 1)
    facts = json.loads(told + "}")
    assert (facts["sample_count"], facts["label_histogram"]) == (569, {"0": 357, "1": 212})
    assert source.strip() == str(("measured", facts["holdout_score"]))
    payouts, card = paid.split("\n", 1)
    assert "'amount': 4" in payouts
    (provider,) = json.loads(card)["providers"]
    assert (provider["dataset_fingerprint"], provider["rounds_delivered"]) == (facts["dataset_fingerprint"], 2)
    assert json.loads(card)["accuracy"] > 0.9


def test_the_page_names_codes_that_exist() -> None:
    table = PAGE.split("## When it says no")[1]
    named = {code for row in re.findall(r"^\| (`.*?`) \|", table, re.M) for code in re.findall(r"`([a-z_]+)`", row)}

    assert named
    assert named <= set(map(str, ErrorCode))
