"""A coordinator's desk over real HTTP, as a ServerApp meets it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from oe_app.report import Coordinator

Verdict = tuple[int, Any]


@dataclass
class Desk:
    """What a coordinator was told. `verdict` decides on each call by what it is: claim, rounds, model or finish."""

    url: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """What a GET is answered with."""
    tokens: set[str] = field(default_factory=set)
    at: dict[str, float] = field(default_factory=dict)
    """When each kind of call last came, in seconds of the epoch."""
    finished: threading.Event = field(default_factory=threading.Event)
    verdict: Callable[[str], Verdict] = lambda _: (200, {})

    def told(self, what: str) -> list[Any]:
        return [body for kind, body in self.calls if kind == what]

    def line(self, *, patience_s: float = 20) -> Coordinator:
        return Coordinator(self.url, "run-1", "the-token", patience_s=patience_s)


@contextmanager
def open_desk() -> Iterator[Desk]:
    """A desk that answers for the run `run-1`."""
    made = Desk()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            what = self.path.removeprefix("/training/runs/run-1/")
            body = self.rfile.read(int(self.headers["content-length"]))
            made.at[what] = time.time()
            made.calls.append((what, body if what == "model" else json.loads(body)))
            made.tokens.add(self.headers["authorization"])
            if what == "finish":
                made.finished.set()
            status, answer = made.verdict(what)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = _answer

        def do_GET(self) -> None:
            content = made.files[self.path.removeprefix("/training/runs/run-1/")]
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
