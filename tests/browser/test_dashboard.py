"""The dashboard in a real Chromium, by clicks, against the whole exchange. The journeys themselves are in journeys.mjs."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from services.dashboard.__main__ import node
from tests.e2e.stack import RealStack

HERE = Path(__file__).parent
JOURNEYS = (
    "the_loop",
    "a_second_release",
    "a_release_that_comes_too_late",
    "validation",
    "no_match_then_a_match",
    "insufficient_funds",
    "guardrails",
    "a_dispute",
    "every_page",
    "by_keyboard",
    "sign_in",
    "a_key",
    "invitations",
    "the_audit",
    "live",
    "a_service_down",
    "a_gateway_restart",
)


def serve(request: str, stack: RealStack) -> None:
    """Does what a journey asks for: what happens elsewhere while somebody looks at the page."""
    verb, what = request.split()
    if verb == "kill":
        stack.kill(what)
    elif verb == "stop":
        stack.processes()[what].suspend()
    elif verb == "continue":
        stack.processes()[what].resume()
    elif verb == "release":
        stack.client("model_owner").post("/marketplace/escrow/release", json={"contract_id": what}).raise_for_status()
    elif verb == "offer":
        offer = {"seller_node_id": "elsewhere", "dataset_fingerprint": "elsewhere", "title": what, "price_per_round": 9}
        stack.client("provider").post("/marketplace/offers", json=offer).raise_for_status()
    else:
        raise AssertionError(request)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_goes_through(journey: str, stack: RealStack, tmp_path: Path) -> None:
    shot = tmp_path / "broken.png"
    env = {**os.environ, "GATEWAY_URL": stack.stack.gateway_url}
    running = subprocess.Popen(
        [node(), HERE / "run.mjs", journey, shot],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    said = []
    try:
        for line in running.stdout:
            said.append(line)
            if line.startswith("ask "):
                serve(line.removeprefix("ask ").strip(), stack)
                running.stdin.write("done\n")
                running.stdin.flush()
        assert running.wait(10) == 0, "".join(said) + f"\nscreenshot: {shot}"
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.stdin.close()
        running.stdout.close()


def test_every_journey_is_run() -> None:
    written = [
        line.split("function ")[1].split("(")[0]
        for line in (HERE / "journeys.mjs").read_text("utf-8").splitlines()
        if line.startswith("export async function")
    ]

    assert written == list(JOURNEYS)


def test_scripts_and_styles_travel_compressed(stack: RealStack) -> None:
    client = stack.client("operator")
    script = next(part for part in client.get("/app/").text.split('"') if part.startswith("/app/assets/") and part.endswith(".js"))

    packed = client.get(script, headers={"accept-encoding": "gzip"})
    plain = client.get(script, headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert (packed.headers["content-type"], packed.text) == (plain.headers["content-type"], plain.text)
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
