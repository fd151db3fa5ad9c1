"""Loaded by schemathesis (`SCHEMATHESIS_HOOKS`): puts a fresh token for one service on each request, as the gateway does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import schemathesis

from shared.kit.tokens import LIVES_S, Principal, Role, Signer


@schemathesis.auth(refresh_interval=LIVES_S // 2)
class Token:
    """A run takes longer than a token lives."""

    def __init__(self) -> None:
        self._signer = Signer(Path(os.environ["FUZZ_SIGNING_KEY_FILE"]))

    def get(self, case: Any, context: Any) -> str:
        return self._signer.token(os.environ["FUZZ_AUDIENCE"], Principal(Role(os.environ["FUZZ_ROLE"]), key_id="fuzz"))

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Matching waits for the fact that a question names, and says 503 where none comes. Which facts there are cannot be drawn."""
    if isinstance(case.body, dict) and type(case.body.get("after_seq")) is int and case.body["after_seq"] > 0:
        case.body["after_seq"] = 0
