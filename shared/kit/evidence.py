"""Evidence: a document of which each part's digest is signed, so that a change is not only found but named. Pure.

`{…parts…, "manifest": {JSON pointer: SHA-256}, "signature": {"alg", "kid", "value"}}`, written as `chain.canonical` writes it. The
manifest covers every part once; the signature (Ed25519, hex) is over `SIGNED` and the canonical manifest.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.kit import chain
from shared.kit.tokens import key_id_of

FORMAT: Final = "open-ecosystem evidence 1"
SIGNED: Final = b"open-ecosystem evidence 1\n"
"""Before what is signed: with this key a signature can mean nothing else."""
PART: Final = 400
"""Characters of canonical text up to which a value has one digest of its own; a longer list or object is divided."""
TIMELINE_FIELDS: Final = ("seq", "ts", "at", "event", "actor", "data", "prev_hash")
_OUTER: Final = frozenset({"manifest", "signature"})
_HEX: Final = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True)
class Problem:
    """Where something is not as it was signed (a JSON pointer, or `file`), and what."""

    where: str
    what: str


def sealed(parts: Mapping[str, Any], sign: Callable[[bytes], tuple[str, bytes]]) -> str:
    """The document. `sign` gives the id of its key and the signature."""
    manifest = {pointer: _digest(value) for pointer, value in _parts(parts)}
    kid, signature = sign(SIGNED + chain.canonical(manifest).encode())
    outer = {"manifest": manifest, "signature": {"alg": "Ed25519", "kid": kid, "value": signature.hex()}}
    return chain.canonical({**parts, **outer})


def problems(raw: bytes, key: Ed25519PublicKey) -> list[Problem]:
    """Everything that is wrong with a document; nothing for one that is as it was signed and does not contradict itself."""
    try:
        document = json.loads(raw.decode(), object_pairs_hook=_without_twins, parse_constant=_no_constant, parse_float=_finite)
        written = chain.canonical(document).encode()  # so that nothing below fails on what cannot be written
    except (ValueError, RecursionError) as error:
        return [Problem("file", f"is no JSON document: {error}")]
    if not isinstance(document, dict) or not set(document) >= _OUTER:
        return [Problem("file", "has no manifest or no signature")]
    parts = {name: value for name, value in document.items() if name not in _OUTER}
    manifest = document["manifest"]
    if not isinstance(manifest, dict) or not all(isinstance(value, str) for value in manifest.values()):
        return [Problem("/manifest", "is no table of digests")]
    found = [*_changed(parts, manifest), *_unsigned(document["signature"], manifest, key)]
    if not found and raw.rstrip(b"\n") != written:
        found = [Problem("file", f"is written otherwise from byte {_first_difference(raw, written)} on")]
    if not found and parts.get("format") != FORMAT:
        found = [Problem("/format", "is another one than this program knows")]
    return found or list(contradictions(parts))


def _parts(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """The values that get a digest each."""
    children = _children(value)
    if not pointer or (children and len(chain.canonical(value)) > PART):
        for name, child in children:
            yield from _parts(child, f"{pointer}/{_escaped(name)}")
    else:
        yield pointer, value


def _children(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(str(name), child) for name, child in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(str(index), child) for index, child in enumerate(value)]
    return []


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _digest(value: Any) -> str:
    return hashlib.sha256(chain.canonical(value).encode()).hexdigest()


def _changed(parts: Mapping[str, Any], manifest: Mapping[str, str]) -> Iterator[Problem]:
    """What differs from the manifest: changed, added or missing."""
    inside = {""} | {pointer[:at] for pointer in manifest for at, sign in enumerate(pointer) if sign == "/" and at}
    seen = set()

    def walk(value: Any, pointer: str) -> Iterator[Problem]:
        if pointer in manifest:
            seen.add(pointer)
            if _digest(value) != manifest[pointer]:
                yield Problem(pointer, "is not what was signed")
        elif pointer in inside and _children(value):
            for name, child in _children(value):
                yield from walk(child, f"{pointer}/{_escaped(name)}")
        else:
            yield Problem(pointer or "file", "was not signed")

    yield from walk(parts, "")
    yield from (Problem(pointer, "is missing") for pointer in sorted(set(manifest) - seen))


def _unsigned(signature: Any, manifest: Mapping[str, str], key: Ed25519PublicKey) -> Iterator[Problem]:
    if not isinstance(signature, dict) or set(signature) != {"alg", "kid", "value"}:
        yield Problem("/signature", "is no signature")
        return
    if signature["alg"] != "Ed25519":
        yield Problem("/signature/alg", "is not Ed25519")
    if signature["kid"] != key_id_of(key):
        yield Problem("/signature/kid", "names another key than the one that is used to check")
    value = signature["value"]
    signed = bytes.fromhex(value) if isinstance(value, str) and _HEX.fullmatch(value) else b""
    try:
        key.verify(signed, SIGNED + chain.canonical(manifest).encode())
    except InvalidSignature:
        yield Problem("/signature/value", "does not fit the manifest")


def _first_difference(raw: bytes, written: bytes) -> int:
    return next((at for at, (is_, was) in enumerate(zip(raw, written, strict=False)) if is_ != was), min(len(raw), len(written)))


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is beyond every number")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


# --- what the parts say of one another --------------------------------------------------------------------------------
def contradictions(parts: Mapping[str, Any]) -> Iterator[Problem]:
    """Where parts that come from different services do not fit one another."""
    events = parts["timeline"]["events"]
    broken = chain.first_broken(events, TIMELINE_FIELDS)
    if broken is not None:
        yield Problem(f"/timeline/events/{broken - 1}", "does not follow from the entry before")
    if parts["contract"]["contract_id"] != parts["contract_id"]:
        yield Problem("/contract/contract_id", "is another contract's")
    if parts.get("decision") and chain.digest(parts["decision"]["record"]) != parts["decision"]["hash"]:
        yield Problem("/decision/record", "is not what its hash says")
    if parts.get("training"):
        yield from _training(parts["training"], events)
    if parts.get("ledger"):
        for number, transfer in enumerate(parts["ledger"]["transfers"]):
            # Credits have six decimals at most; what doubles add to them has not.
            if round(sum(entry["amount"] for entry in transfer["entries"]), 6) != 0:
                yield Problem(f"/ledger/transfers/{number}", "does not add up to zero")


def _training(training: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    keys = {key["kid"]: key for key in (training.get("grant_keys") or {}).get("keys", [])}
    granted = {g["jti"]: g["token_sha256"] for e in events if e["event"] == "round_started" for g in e["data"].get("grants", ())}
    told = {(e["data"]["run_id"], e["data"]["round"]): e["data"]["providers"] for e in events if e["event"] == "round_completed"}
    for number, run in enumerate(training["runs"]):
        for place, grant in enumerate(run["grants"]):
            where = f"/training/runs/{number}/grants/{place}"
            if grant["jti"] in granted and granted[grant["jti"]] != hashlib.sha256(grant["token"].encode()).hexdigest():
                yield Problem(where, "is not the grant that the timeline names")
            elif not _is_signed(grant["token"], keys):
                yield Problem(where, "is not signed by the coordinator")
        for place, done in enumerate(run["rounds_detail"]):
            entry = told.get((run["run_id"], done["round"]))
            if entry is not None and _replies(entry) != _replies(done["providers"]):
                yield Problem(f"/training/runs/{number}/rounds_detail/{place}", "has other replies than the timeline")


def _is_signed(token: str, keys: Mapping[str, Any]) -> bool:
    try:
        key: Any = jwt.algorithms.OKPAlgorithm.from_jwk(keys[jwt.get_unverified_header(token)["kid"]])
        # Whether it is over is no matter here: it was signed.
        jwt.decode(token, key, algorithms=["EdDSA"], options={"verify_aud": False, "verify_exp": False, "verify_iat": False})
    except (jwt.PyJWTError, KeyError, ValueError):
        return False
    return True


def _replies(providers: Sequence[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {(p["offer_id"], p["ok"], p.get("reply_sha256"), p.get("error_code")) for p in providers}
