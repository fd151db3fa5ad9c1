"""Shows every page of the dashboard in both themes and widths: `python -m tests.browser.screenshots [folder]`.

Starts an exchange of its own, has the whole loop done in it, and leaves a second contract that is disputed.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.local.demo import Loop
from deploy.local.processes import ROOT
from services.dashboard.__main__ import build, install, node
from tests.e2e.stack import RealStack

HERE = Path(__file__).parent


async def fill(stack: RealStack) -> None:
    """A trained and paid contract, one that is disputed, and an intent that waits."""
    async with Loop(stack.stack) as loop:
        await loop.run()
        intent = {"model_owner_id": "research-lab", "task_type": "classification", "rounds": 2, "budget_total": 18}
        opened = await loop.call("model_owner", "POST", "/marketplace/round_intents", json=intent)
        contract = await loop.call("model_owner", "POST", "/marketplace/match", json={"round_intent_id": opened["round_intent_id"]})
        dispute = {
            "contract_id": contract["contract_id"],
            "reporter": "clinic-b",
            "reason": "The label schema is not the one that was agreed on.",
        }
        await loop.call("provider", "POST", "/marketplace/disputes", json=dispute)
        await loop.call("model_owner", "POST", "/marketplace/round_intents", json={**intent, "min_quality_score": 0.9})


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".run/screenshots").resolve()
    if build() != 0 or install(HERE) != 0:
        return 1
    with tempfile.TemporaryDirectory() as state:
        stack = RealStack.launch(Path(state), START_GRACE_S="240", ROUND_TIMEOUT_S="240")
        try:
            asyncio.run(fill(stack))
            env = {**os.environ, "GATEWAY_URL": stack.stack.gateway_url}
            done = subprocess.run([node(), HERE / "screenshots.mjs", folder], env=env, check=False)
        finally:
            stack.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
