"""Writes the public OpenAPI document from the code, without running anything: `python -m deploy.openapi [--check]`.

`docs/openapi.json` is what the gateway answers at `/openapi.json` while every service is up. The dashboard's types are generated
from it. `--check` changes nothing and ends with 1 when the file is not what the code says.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from deploy.local.processes import ROOT
from services.escrow import app as escrow
from services.escrow.settings import EscrowSettings
from services.gateway import app as gateway
from services.gateway.domain import Upstream
from services.gateway.pages import merged
from services.marketplace import app as marketplace
from services.training_coordinator import app as training_coordinator
from shared.kit.service import Service, build
from shared.kit.settings import DatabaseSettings, Settings

FILE: Final = ROOT / "docs/openapi.json"


# Nothing is connected before an app's lifespan starts, so these values are never used.
_OWNER: Final = {"port": 1, "keys_file": Path("unused"), "database_url": SecretStr("unused")}


def _own(service: Service, settings: Settings) -> dict[str, Any]:
    return build(service, settings).openapi()


def document() -> dict[str, Any]:
    """The document of all public calls."""
    owner, money = DatabaseSettings.model_validate(_OWNER), EscrowSettings.model_validate(_OWNER)
    return merged(
        _own(gateway.SERVICE, DatabaseSettings.model_validate(_OWNER)),
        {
            Upstream.MARKETPLACE: _own(marketplace.SERVICE, owner),
            Upstream.ESCROW: _own(escrow.service_of(money), money),
            Upstream.TRAINING: _own(training_coordinator.SERVICE, owner),
        },
    )


def main(arguments: list[str]) -> int:
    text = json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if arguments == ["--check"]:
        if FILE.is_file() and FILE.read_text("utf-8") == text:
            return 0
        print(f"{FILE.relative_to(ROOT)} is not what the code says: run 'make docs'", file=sys.stderr)
        return 1
    FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
