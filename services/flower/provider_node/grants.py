"""Where a node keeps what its gate needs: the coordinator's public keys, what was trained under which grant, the provider's policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

KEYS = "grant_keys.json"
BOOK = "grants.db"


def keep(state: Path, keys: Any) -> None:
    """Stores the keys that the coordinator named at the registration, a JWK set. What is there stays where it named none."""
    if keys:
        state.mkdir(parents=True, exist_ok=True)
        part = state / f".{KEYS}.part"
        part.write_text(json.dumps(keys, indent=1), "utf-8")
        part.replace(state / KEYS)


def node_config(state: Path, policy: Path | None) -> str:
    """The part of Flower's `--node-config` that `oe_app.gate` reads."""
    rules = "" if policy is None else f' policy="{policy}"'
    return f'grant-keys="{state / KEYS}" grant-book="{state / BOOK}"{rules}'
