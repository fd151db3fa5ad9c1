"""The provider's machine: its key, its registration, and the one place where Flower's inside is touched."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import flwr.supernode.start_client_internal as loop
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from services.flower import environment
from services.flower.provider_node import join, keys, supernode


# --- key --------------------------------------------------------------------------------------------------------------
def test_a_key_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "node"

    first, second = keys.ensure(path), keys.ensure(path)

    assert first == second
    assert first.startswith("ecdsa-sha2-nistp384 ")
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_nodes_have_two_keys(tmp_path: Path) -> None:
    assert keys.ensure(tmp_path / "a") != keys.ensure(tmp_path / "b")


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()], ids=["P-256", "Ed25519"]
)
def test_a_key_that_flower_does_not_take_is_refused_at_once(tmp_path: Path, key: Any) -> None:
    path = tmp_path / "key"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
    )

    with pytest.raises(SystemExit, match="not a P-384 key"):
        keys.ensure(path)


# --- Flower's inside --------------------------------------------------------------------------------------------------
def test_flower_still_sleeps_where_its_waits_are_shortened() -> None:
    """Fails when Flower changes there: then `supernode.shorten` has to be looked at again."""
    tree = ast.parse(inspect.getsource(loop))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]

    used = {node.attr for node in calls if node.value.id == "time"}  # type: ignore[attr-defined]

    assert used == {"sleep"}
    assert inspect.getsource(loop).count("time.sleep(") == 3


def test_a_sleep_of_the_supernode_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "time", time)  # restored after the test
    supernode.shorten()

    began = time.monotonic()
    vars(loop)["time"].sleep(30)

    assert time.monotonic() - began < 5


def test_a_node_without_work_looks_for_it_less_often_until_there_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(supernode, "time", SimpleNamespace(sleep=slept.append))
    sleep = supernode.ShortSleep()

    for _ in range(supernode.AWAKE_LOOKS + 2):
        sleep(3)  # Flower: no message
    sleep(0.5)  # Flower: a ClientApp is at work
    sleep(3)

    assert slept[0] == slept[-1] == slept[-2] == supernode.PROMPT_S
    assert slept[-3] == supernode.RESTING_S


# --- environment ------------------------------------------------------------------------------------------------------
def test_flowers_processes_inherit_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "NATS_URL", "NODE_TOKEN", "AWS_SECRET_ACCESS_KEY", "KEYS_FILE", "http_proxy"):
        monkeypatch.setenv(name, "secret")

    assert "secret" not in environment.clean(tmp_path).values()


def test_flower_does_not_call_home(tmp_path: Path) -> None:
    clean = environment.clean(tmp_path)

    assert clean["FLWR_TELEMETRY_ENABLED"] == "0"
    assert clean["FLWR_DISABLE_UPDATE_CHECK"] == "1"
    assert clean["FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION"] == "1"


# --- registration -----------------------------------------------------------------------------------------------------
class Coordinator:
    """Answers each registration with the next of `answers`; the last one stays."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.bodies: list[Any] = []
        self.tokens: list[str] = []
        waiting = list(answers)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                outer.tokens.append(self.headers["authorization"])
                status, answer = waiting[0] if len(waiting) == 1 else waiting.pop(0)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Coordinator:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def plan(tmp_path: Path, coordinator: str) -> join.Plan:
    return join.Plan(
        coordinator=coordinator,
        token="t",
        name="clinic",
        seller_node_id="seller",
        data="sandbox:digits:0/3",
        key=tmp_path / "key",
        superlink="127.0.0.1:1",
        ca=tmp_path / "ca.crt",
        certs=tmp_path,
        port=1,
        state=tmp_path,
        sandbox=True,
    )


FACTS = {
    "dataset_fingerprint": "f",
    "sample_count": 3,
    "label_histogram": {"0": 3},
    "modality": "image",
    "tasks": ["classification"],
}


def test_a_node_registers_with_its_key_and_what_it_measured(tmp_path: Path) -> None:
    with Coordinator((201, {"node_id": str(2**64 - 1)})) as coordinator:
        node_id = join.register(plan(tmp_path, coordinator.url), "the-key", FACTS)

    assert node_id == str(2**64 - 1)
    assert coordinator.tokens == ["Bearer t"]
    assert coordinator.bodies == [{"name": "clinic", "seller_node_id": "seller", "public_key": "the-key", "sandbox": True, **FACTS}]


def test_a_node_waits_for_a_coordinator_that_cannot_answer_yet(tmp_path: Path) -> None:
    with Coordinator((503, {}), (503, {}), (201, {"node_id": "7"})) as coordinator:
        assert join.register(plan(tmp_path, coordinator.url), "the-key", FACTS) == "7"


def test_a_node_that_is_refused_ends_with_the_coordinators_words(tmp_path: Path) -> None:
    with Coordinator((400, {"code": "invalid_public_key"})) as coordinator, pytest.raises(SystemExit, match="invalid_public_key"):
        join.register(plan(tmp_path, coordinator.url), "the-key", FACTS)


def test_a_coordinator_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "REGISTER_PATIENCE_S", 0.1)

    with Coordinator((503, {})) as coordinator, pytest.raises(SystemExit, match="does not answer"):
        join.register(plan(tmp_path, coordinator.url), "the-key", FACTS)


# --- command line -----------------------------------------------------------------------------------------------------
def inspect_data(spec: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "services.flower.provider_node", "inspect", "--data", spec]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60)


def test_inspect_tells_what_would_be_told() -> None:
    told = json.loads(inspect_data("sandbox:digits:0/3").stdout)

    assert told["sample_count"] == sum(told["label_histogram"].values())
    assert "classification" in told["tasks"]
    assert len(told["dataset_fingerprint"]) == 64


def test_inspect_of_what_is_no_data_ends_in_a_sentence() -> None:
    ended = inspect_data("no-such-file.npz")

    assert ended.returncode != 0
    assert ended.stderr.startswith("no-such-file.npz: ")
    assert "Traceback" not in ended.stderr
