"""The ServerApp's line to the training coordinator: claim the run, report rounds, hand in the model, say that it is done.

Every call may be repeated without harm, so each is tried again for `PATIENCE_S` while the coordinator is away.
"""

from __future__ import annotations

import time
from typing import Any

import httpx

PATIENCE_S = 150.0


class NotMine(Exception):
    """Another ServerApp has the run, or it has ended: nothing is to be done."""


class Coordinator:
    def __init__(self, url: str, run_id: str, token: str, *, patience_s: float = PATIENCE_S) -> None:
        self._path = f"{url}/training/runs/{run_id}"
        self._http = httpx.Client(headers={"authorization": f"Bearer {token}"}, timeout=10)
        self._patience_s = patience_s

    def claim(self, flower_run_id: str) -> dict[str, Any]:
        """The job. Raises `NotMine`."""
        answer = self._send("POST", "claim", json={"flower_run_id": flower_run_id})
        if answer.status_code in (401, 404, 409):
            raise NotMine(answer.text)
        job: dict[str, Any] = answer.raise_for_status().json()
        return job

    def round(self, report: dict[str, Any]) -> None:
        self._send("POST", "rounds", json=report).raise_for_status()

    def model(self, npz: bytes) -> None:
        self._send("PUT", "model", content=npz, headers={"content-type": "application/octet-stream"}).raise_for_status()

    def finish(self, *, succeeded: bool, reason: str, rounds_completed: int) -> None:
        body = {"succeeded": succeeded, "reason": reason[:4000], "rounds_completed": rounds_completed}
        self._send("POST", "finish", json=body).raise_for_status()

    def _send(self, method: str, what: str, **request: Any) -> httpx.Response:
        """The first answer that is not an outage (connection refused, 5xx)."""
        end, pause = time.monotonic() + self._patience_s, 0.2
        while True:
            try:
                answer = self._http.request(method, f"{self._path}/{what}", **request)
                if answer.status_code < 500 or time.monotonic() > end:
                    return answer
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            time.sleep(pause)
            pause = min(pause * 1.6, 5)
