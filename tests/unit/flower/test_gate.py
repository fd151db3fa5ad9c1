"""What a node makes of a message's grant and of its own policy: everything but the right one is refused, with its own code."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from oe_app import gate, grant, policy, usage
from oe_app.refusals import NodeRefusal, Refused

from deploy import token_keys
from services.flower.executor import NOT_ALLOWED
from services.training_coordinator.grants import Issuer
from shared.contracts.errors import ErrorCode
from shared.contracts.events import ContractSeller, ContractTerms
from shared.kit.signing import SigningKey
from tests.seen import told

NODE, BUNDLE = 2**63 + 17, "b" * 64
NOW = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)


class Gate:
    """A node with a policy, and the coordinator's key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        token_keys.ensure(folder / "key.pem", [folder / "keys.json"])
        self.key = SigningKey(folder / "key.pem", "X")
        seller = ContractSeller(
            offer_id="o", offer_version=3, seller_node_id="clinic", dataset_fingerprint="f", price_per_round=2_000_000
        )
        terms = ContractTerms(
            contract_id="c",
            round_intent_id="i",
            round_id="r",
            model_owner_id="lab",
            task_type="classification",
            rounds=3,
            sellers=(seller,),
            agreed_price_per_round_total=2_000_000,
            escrow_total=6_000_000,
            created_at=NOW,
        )
        node = {"node_id": str(NODE), "offer_id": "o", "dataset_fingerprint": "f"}
        job = {"run_id": "run", "task": "classification", "rounds": 3, "round_timeout_s": 60, "nodes": [node]}
        (self.issued,) = Issuer(self.key, BUNDLE).issue(job, terms)

    def token(self, **claims: Any) -> str:
        return self.key.jwt({**jwt.decode(self.issued.token, options={"verify_signature": False}), **claims})

    def admit(self, token: str | None = None, *, node_id: int = NODE, rules: str | None = None, **config: Any) -> gate.Permit:
        node = {"grant-keys": str(self.folder / "keys.json"), "grant-book": str(self.folder / "state/book.db")}
        if rules is not None:
            (self.folder / "policy.toml").write_text(rules)
            node["policy"] = str(self.folder / "policy.toml")
        asked = {"server-round": 1, "task": "digits-softmax", "grant": self.issued.token if token is None else token, **config}
        return gate.admit(asked, node, node_id)


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gate:
    monkeypatch.setenv(gate.BUNDLE, BUNDLE)
    return Gate(tmp_path)


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(NodeRefusal, match=r".") as caught:
        call()
    return told(caught.value.why.name.lower())


def test_the_coordinators_grant_opens_the_gate_for_the_data_that_it_names(at: Gate) -> None:
    permit = at.admit()

    assert permit.dataset_fingerprint == "f"
    assert permit.grant is not None
    assert (permit.grant.offer_version, permit.grant.model_owner, permit.grant.contract) == (3, "lab", "c")
    permit.use()


@pytest.mark.parametrize(
    "code, claims, config",
    [
        ("grant_for_another_node", {"aud": "1"}, {}),
        ("grant_for_another_node", {"aud": [str(NODE)]}, {}),
        ("grant_for_another_bundle", {"bundle": "c" * 64}, {}),
        ("grant_for_another_task", {"task": "wine-logistic"}, {}),
        ("grant_for_another_task", {}, {"task": "digits-mlp"}),
        ("grant_round_not_covered", {}, {"server-round": 4}),
        ("grant_round_not_covered", {}, {"server-round": 0}),
        ("grant_invalid", {"iss": "gateway"}, {}),
        ("grant_invalid", {"dataset": 7}, {}),
        ("grant_invalid", {"last_round": True}, {}),
        ("grant_invalid", {"jti": None}, {}),
    ],
)
def test_a_grant_for_something_else_is_refused(at: Gate, code: str, claims: dict[str, Any], config: dict[str, Any]) -> None:
    assert refused(lambda: at.admit(at.token(**claims), **config)) == code


def test_clocks_may_be_a_minute_apart_and_not_ten(at: Gate) -> None:
    now = int(time.time())
    at.admit(at.token(exp=now - 50))
    at.admit(at.token(iat=now + 50))

    assert refused(lambda: at.admit(at.token(exp=now - 600))) == "grant_expired"
    assert refused(lambda: at.admit(at.token(iat=now + 600))) == "grant_not_yet_valid"


def test_without_a_grant_nothing_opens(at: Gate) -> None:
    assert refused(lambda: at.admit("")) == "grant_missing"


@pytest.mark.parametrize("claim", ["exp", "iat", "aud", "iss", "jti", "run", "bundle", "price_per_round"])
def test_a_grant_that_lacks_a_claim_is_refused(at: Gate, claim: str) -> None:
    claims = jwt.decode(at.issued.token, options={"verify_signature": False})
    del claims[claim]

    assert refused(lambda: at.admit(at.key.jwt(claims))) == "grant_invalid"


def test_nobody_elses_signature_counts(at: Gate, tmp_path: Path) -> None:
    claims = jwt.decode(at.issued.token, options={"verify_signature": False})
    (tmp_path / "other").mkdir()
    other = Gate(tmp_path / "other")
    kid = jwt.get_unverified_header(at.issued.token)["kid"]
    head, body, signature = at.issued.token.split(".")
    forged = {
        "another key": other.key.jwt(claims),
        "another key by our key's name": jwt.encode(claims, other.key._key, algorithm="EdDSA", headers={"kid": kid}),
        "no signature": jwt.encode(claims, "", algorithm="none", headers={"kid": kid}),
        "a shared secret": jwt.encode(claims, "s" * 32, algorithm="HS256", headers={"kid": kid}),
        "a flipped signature": f"{head}.{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
        "nonsense": "a.b.c",
        "a very long one": "a" * 10_000,
    }
    for name, token in forged.items():
        assert refused(lambda token=token: at.admit(token)) == "grant_invalid", name  # type: ignore[misc]


def test_a_node_that_is_not_told_the_keys_trains_for_nobody(at: Gate) -> None:
    config = {"server-round": 1, "task": "digits-softmax", "grant": at.issued.token, "dataset-fingerprint": "f"}

    assert refused(lambda: gate.admit(config, {}, NODE)) == "grant_invalid"
    assert refused(lambda: gate.admit(config, {"grant-keys": str(at.folder / "gone.json")}, NODE)) == "grant_invalid"


def test_a_rotated_key_is_followed(at: Gate) -> None:
    token_keys.rotate(at.folder / "key.pem", [at.folder / "keys.json"])

    at.admit(at.token())
    at.admit(at.issued.token)  # signed before, and the set has the key before


def test_a_round_is_trained_once_under_a_grant(at: Gate) -> None:
    at.admit().use()
    again: dict[str, Any] = {"server-round": 2}
    at.admit(**again).use()

    assert refused(lambda: at.admit().use()) == "grant_replayed"
    at.admit(at.token(jti="another")).use()


@pytest.mark.parametrize(
    "rules, code",
    [
        ("", None),
        ('tasks = ["digits-softmax"]', None),
        ('tasks = ["classification"]', None),
        ('tasks = ["wine-logistic"]', "policy_task_refused"),
        ('model_owners = ["lab", "other"]', None),
        ("model_owners = []", "policy_model_owner_refused"),
        ("min_price = 2", None),
        ("min_price = 2.000001", "policy_price_too_low"),
        ("max_rounds_per_day = 0", "policy_rounds_per_day_reached"),
        ("hours = []", "policy_outside_hours"),
        ('hours = ["00:00-23:59:59.999999"]', None),
        ("max_rounds_a_day = 3", "policy_unreadable"),
        ("tasks = 'digits'", "policy_unreadable"),
        ("min_price = -1", "policy_unreadable"),
        ("max_rounds_per_day = 1.5", "policy_unreadable"),
        ('hours = ["8-9 o\'clock"]', "policy_unreadable"),
        ("tasks = [", "policy_unreadable"),
    ],
)
def test_the_providers_own_policy_decides(at: Gate, rules: str, code: str | None) -> None:
    if code is None:
        at.admit(rules=rules).use()
    else:
        assert refused(lambda: at.admit(rules=rules).use()) == code


@pytest.mark.parametrize(
    "span, inside", [("20:00-06:00", True), ("06:00-20:00", False), ("23:30-23:31", True), ("22:00-23:30", False)]
)
def test_hours_are_utc_and_may_go_over_midnight(at: Gate, tmp_path: Path, span: str, inside: bool) -> None:
    (tmp_path / "hours.toml").write_text(f'hours = ["{span}"]')
    rules = policy.read(tmp_path / "hours.toml")
    granted = grant.read(at.issued.token, at.folder / "keys.json", node_id=str(NODE))

    if inside:
        rules.check(granted, task_name="digits-softmax", now=NOW)
    else:
        assert refused(lambda: rules.check(granted, task_name="digits-softmax", now=NOW)) == "policy_outside_hours"


def test_a_day_begins_at_midnight_utc(tmp_path: Path) -> None:
    book = tmp_path / "book.db"
    for number in (1, 2):
        usage.note(book, "j", number, now=NOW, max_per_day=2)

    assert refused(lambda: usage.note(book, "j", 3, now=NOW, max_per_day=2)) == "policy_rounds_per_day_reached"
    usage.note(book, "j", 3, now=NOW + timedelta(hours=1), max_per_day=2)


def test_every_refusal_has_a_number_of_its_own_and_a_code_of_the_catalogue() -> None:
    assert {why.name for why in Refused} <= set(ErrorCode.__members__)
    assert Refused(NOT_ALLOWED) is Refused.BUNDLE_NOT_ALLOWED
    assert len({why.value for why in Refused}) == len(Refused.__members__)
