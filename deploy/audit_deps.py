"""Holds requirements.lock against known vulnerabilities: `python -m deploy.audit_deps` (`make audit-deps`).

With OSV_DB (the PyPI part of the OSV database, a zip of JSON records as https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip
has it) nothing leaves this machine. Without, pip-audit asks over the network; where there is none, it says so and ends with 2. Ends with 1
where something is known. The record format and how its ranges are read: https://ossf.github.io/osv-schema/.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from deploy.local.processes import ROOT

LOCK: Final = ROOT / "requirements.lock"
PIP_AUDIT: Final = "pip-audit==2.9.0"
_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.M)

Pins = Mapping[str, str]


def pins(lock: str) -> dict[str, str]:
    """Name to version of everything that a lock names."""
    return {str(canonicalize_name(name)): version for name, version in _PINNED.findall(lock)}


def records(database: Path) -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(database) as whole:
        for name in whole.namelist():
            if name.endswith(".json"):
                yield json.loads(whole.read(name))


def known(locked: Pins, found: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Package, version, id and summary of each record that speaks of a version in the lock."""
    hits = set()
    for record in found:
        if "withdrawn" in record:
            continue
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            name = str(canonicalize_name(package.get("name", "")))
            if package.get("ecosystem") == "PyPI" and name in locked and _is_affected(locked[name], affected):
                hits.add((name, locked[name], str(record["id"]), str(record.get("summary", ""))))
    return sorted(hits)


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    if version in affected.get("versions", ()):
        return True
    return any(_is_within(Version(version), span["events"]) for span in affected.get("ranges", ()) if span["type"] == "ECOSYSTEM")


def _is_within(version: Version, events: Iterable[Mapping[str, str]]) -> bool:
    """The last event at or before the version decides (OSV's evaluation, with events in the order of their versions)."""
    within = False
    for kind, limit in sorted(((kind, limit) for event in events for kind, limit in event.items()), key=_when):
        if kind == "introduced" and (limit == "0" or version >= _version(limit)):
            within = True
        elif (kind == "fixed" and version >= _version(limit)) or (kind == "last_affected" and version > _version(limit)):
            within = False
    return within


def _when(event: tuple[str, str]) -> tuple[Version, bool]:
    return _version(event[1]), event[0] != "introduced"


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def main() -> int:
    database = os.environ.get("OSV_DB")
    if database:
        locked = pins(LOCK.read_text("utf-8"))
        hits = known(locked, records(Path(database)))
        for name, version, number, summary in hits:
            print(f"{name} {version}: {number} {summary}")
        print(f"{len(hits)} known vulnerabilities in {len(locked)} packages, by {database}")
        return 1 if hits else 0
    uv = Path(sys.executable).parent / "uv"
    tool = (uv, "tool", "run", "-q", "--from", PIP_AUDIT)
    command = [*map(str, tool), "pip-audit", "--disable-pip", "--require-hashes", "-f", "json", "-r", str(LOCK)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool
    return verdict(asked.stdout, asked.stderr)


def verdict(said: str, complained: str) -> int:
    """What pip-audit's JSON means. Where a registry does not know a package, the tool skips it and is content: here that is no answer."""
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        packages = []
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    hits = [(package["name"], package["version"], bad["id"]) for package in packages for bad in package.get("vulns", ())]
    for name, version, number in hits:
        print(f"{name} {version}: {number}")
    print(f"{len(hits)} known vulnerabilities in {len(packages) - len(skipped)} packages")
    if hits:
        return 1
    if packages and not skipped:
        return 0
    print(complained.strip().rpartition("\n")[2], file=sys.stderr)
    print(
        f"{len(skipped) or 'all'} packages could not be checked: this needs the network, or OSV_DB=<the PyPI zip of the OSV database>",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
