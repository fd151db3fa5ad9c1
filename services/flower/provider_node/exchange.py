"""The provider's side of the exchange's public API: redeem an invitation, ask where the SuperLink is, offer what was measured."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx

OFFERED = ("dataset_fingerprint", "sample_count", "modality", "label_schema")
MEASURED = ("label_histogram", "missing_values", "duplicates", "holdout_score")


def account(home: Path, gateway: str, *, invite: str | None, name: str) -> dict[str, str]:
    """Who this provider is, and its key: kept in `home`, or got for the invitation. Ends the program where there is neither."""
    path = home / "account.json"
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text("utf-8"))
        return kept
    if not invite:
        raise SystemExit(f"{path} is not there: join with --invite CODE first")
    with httpx.Client(base_url=gateway, timeout=30) as http:
        answer = http.post("/join/register", json={"invite": invite, "name": name})
    if answer.is_error:
        raise SystemExit(f"the exchange refuses the invitation: {answer.text}")
    made = {"participant": answer.json()["participant"], "key": answer.json()["key"]}
    home.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(made, file)
    return made


def client(gateway: str, key: str) -> httpx.Client:
    return httpx.Client(base_url=gateway, headers={"authorization": f"Bearer {key}"}, timeout=30)


def superlink(http: httpx.Client, ca: Path) -> str:
    """The SuperLink's host:port; its authority's certificate goes to `ca`."""
    told = _sound(http.get("/training/superlink")).json()
    ca.parent.mkdir(parents=True, exist_ok=True)
    ca.write_text(told["ca_certificate"], "utf-8")
    return str(told["address"])


def publish(http: httpx.Client, seller: str, facts: dict[str, Any], *, title: str, price: float) -> str:
    """An offer of what was measured. The same data is offered once; offers of data that is no longer there are withdrawn."""
    mine = _sound(http.get("/marketplace/offers", params={"seller_node_id": seller, "limit": 500})).json()["offers"]
    standing = ""
    for offer in mine:
        if offer["status"] == "withdrawn":
            continue
        if offer["dataset_fingerprint"] == facts["dataset_fingerprint"]:
            standing = str(offer["offer_id"])
            if any(warning["code"] == "dataset_fingerprint_mismatch" for warning in offer["warnings"]):
                _sound(http.patch(f"/marketplace/offers/{standing}", json={"status": "active"}))  # the data is what it was again
        else:
            _sound(http.patch(f"/marketplace/offers/{offer['offer_id']}", json={"status": "withdrawn"}))
    if standing:
        return standing
    offer = {
        **{name: facts[name] for name in OFFERED},
        "seller_node_id": seller,
        "title": title,
        "allowed_tasks": facts["tasks"],
        "price_per_round": price,
        "measurements": {name: facts[name] for name in MEASURED},
    }
    return str(_sound(http.post("/marketplace/offers", json=offer)).json()["offer_id"])


def _sound(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise SystemExit(f"the exchange refuses {answer.request.method} {answer.request.url.path}: {answer.text}")
    return answer
