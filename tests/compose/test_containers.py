"""How the containers are built and what they may: as Docker itself says, not as the Compose file intends."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Final

import pytest
import yaml

from deploy.compose.containers import Containers, compose
from deploy.local.processes import ROOT
from tests import backends

ONCE: Final = {"secrets", "migrate", "enroll"}
PUBLISHED: Final = {"gateway", "grafana"}
WRITABLE: Final[dict[str, str]] = {}
"""Services with a writable root file system, and why. There is none."""

CLINICS: Final = {f"clinic-{letter}{part}" for letter in "abc" for part in ("", "-executor")}


@pytest.fixture(scope="module")
def containers(exchange: Containers) -> dict[str, dict[str, Any]]:
    """What `docker inspect` says, by service."""
    ids = compose("ps", "-aq").split()
    found = json.loads(subprocess.run(["docker", "inspect", *ids], capture_output=True, check=True).stdout)
    return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}


def test_everything_that_the_file_names_is_there(containers: dict[str, dict[str, Any]]) -> None:
    assert set(containers) == set(compose("config", "--services").split())


def test_every_container_is_healthy_or_has_done_its_work(containers: dict[str, dict[str, Any]]) -> None:
    for service, one in containers.items():
        state = one["State"]
        if service in ONCE:
            assert (state["Status"], state["ExitCode"]) == ("exited", 0), service
        else:
            assert (state["Status"], state["Health"]["Status"]) == ("running", "healthy"), service


def test_no_container_runs_as_root(containers: dict[str, dict[str, Any]]) -> None:
    for service, one in containers.items():
        assert one["Config"]["User"] not in {"", "0", "root"}, service
        if service not in ONCE:
            uids = compose("exec", "-T", service, "sh", "-c", "cat /proc/[0-9]*/status").split("\n")
            real = {row.split()[1] for row in uids if row.startswith("Uid:")}
            assert "0" not in real, service


def test_no_container_can_write_its_own_file_system(containers: dict[str, dict[str, Any]]) -> None:
    for service, one in containers.items():
        assert one["HostConfig"]["ReadonlyRootfs"] or service in WRITABLE, service


def test_no_container_has_a_privilege_or_can_gain_one(containers: dict[str, dict[str, Any]]) -> None:
    for service, one in containers.items():
        host = one["HostConfig"]
        assert host["CapDrop"] == ["ALL"], service
        assert not host["CapAdd"], service
        assert not host["Privileged"], service
        assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"]), service
        assert host["NetworkMode"] != "host", service


def test_every_container_is_bounded(containers: dict[str, dict[str, Any]]) -> None:
    for service, one in containers.items():
        host = one["HostConfig"]
        assert 0 < host["Memory"] <= 1024 * 2**20, service
        assert 0 < host["PidsLimit"] <= 500, service
        assert host["Init"], service
        assert host["LogConfig"]["Config"].keys() >= {"max-size", "max-file"}, service


def test_only_the_gateway_and_grafana_publish_a_port_and_on_this_machine_alone(containers: dict[str, dict[str, Any]]) -> None:
    for service, one in containers.items():
        bindings = [binding for ports in (one["HostConfig"]["PortBindings"] or {}).values() for binding in ports]
        assert bool(bindings) == (service in PUBLISHED), service
        assert all(binding["HostIp"] == "127.0.0.1" for binding in bindings), service


def test_no_secret_is_in_an_environment_or_a_command(containers: dict[str, dict[str, Any]], exchange: Containers) -> None:
    known = [*exchange.keys.values(), *compose("exec", "-T", "postgres", "cat", "/run/secrets/password").split()]
    for service, one in containers.items():
        shown = json.dumps([one["Config"], one["HostConfig"], one["Args"]])
        assert not [secret for secret in known if secret in shown], service


def test_no_secret_is_in_an_image(exchange: Containers) -> None:
    look = "find /secrets /run/secrets /app -type f -path '*secret*' -o -name '*.key' -o -name '.env' -o -name '.git'"
    for image in ("open-ecosystem/services", "open-ecosystem/flower"):
        found = subprocess.run(
            ["docker", "run", "--rm", "--network=none", image, "sh", "-c", look], capture_output=True, text=True, check=False
        ).stdout.split()
        assert [path for path in found if not path.endswith((".py", ".pyc"))] == [], image


def test_a_container_holds_its_own_secrets_and_no_others(exchange: Containers) -> None:
    for service, files in {
        "matching": {"keys.json", "token_keys.json", "nats_url"},
        "escrow": {"keys.json", "token_keys.json", "nats_url", "database_url"},
        "gateway": {"keys.json", "signing_key.pem", "evidence_key.pem", "evidence_keys.json", "nats_url", "database_url"},
        "clinic-a": {"ca.crt", "server.pem", "server.key", "fleet-ca.crt", "node_key", "executor_secret"},
        "clinic-a-executor": {"ca.crt", "executor_secret", "grant_keys.json"},
    }.items():
        assert set(compose("exec", "-T", service, "ls", "/run/secrets").split()) == files


def test_a_providers_machine_shares_a_network_with_the_fleet_proxy_and_with_nobody_elses_machine(
    containers: dict[str, dict[str, Any]],
) -> None:
    members: dict[str, set[str]] = {}
    for service, one in containers.items():
        for network in one["NetworkSettings"]["Networks"]:
            members.setdefault(network.split("_", 1)[-1], set()).add(service)

    for letter in "abc":
        clinic = f"clinic-{letter}"
        assert members[clinic] == {clinic, f"{clinic}-executor", "fleet"}
    for network, inside in members.items():
        if network not in {"clinic-a", "clinic-b", "clinic-c"}:
            assert not inside & CLINICS, network


# Runs in a container: which of these can be connected to? Addresses and not names, as a resolver that knows no name proves little.
PROBE: Final = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def answers(target):
    try:
        socket.create_connection(target[1:], timeout=2).close()
        return True
    except OSError:
        return False
targets = json.loads(sys.argv[1])
with ThreadPoolExecutor(len(targets)) as pool:
    print(json.dumps([target[0] for target, ok in zip(targets, pool.map(answers, map(tuple, targets))) if ok]))
"""


def test_a_provider_node_reaches_the_fleet_proxy_and_nothing_else(containers: dict[str, dict[str, Any]]) -> None:
    ports = {"postgres": 5432, "nats": 4222, "superlink": 8005, "fleet": 8443, "prometheus": 9090, "clinic-b": 9094}
    ports |= dict.fromkeys(("gateway", "marketplace", "matching", "escrow", "training-coordinator"), 8000)
    targets = [
        (service, network["IPAddress"], port)
        for service, port in ports.items()
        for network in containers[service]["NetworkSettings"]["Networks"].values()
    ]
    targets.append(("the world", "1.1.1.1", 443))

    for service in ("clinic-a", "clinic-a-executor"):
        reached = set(json.loads(compose("exec", "-T", service, "python", "-c", PROBE, json.dumps(targets))))
        assert reached == {"fleet"}, service


# Runs in a node's container: what does the proxy answer?
ASK: Final = """
import http.client, json, ssl, sys
context = ssl.create_default_context(cafile="/run/secrets/fleet-ca.crt")
answers = {}
for method, path in json.loads(sys.argv[1]):
    conn = http.client.HTTPSConnection("fleet", 8443, timeout=5, context=context)
    conn.putrequest(method, path, skip_host=False)
    conn.putheader("content-length", "0")
    conn.putheader("content-type", "application/protobuf")
    conn.putheader("accept", "application/protobuf")
    conn.endheaders()
    answers[path] = conn.getresponse().status
print(json.dumps(answers))
"""


def test_the_fleet_proxy_forwards_the_fleet_api_and_nothing_else(exchange: Containers) -> None:
    hidden = [
        ("POST", "/v1/control/start-run"),
        ("POST", "/v1/control/list-nodes"),
        ("POST", "/v1/runtime/acquire-task"),
        ("POST", "/v1/fleet/../control/list-nodes"),
        ("POST", "/v1/fleet/%2e%2e/control/list-nodes"),
        ("POST", "/v1/fleet/..%2fcontrol/list-nodes"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/"),
    ]
    asked = [("GET", "/health"), ("POST", "/v1/fleet/pull-messages"), *hidden]
    answers = json.loads(compose("exec", "-T", "clinic-a", "python", "-c", ASK, json.dumps(asked)))

    assert answers["/health"] == 200
    assert answers["/v1/fleet/pull-messages"] in {401, 403}, "the SuperLink itself refuses who has not signed"
    assert {path: answers[path] for _, path in hidden} == dict.fromkeys([path for _, path in hidden], 404)


def test_the_committed_environment_switches_grafana_on() -> None:
    settings = dict(row.split("=", 1) for row in (ROOT / ".env").read_text("utf-8").splitlines() if row and row[0] != "#")
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]

    assert settings["COMPOSE_PROFILES"] in services["grafana"]["profiles"]


def test_the_integration_tests_run_on_the_servers_that_the_file_names() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]

    assert (services["postgres"]["image"], services["nats"]["image"]) == (backends.POSTGRES_IMAGE, backends.NATS_IMAGE)
