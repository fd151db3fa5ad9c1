"""Mishaps: started twice, a taken port, a process that dies, a browser from elsewhere."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest

from deploy.compose.containers import ROOT, Containers, compose


def state(*services: str) -> dict[str, tuple[str, str, int]]:
    """Container, time of its start and number of restarts, by service."""
    ids = compose("ps", "-q", *services).split()
    found: list[dict[str, Any]] = json.loads(subprocess.run(["docker", "inspect", *ids], capture_output=True, check=True).stdout)
    return {
        one["Config"]["Labels"]["com.docker.compose.service"]: (one["Id"], one["State"]["StartedAt"], one["RestartCount"])
        for one in found
    }


@pytest.mark.timeout(300)
def test_up_a_second_time_changes_nothing(exchange: Containers) -> None:
    before, keys = state(), exchange.keys
    compose("up", "-d", "--wait")

    assert state() == before
    assert Containers().keys == keys
    assert "secrets made: none" in compose("logs", "--tail", "1", "secrets")


def test_a_taken_port_is_named_before_anything_is_started(exchange: Containers) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        env = {**os.environ, "COMPOSE_PROJECT_NAME": "oe-never", "GATEWAY_PORT": port}
        command = [sys.executable, "-m", "deploy.compose", "up"]
        refused = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"port {port}, wanted for the gateway (GATEWAY_PORT), is taken by ")


@pytest.mark.timeout(200)
@pytest.mark.parametrize("service", ["escrow", "fleet", "clinic-b"])
def test_a_process_that_dies_is_started_again_by_the_engine(exchange: Containers, service: str) -> None:
    _, _, restarts = state(service)[service]
    compose("exec", "-T", service, "sh", "-c", "kill -9 -1", check=False)

    end = time.monotonic() + 120
    while True:
        again = json.loads(compose("ps", "--format", "json", service))
        if state(service)[service][2] > restarts and again["Health"] == "healthy":
            return
        assert time.monotonic() < end, again
        time.sleep(0.5)


ASK = """
import urllib.error, urllib.request
try:
    print(urllib.request.urlopen("http://gateway:8000/session/demo").status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


def test_only_this_machines_browser_is_given_the_demonstrations_keys(exchange: Containers) -> None:
    here = httpx.get(f"{exchange.gateway_url}/session/demo", trust_env=False)

    assert here.status_code == 200
    assert {persona["role"] for persona in here.json()["personas"]} == {"provider", "model_owner", "operator", "reviewer"}
    for service in ("marketplace", "enroll"):
        command = ["run", "--rm", "-T", "--no-deps", service] if service == "enroll" else ["exec", "-T", service]
        assert compose(*command, "python", "-c", ASK).strip() == "404"


def test_a_service_without_its_secret_ends_with_one_line(exchange: Containers) -> None:
    command = ["docker", "run", "--rm", "--network=none", "-e", "KEYS_FILE=/run/secrets/keys.json"]
    command += ["-e", "DATABASE_URL_FILE=/run/secrets/database_url", "open-ecosystem/services", "python", "-m", "services.escrow"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr == "setting DATABASE_URL_FILE: cannot read /run/secrets/database_url: No such file or directory\n"
