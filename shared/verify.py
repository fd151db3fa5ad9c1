"""Checks a contract's evidence offline: `python -m shared.verify FILE --key PUB`. Ends with 0 where all is as it was signed, else 1.

PUB is the public key of the exchange that issued it: a JWK, a JWK set (`GET /.well-known/evidence-keys.json`, saved once), or PEM.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.kit.evidence import problems
from shared.kit.tokens import key_id_of


def keys_in(path: Path) -> list[Ed25519PublicKey]:
    """The public keys in a file. Raises ValueError or OSError."""
    content = path.read_bytes()
    found: list[Any]
    if b"-----BEGIN" in content:
        found = [serialization.load_pem_public_key(content)]
    else:
        said = json.loads(content)
        found = [jwt.algorithms.OKPAlgorithm.from_jwk(key) for key in said.get("keys", [said])]
    if not found or not all(isinstance(key, Ed25519PublicKey) for key in found):
        raise ValueError("holds something that is no Ed25519 public key")
    return found


def _signer(raw: bytes, keys: list[Ed25519PublicKey]) -> Ed25519PublicKey:
    """The key that the document names, or the first."""
    try:
        kid = json.loads(raw)["signature"]["kid"]
    except (ValueError, KeyError, TypeError):
        kid = None
    return next((key for key in keys if key_id_of(key) == kid), keys[0])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.verify", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="the exchange's public key: JWK, JWK set or PEM")
    options = parser.parse_args(arguments)
    try:
        raw, keys = options.file.read_bytes(), keys_in(options.key)
    except (OSError, ValueError, AttributeError, jwt.PyJWTError) as error:
        print(f"cannot be checked: {error}", file=sys.stderr)
        return 2
    found = problems(raw, _signer(raw, keys))
    for problem in found:
        print(f"{problem.where} {problem.what}", file=sys.stderr)
    if not found:
        print(f"{options.file}: every part is as it was signed, and no part contradicts another")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
