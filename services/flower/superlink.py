"""Runs Flower's SuperLink as the exchange needs it: `python -m services.flower.superlink --state DIR --certs DIR --port N`.

TLS and SuperNode authentication on, its state in a SQLite file (Flower can keep it nowhere else), no call home, and a bound on what nodes
send (`bounds`).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from services.flower.environment import clean


def command(*, host: str, port: int, state: Path, certs: Path, isolation: str, executor_secret: Path | None = None) -> list[str]:
    """The SuperLink's argv."""
    executor = [] if executor_secret is None else ["--superexec-auth-secret-file", str(executor_secret)]
    return [
        sys.executable,
        "-P",  # its folder is not for what it starts
        str(Path(__file__).resolve().with_name("bounds.py")),
        "--host",
        host,
        "--port",
        str(port),
        "--isolation",
        isolation,
        "--database",
        str(state / "superlink.db"),
        "--enable-supernode-auth",
        "--disable-runtime-dependency-installation",
        "--ssl-ca-certfile",
        str(certs / "ca.crt"),
        "--ssl-certfile",
        str(certs / "server.pem"),
        "--ssl-keyfile",
        str(certs / "server.key"),
        *executor,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.flower.superlink", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8005)
    parser.add_argument("--state", type=Path, required=True, help="where the SuperLink keeps its database")
    parser.add_argument(
        "--certs", type=Path, required=True, help="ca.crt, server.pem and server.key (python -m services.flower.certs)"
    )
    parser.add_argument("--isolation", choices=["subprocess", "process"], default="subprocess")
    parser.add_argument("--executor-secret", type=Path, help="file that an executor of its own (isolation process) must know")
    options = parser.parse_args()
    options.state.mkdir(parents=True, exist_ok=True)
    argv = command(
        host=options.host,
        port=options.port,
        state=options.state.resolve(),
        certs=options.certs.resolve(),
        isolation=options.isolation,
        executor_secret=options.executor_secret,
    )
    # The same process from here on: signals and the exit status are Flower's own.
    os.execve(argv[0], argv, clean(options.state.resolve() / "flwr"))  # noqa: S606


if __name__ == "__main__":
    main()
