"""A coordinator over real HTTP for the ServerApp, and the identity that Flower gives to a process that makes messages."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flwr.supercore.task_identity import TaskIdentity
from hypothesis import settings
from oe_app.report import Coordinator

settings.register_profile("shared machine", deadline=None)  # an example may wait for a core
settings.load_profile("shared machine")

Verdict = tuple[int, Any]


@pytest.fixture(autouse=True)
def _task_identity() -> None:
    # Private to Flower, and set by its processes: without it no message can be made.
    TaskIdentity.run_id, TaskIdentity.task_id, TaskIdentity.node_id = 1, 1, 1


@dataclass
class Desk:
    """What a coordinator was told. `verdict` decides on each call by what it is: claim, rounds, model or finish."""

    url: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    verdict: Callable[[str], Verdict] = lambda _: (200, {})

    def told(self, what: str) -> list[Any]:
        return [body for kind, body in self.calls if kind == what]

    def line(self, *, patience_s: float = 20) -> Coordinator:
        return Coordinator(self.url, "run-1", "the-token", patience_s=patience_s)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            what = self.path.removeprefix("/training/runs/run-1/")
            body = self.rfile.read(int(self.headers["content-length"]))
            made.calls.append((what, body if what == "model" else json.loads(body)))
            made.tokens.add(self.headers["authorization"])
            status, answer = made.verdict(what)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
