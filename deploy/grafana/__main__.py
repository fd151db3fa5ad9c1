"""`python -m deploy.grafana [--check]`: writes `deploy/grafana/json/*.json`, or says which is not up to date."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from deploy.grafana.dashboards import DASHBOARDS

FOLDER: Final = Path(__file__).parent / "json"


def documents() -> dict[str, str]:
    """The text of each file by its name."""
    return {f"{d.uid.removeprefix('oe-')}.json": json.dumps(d.document(), indent=2) + "\n" for d in DASHBOARDS}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.grafana", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    wanted = documents()
    if parser.parse_args().check:
        there = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
        stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
        if stale:
            print(f"{', '.join(stale)} in {FOLDER}: run 'make docs'", file=sys.stderr)
        return bool(stale)
    FOLDER.mkdir(exist_ok=True)
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
