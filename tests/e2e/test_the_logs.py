"""After all that the other tests did to the stack, and a run with every kind of key and with mistakes, no log holds a secret."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.stack import RealStack

TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.")
MADE = re.compile(r"\boe[iks]_[0-9a-f]{12}_[A-Za-z0-9_-]{32}")
"""Keys, invitations and sessions, also those that other tests were given (`services.gateway.keys.make`)."""


def secrets_of(state: Path) -> dict[str, str]:
    """Every secret that the stack's state folder holds, by where it is."""
    found = {f"keys.json {role}": key for role, key in json.loads((state / "keys.json").read_text("utf-8")).items()}
    found |= {f"secrets.json {name}": value for name, value in json.loads((state / "secrets.json").read_text("utf-8")).items()}
    for path in state.rglob("*"):
        if path.is_file() and path.suffix in {".pem", ".key", ""} and path.stat().st_size < 20_000 and "logs" not in path.parts:
            text = path.read_bytes()
            if b"PRIVATE KEY" in text:
                found |= {f"{path.name} line {n}": line for n, line in enumerate(text.decode().splitlines()) if len(line) >= 40}
    return found


def patiently(client: httpx.Client, path: str, body: dict[str, str]) -> Any:
    """What a client does that is told to come back later: other tests may have used up this address's allowance."""
    while (answer := client.post(path, json=body)).status_code == 429:
        time.sleep(int(answer.headers["retry-after"]))
    return answer.raise_for_status().json()


def test_no_log_holds_a_secret(real_stack: RealStack) -> None:
    operator = real_stack.client("operator")
    key = operator.post("/identity/keys", json={"participant": "lab-of-logs", "role": "model_owner"}).json()["key"]
    wish = {"contact_email": "data@hospital.example", "compute_type": "cpu"}
    request_id = patiently(operator, "/join/request_invite", wish)["request_id"]
    invite = operator.post(f"/join/requests/{request_id}/approve", json={}).json()["invite"]
    joined = patiently(operator, "/join/register", {"invite": invite, "name": "n"})["key"]
    with httpx.Client(base_url=real_stack.stack.gateway_url, timeout=60, trust_env=False) as http:
        for secret in (key, joined, key + "x", real_stack.stack.key("service"), "oek_wrong_" + "x" * 40):
            headers = {"authorization": f"Bearer {secret}"}
            for method, path in (
                ("GET", "/marketplace/offers"),
                ("POST", "/marketplace/match"),
                ("GET", "/nowhere"),
                ("POST", "/join/register"),
            ):
                http.request(method, path, headers=headers, content=b"{")
            http.get("/escrow/accounts/lab-of-logs", headers=headers)

    known = secrets_of(real_stack.stack.state)
    known |= {"a participant's key": key.split("_", 2)[2], "a newcomer's key": joined.split("_", 2)[2]}
    known |= {"an invitation": invite.split("_", 2)[2], "an address": wish["contact_email"]}
    logs = {path: path.read_text("utf-8", "replace") for path in (real_stack.stack.state / "logs").glob("*.log")}

    assert len(known) > 15
    assert all(MADE.search(secret) for secret in (key, joined, invite)), "they are looked for as they are made"
    assert len(logs) >= 10
    assert any("request" in text for text in logs.values())
    found = [(path.name, what) for path, text in logs.items() for what, secret in known.items() if secret in text]
    found += [(path.name, "a token") for path, text in logs.items() if TOKEN.search(text)]
    found += [(path.name, "a key, an invitation or a session") for path, text in logs.items() if MADE.search(text)]
    assert found == []
