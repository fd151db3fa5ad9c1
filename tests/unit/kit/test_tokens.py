"""A token opens one service for a minute, and nothing else opens it."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kit.tokens import ISSUER, LONGEST, Principal, Role, Signer, Verifier, jwk_of, key_id_of

LAB = Principal(Role.MODEL_OWNER, "lab-1", "a1b2")


def pem(key: Any) -> bytes:
    found: bytes = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return found


class Keyring:
    """A signing key and a set of public keys in files, as the stack makes them."""

    def __init__(self, folder: Path) -> None:
        self.signing, self.public = folder / "signing.pem", folder / "public.json"
        self.key = Ed25519PrivateKey.generate()
        self.publish(self.key)
        self.sign_with(self.key)

    def publish(self, *keys: Ed25519PrivateKey) -> None:
        self._put(self.public, json.dumps({"keys": [jwk_of(key.public_key()) for key in keys]}).encode())

    def sign_with(self, key: Ed25519PrivateKey) -> None:
        self._put(self.signing, pem(key))

    def _put(self, path: Path, content: bytes) -> None:
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)

    def forged(self, **claims: Any) -> str:
        """A token by the right key with other claims."""
        now = int(time.time())
        known = {"iss": ISSUER, "aud": "escrow", "sub": "lab-1", "role": "operator", "key": "k", "iat": now, "exp": now + 60}
        wanted = {name: value for name, value in {**known, **claims}.items() if value is not None}
        return jwt.encode(wanted, self.key, "EdDSA", {"kid": key_id_of(self.key.public_key())})


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path)


def test_a_token_says_who_its_bearer_is(ring: Keyring) -> None:
    verifier = Verifier(ring.public, "escrow")

    assert verifier.holder(Signer(ring.signing).token("escrow", LAB)) == LAB
    assert verifier.holder(Signer(ring.signing).token("escrow", Principal(Role.SERVICE))) == Principal(Role.SERVICE)


def unsigned(token: str) -> str:
    _, body, _ = token.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": jwt.get_unverified_header(token)["kid"]}).encode())
    return f"{none.decode().rstrip('=')}.{body}."


def hmac_with_public_key(ring: Keyring) -> str:
    """The old trick: the public key as an HMAC secret."""
    kid = key_id_of(ring.key.public_key())
    secret = json.loads(ring.public.read_text())["keys"][0]["x"] * 2
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "escrow", "sub": "", "role": "operator", "key": "", "iat": now, "exp": now + 60}
    return jwt.encode(claims, secret, "HS256", {"kid": kid})


def test_nothing_else_opens_a_service(ring: Keyring) -> None:
    good = Signer(ring.signing).token("escrow", LAB)
    elsewhere = ring.signing.parent / "other"
    elsewhere.mkdir()
    other = Keyring(elsewhere)
    now = int(time.time())
    head, body, signature = good.split(".")
    bad = {
        "another audience": Signer(ring.signing).token("marketplace", LAB),
        "two audiences": ring.forged(aud=["escrow", "marketplace"]),
        "another key": Signer(other.signing).token("escrow", LAB),
        "another key under a known id": jwt.encode(
            {**jwt.decode(good, options={"verify_signature": False})}, other.key, "EdDSA", {"kid": key_id_of(ring.key.public_key())}
        ),
        "no signature": f"{head}.{body}.",
        "alg none": unsigned(good),
        "HMAC with the public key": hmac_with_public_key(ring),
        "truncated": good[:-10],
        "half": good[: len(good) // 2],
        "changed": f"{head}.{body[:-2]}AA.{signature}",
        "10 KB": ring.forged(sub="x" * 10_000),
        "10 KB of dots": "." * 10_000,
        "expired": ring.forged(iat=now - 120, exp=now - 60),
        "lives too long": ring.forged(exp=now + 3600),
        "from the future": ring.forged(iat=now + 600, exp=now + 660),
        "another issuer": ring.forged(iss="somebody"),
        "no expiry": ring.forged(exp=None),
        "no subject": ring.forged(sub=None),
        "an unknown role": ring.forged(role="emperor"),
        "nothing": "",
        "words": "not a token",
        "not ASCII": "ä.ö.ü",
    }
    verifier = Verifier(ring.public, "escrow")

    assert {why for why, token in bad.items() if verifier.holder(token) is not None} == set()
    assert len(bad["10 KB"]) > LONGEST
    assert verifier.holder(good) == LAB


def test_keys_rotate_while_everything_runs(ring: Keyring) -> None:
    signer, verifier = Signer(ring.signing), Verifier(ring.public, "escrow")
    new = Ed25519PrivateKey.generate()
    before = signer.token("escrow", LAB)

    ring.publish(new, ring.key)
    ring.sign_with(new)
    after = signer.token("escrow", LAB)

    assert jwt.get_unverified_header(after)["kid"] == key_id_of(new.public_key()) != jwt.get_unverified_header(before)["kid"]
    assert [verifier.holder(token) for token in (before, after)] == [LAB, LAB]
    ring.publish(new)
    assert [verifier.holder(token) for token in (before, after)] == [None, LAB]


def test_without_public_keys_no_token_is_good(ring: Keyring) -> None:
    assert Verifier(None, "escrow").holder(Signer(ring.signing).token("escrow", LAB)) is None


def test_a_file_that_cannot_be_used_stops_the_process_with_a_line(ring: Keyring, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_bytes(pem(ec.generate_private_key(ec.SECP384R1())))
    for path in (tmp_path / "missing", ring.public, wrong):
        with pytest.raises(SystemExit, match="TOKEN_SIGNING_KEY_FILE"):
            Signer(path)
    for path in (tmp_path / "missing", ring.signing, wrong):
        with pytest.raises(SystemExit, match="TOKEN_KEYS_FILE"):
            Verifier(path, "escrow")
    os.truncate(ring.public, 10)
    with pytest.raises(SystemExit, match="TOKEN_KEYS_FILE"):
        Verifier(ring.public, "escrow")
