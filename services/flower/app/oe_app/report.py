"""The ServerApp's line to the training coordinator: claim the run, report rounds, hand in the model, say that it is done.

Every call may be repeated without harm, so each is tried again for `PATIENCE_S` while the coordinator is away. The training waits
meanwhile: a round that nobody has heard of would be work that nobody pays.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

PATIENCE_S: Final = 180.0
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 3.0
_NOT_NOW: Final = frozenset({408, 425, 429})


class NotMine(Exception):
    """Another ServerApp has the run, or it has ended: nothing is to be done."""


class Refusal(Exception):
    """The coordinator wants no more reports of this run: it was stopped, or has ended otherwise."""


class Coordinator:
    """One run's line. `claim` comes first."""

    def __init__(self, url: str, run_id: str, token: str, *, patience_s: float = PATIENCE_S) -> None:
        self._path = f"{url.rstrip('/')}/training/runs/{run_id}"
        # Reports stay on the machine or the coordinator's network: a proxy of the environment is not for them.
        self._http = httpx.Client(headers={"authorization": f"Bearer {token}"}, timeout=10, trust_env=False)
        self._patience_s = patience_s

    def close(self) -> None:
        self._http.close()

    def claim(self, flower_run_id: str) -> dict[str, Any]:
        """The job. Raises `NotMine`."""
        try:
            answer = self._send("POST", "claim", json={"flower_run_id": flower_run_id})
        except Refusal as refusal:
            raise NotMine(str(refusal)) from refusal
        job: dict[str, Any] = answer.json()
        return job

    def round(self, report: dict[str, Any]) -> None:
        self._send("POST", "rounds", json=report)

    def model(self, npz: bytes) -> None:
        self._send("PUT", "model", content=npz, headers={"content-type": "application/octet-stream"})

    def checkpoint(self) -> bytes:
        """The model that the contract's run before this one stored."""
        return self._send("GET", "checkpoint").content

    def finish(self, *, succeeded: bool, reason: str, rounds_completed: int, providers: Sequence[Mapping[str, Any]] = ()) -> None:
        """`providers` are the outcomes of a round that came to nothing."""
        body: dict[str, Any] = {"succeeded": succeeded, "reason": reason[:4000], "rounds_completed": rounds_completed}
        if providers:
            body["providers"] = list(providers)
        self._send("POST", "finish", json=body)

    def _send(self, method: str, what: str, **request: Any) -> httpx.Response:
        """The answer, once there is one.

        Raises:
            Refusal: the coordinator answered, and the answer is no.
            httpx.HTTPError: it was away for all of the patience.
        """
        end, pause = time.monotonic() + self._patience_s, FIRST_PAUSE_S
        while True:
            try:
                answer = self._http.request(method, f"{self._path}/{what}", **request)
                if answer.is_success:
                    return answer
                if answer.status_code < 500 and answer.status_code not in _NOT_NOW:
                    raise Refusal(f"{what}: {answer.status_code} {answer.text[:500]}")
                trouble: httpx.HTTPError = httpx.HTTPStatusError(
                    f"{what}: {answer.status_code}", request=answer.request, response=answer
                )
            except httpx.TransportError as error:
                trouble = error
            if time.monotonic() + pause > end:
                raise trouble
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads retries, guards nothing
            pause = min(pause * 1.6, LONGEST_PAUSE_S)
