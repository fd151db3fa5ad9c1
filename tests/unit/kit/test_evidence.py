"""Evidence that was changed anywhere is found out, and the place is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deploy import token_keys
from shared import verify
from shared.kit import chain, evidence
from shared.kit.evidence import problems, sealed
from shared.kit.signing import SigningKey
from shared.kit.tokens import jwk_of, key_id_of

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)


def sign(content: bytes) -> tuple[str, bytes]:
    return key_id_of(KEY.public_key()), KEY.sign(content)


def timeline() -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    provider = {"offer_id": "o1", "ok": True, "reply_sha256": "a" * 64, "error_code": None}
    for number, (event, data) in enumerate(
        [
            ("created", {"escrow_total": 12.5, "offers": [{"offer_id": "o1", "version": 3, "seller_node_id": "clinic/ä~1"}]}),
            ("round_started", {"run_id": "r1", "grants": []}),
            ("round_completed", {"run_id": "r1", "round": 1, "loss": 2.5e-09, "providers": [provider]}),
        ],
        start=1,
    ):
        said = {"seq": number, "ts": number, "at": "2026", "event": event, "actor": "lab", "data": data}
        linked = {**said, "prev_hash": events[-1]["hash"] if events else chain.GENESIS}
        events.append({**linked, "hash": chain.digest(linked)})
    return events


def parts() -> dict[str, Any]:
    round_ = {
        "round": 1,
        "loss": 2.5e-09,
        "providers": [{"offer_id": "o1", "ok": True, "reply_sha256": "a" * 64, "error_code": None}],
    }
    entries = [{"account_id": "escrow:c", "amount": -0.3}, {"account_id": "lab", "amount": 0.1}, {"account_id": "x", "amount": 0.2}]
    return {
        "format": evidence.FORMAT,
        "contract_id": "c1",
        "intent": {"task_type": "t", "budget_total": 1e21, "note": 'größer/kleiner ~ \u2028 "q"'},
        "contract": {"contract_id": "c1", "scores": {str(n): n / 7 for n in range(40)}, "nothing": None, "empty": [], "flag": True},
        "training": {"grant_keys": None, "runs": [{"run_id": "r1", "grants": [], "rounds_detail": [round_]}]},
        "ledger": {"transfers": [{"kind": "release", "entries": entries}]},
        "timeline": {"events": timeline(), "head_hash": "h"},
    }


DOCUMENT = sealed(parts(), sign).encode()


def found(raw: bytes) -> list[str]:
    return [problem.where for problem in problems(raw, KEY.public_key())]


def test_what_was_signed_is_sound() -> None:
    assert found(DOCUMENT) == []
    assert found(DOCUMENT + b"\n") == []


def test_numbers_are_written_as_a_browser_writes_them() -> None:
    small = {1e-7: "1e-7", -2.5e-9: "-2.5e-9", 1e-6: "0.000001", 0.1: "0.1"}
    large = {1e20: "1" + 20 * "0", 1e21: "1e+21", 1.5e22: "1.5e+22"}
    for value, written in {**small, **large, -0.0: "0"}.items():
        assert chain.canonical(value) == written
    with pytest.raises(ValueError, match="no number"):
        chain.canonical(float("nan"))


@settings(max_examples=200, deadline=None)
@example(DOCUMENT.index(b"1e+21") + 3, ord("2") ^ ord("9"))  # a number beyond every double
@given(st.integers(0, len(DOCUMENT) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_found_and_named(at: int, flip: int) -> None:
    """The name is the part that holds the byte, or the file where that is a file of JSON no more."""
    changed = bytearray(DOCUMENT)
    changed[at] ^= flip

    where = found(bytes(changed))

    assert where
    signature_at, manifest_at = DOCUMENT.index(b'"signature":{'), DOCUMENT.index(b'"manifest":{')
    if "file" not in where and manifest_at < at < signature_at and b'"manifest":{' in changed:
        assert any(w == "/signature/value" for w in where)
    elif where[0].startswith("/signature"):
        assert at >= signature_at - 2


def leaves(value: Any, pointer: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [pointer, *(leaf for name, child in children for leaf in leaves(child, (*pointer, name)))]


POINTERS = [pointer for pointer in leaves(parts()) if pointer]


def text_of(pointer: tuple[Any, ...]) -> str:
    return "".join(f"/{str(name).replace('~', '~0').replace('/', '~1')}" for name in pointer)


def overlap(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(POINTERS), st.sampled_from(["change", "remove", "add"]))
def test_a_field_that_was_changed_removed_or_added_is_named(pointer: tuple[Any, ...], how: str) -> None:
    document = json.loads(DOCUMENT)
    holder: Any = document
    for name in pointer[:-1]:
        holder = holder[name]
    if how == "change":
        holder[pointer[-1]] = {"another": "value"}
    elif how == "remove":
        del holder[pointer[-1]]
    elif isinstance(holder[pointer[-1]], dict):
        holder[pointer[-1]]["new"] = 1
    else:
        holder[pointer[-1]] = [holder[pointer[-1]], 1]

    named = found(chain.canonical(document).encode())

    assert any(overlap(text_of(pointer), where) for where in named) or isinstance(holder, list), (pointer, named)
    assert named
    # Nothing that was left alone is blamed, except what slid into another place of a list.
    parent = text_of(pointer[:-1])
    assert all(overlap(text_of(pointer), where) or where.startswith(parent) for where in named)


def test_swapped_entries_a_second_name_and_another_writing_are_found() -> None:
    document = json.loads(DOCUMENT)
    events = document["timeline"]["events"]
    events[0], events[1] = events[1], events[0]
    assert {where.split("/")[1] for where in found(chain.canonical(document).encode())} == {"timeline"}
    assert found(DOCUMENT.replace(b'"contract_id":"c1"', b'"contract_id":"c1","contract_id":"c1"', 1)) == ["file"]
    assert found(json.dumps(json.loads(DOCUMENT)).encode()) == ["file"]
    deep = b'{"a":' * 3000 + b"1" + b"}" * 3000
    strange = (b'{"a":1e999}', b'{"a":"\\ud800"}', b"[" * 100_000, deep, b'{"manifest":[],"signature":1}')
    for nonsense in (b"", b"null", b"{}", b"\xff", DOCUMENT[:-1], *strange):
        assert found(nonsense)


def test_another_key_and_a_signature_for_something_else_are_found() -> None:
    assert [p.where for p in problems(DOCUMENT, OTHER.public_key())] == ["/signature/kid", "/signature/value"]
    manifest = chain.canonical(json.loads(DOCUMENT)["manifest"]).encode()
    stolen = json.loads(DOCUMENT)
    stolen["signature"]["value"] = KEY.sign(manifest).hex()  # of the same bytes, as something else
    assert found(chain.canonical(stolen).encode()) == ["/signature/value"]


def _break_chain(said: dict[str, Any]) -> str:
    said["timeline"]["events"][1]["actor"] = "somebody else"
    return "/timeline/events/1"


def _other_contract(said: dict[str, Any]) -> str:
    said["contract"]["contract_id"] = "c2"
    return "/contract/contract_id"


def _unbalanced(said: dict[str, Any]) -> str:
    said["ledger"]["transfers"][0]["entries"][0]["amount"] = -0.300001
    return "/ledger/transfers/0"


def _other_reply(said: dict[str, Any]) -> str:
    said["training"]["runs"][0]["rounds_detail"][0]["providers"][0]["reply_sha256"] = "b" * 64
    return "/training/runs/0/rounds_detail/0"


def _forged_grant(said: dict[str, Any]) -> str:
    said["training"]["runs"][0]["grants"] = [{"jti": "j", "token": "a.b.c"}]
    return "/training/runs/0/grants/0"


@pytest.mark.parametrize("contradict", [_break_chain, _other_contract, _unbalanced, _other_reply, _forged_grant])
def test_even_the_issuer_cannot_sign_parts_that_contradict_one_another(contradict: Callable[[dict[str, Any]], str]) -> None:
    said = copy.deepcopy(parts())
    where = contradict(said)

    assert found(sealed(said, sign).encode()) == [where]


def test_the_program_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, pem, jwk = tmp_path / "evidence.json", tmp_path / "key.pem", tmp_path / "key.json"
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem.write_bytes(KEY.public_key().public_bytes(serialization.Encoding.PEM, spki))
    jwk.write_text(json.dumps({"keys": [jwk_of(OTHER.public_key()), jwk_of(KEY.public_key())]}))
    file.write_bytes(DOCUMENT)

    assert verify.main([str(file), "--key", str(pem)]) == verify.main([str(file), "--key", str(jwk)]) == 0
    file.write_bytes(DOCUMENT.replace(b'"amount":0.2', b'"amount":0.9'))
    assert verify.main([str(file), "--key", str(pem)]) == 1
    assert "/ledger" in capsys.readouterr().err
    pem.write_text("no key")
    assert verify.main([str(file), "--key", str(pem)]) == verify.main([str(tmp_path / "gone"), "--key", str(jwk)]) == 2


def test_a_signing_key_that_changes_is_read_again_and_one_that_is_none_ends_the_start(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    token_keys.ensure(path, [])
    key = SigningKey(path, "X")
    before = key.jwk()
    token_keys.rotate(path, [])
    kid, signature = key.sign(b"content")

    assert kid == key.jwk()["kid"] != before["kid"]
    assert len(signature) == 64
    (tmp_path / "none.pem").write_text("none")
    for wrong in ("none.pem", "gone.pem"):
        with pytest.raises(SystemExit, match="setting X"):
            SigningKey(tmp_path / wrong, "X")


def test_evidence_from_before_rotations_checks_out_with_the_keys_that_are_published_now(tmp_path: Path) -> None:
    path, published = tmp_path / "key.pem", tmp_path / "keys.json"
    token_keys.ensure(path, [published], kept=None)
    key, files, said = SigningKey(path, "X"), [], parts()
    said["training"]["grant_keys"] = {"keys": []}
    for number in range(4):
        token, signed_by = key.word({"jti": f"g{number}"})
        said["training"]["runs"][0]["grants"].append({"jti": f"g{number}", "token": token})
        said["training"]["grant_keys"]["keys"].append(signed_by)
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(sealed(said, key.sign))
        token_keys.rotate(path, [published], kept=None)

    assert [verify.main([str(file), "--key", str(published)]) for file in files] == [0] * 4
    del said["training"]["grant_keys"]["keys"][0]
    files[0].write_text(sealed(said, key.sign))
    assert verify.main([str(files[0]), "--key", str(published)]) == 1


def test_the_browsers_check_is_tried_on_what_is_written_here() -> None:
    sample = Path(__file__).parents[3] / "services/dashboard/src/domain/evidence.sample.txt"

    assert sample.read_text("utf-8") == json.dumps(jwk_of(KEY.public_key())) + "\n" + DOCUMENT.decode() + "\n"
