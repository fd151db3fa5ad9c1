"""Every code that the coordinator can refuse with, by its exact string; and that none is forgotten here."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.training_coordinator import schemas
from shared.contracts.errors import ErrorCode
from tests.integration.coordinator.conftest import Coordinator, ServerApp, refused
from tests.integration.coordinator.test_nodes import BODY as NODE

SERVICE = Path(schemas.__file__).parent
CLAIM = {"flower_run_id": "1"}
ROUND = {"round": 1}
FINISH = {"succeeded": True, "rounds_completed": 1}
REPORTS: dict[str, Any] = {"claim": CLAIM, "rounds": ROUND, "finish": FINISH}
LONG = "x" * 201

WRONG_FIELDS: list[tuple[str, Any, Any, str]] = [
    ("/trigger_fl", {}, {"contract_id": ""}, "contract_id_required"),
    ("/trigger_fl", {}, {"contract_id": LONG}, "invalid_contract_id"),
    ("/trigger_fl", {}, {"rounds": 0}, "invalid_rounds"),
    ("/training/nodes", NODE, {"name": None}, "name_required"),
    ("/training/nodes", NODE, {"name": "  "}, "name_required"),
    ("/training/nodes", NODE, {"name": LONG}, "invalid_name"),
    ("/training/nodes", NODE, {"seller_node_id": None}, "seller_node_id_required"),
    ("/training/nodes", NODE, {"seller_node_id": 7}, "invalid_seller_node_id"),
    ("/training/nodes", NODE, {"public_key": None}, "public_key_required"),
    ("/training/nodes", NODE, {"public_key": " "}, "public_key_required"),
    ("/training/nodes", NODE, {"public_key": "k" * 1001}, "invalid_public_key"),
    ("/training/nodes", NODE, {"public_key": 7}, "invalid_public_key"),
    ("/training/nodes", NODE, {"dataset_fingerprint": None}, "dataset_fingerprint_required"),
    ("/training/nodes", NODE, {"dataset_fingerprint": "a\x00b"}, "invalid_dataset_fingerprint"),
    ("/training/nodes", NODE, {"sample_count": -1}, "invalid_sample_count"),
    ("/training/nodes", NODE, {"sample_count": 1.0}, "invalid_sample_count"),
    ("/training/nodes", NODE, {"label_histogram": {"0": -1}}, "invalid_label_histogram"),
    ("/training/nodes", NODE, {"label_histogram": []}, "invalid_label_histogram"),
    ("/training/nodes", NODE, {"modality": 7}, "invalid_modality"),
    ("/training/nodes", NODE, {"tasks": "classification"}, "invalid_tasks"),
    ("/training/nodes", NODE, {"sandbox": "yes"}, "invalid_sandbox"),
    ("/training/nodes", NODE, {"label_schema": 7}, "invalid_label_schema"),
    ("/training/nodes", NODE, {"missing_values": -1}, "invalid_missing_values"),
    ("/training/nodes", NODE, {"duplicates": 0.5}, "invalid_duplicates"),
    ("/training/nodes", NODE, {"holdout_score": 1.5}, "invalid_holdout_score"),
    ("claim", CLAIM, {"flower_run_id": None}, "flower_run_id_required"),
    ("claim", CLAIM, {"flower_run_id": 7}, "invalid_flower_run_id"),
    ("rounds", ROUND, {"round": None}, "round_required"),
    ("rounds", ROUND, {"round": -1}, "invalid_round"),
    ("rounds", ROUND, {"accuracy": "high"}, "invalid_accuracy"),
    ("rounds", ROUND, {"loss": True}, "invalid_loss"),
    ("rounds", ROUND, {"seconds": []}, "invalid_seconds"),
    ("rounds", ROUND, {"providers": [{"ok": True}]}, "invalid_providers"),
    ("rounds", ROUND, {"contribution_method": "guess"}, "invalid_contribution_method"),
    ("finish", FINISH, {"succeeded": None}, "succeeded_required"),
    ("finish", FINISH, {"succeeded": 1}, "invalid_succeeded"),
    ("finish", FINISH, {"reason": 7}, "invalid_reason"),
    ("finish", FINISH, {"rounds_completed": None}, "rounds_completed_required"),
    ("finish", FINISH, {"rounds_completed": -1}, "invalid_rounds_completed"),
]


def _body(good: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**good, **change}.items() if value is not None}


class Poster:
    """Posts to a client's path as an operator, or reports as the ServerApp of a run that it has claimed."""

    def __init__(self, coordinator: Coordinator, server_app: ServerApp) -> None:
        self._coordinator, self._server_app = coordinator, server_app

    async def __call__(self, path: str, **request: Any) -> httpx.Response:
        if path.startswith("/"):
            return await self._coordinator.call("POST", path, **request)
        return await self._server_app.post(path, **request)


@pytest.fixture
async def post(coordinator: Coordinator) -> Poster:
    return Poster(coordinator, await coordinator.running())


async def test_a_wrong_field_is_refused_by_its_own_code(post: Poster) -> None:
    for path, good, change, code in WRONG_FIELDS:
        answer = await post(path, json=_body(good, change))

        details = refused(answer, 400, code)
        assert [(f["field"].split(".")[0], f["code"]) for f in details["fields"]] == [(next(iter(change)), code)]
        assert answer.json()["message"]


async def test_a_number_that_is_not_finite_is_refused(post: Poster) -> None:
    for number in ("NaN", "Infinity", "1e999"):
        answer = await post("rounds", content=f'{{"round": 1, "accuracy": {number}}}')

        refused(answer, 400, "invalid_accuracy")


async def test_all_wrong_fields_are_told_at_once_in_their_order(coordinator: Coordinator) -> None:
    answer = await coordinator.call("POST", "/training/nodes", json={"sandbox": 1, "sample_count": -1, "name": 7})

    details = refused(answer, 400, "invalid_name")
    assert [f["code"] for f in details["fields"]] == [
        "invalid_name",
        "seller_node_id_required",
        "public_key_required",
        "dataset_fingerprint_required",
        "invalid_sample_count",
        "invalid_sandbox",
    ]


EVERY_POST = ["/trigger_fl", "/training/trigger", "/training/nodes", "claim", "rounds", "finish"]


NO_BODIES = [
    (b"{", 400, "malformed_json"),
    (b"[]", 400, "json_object_required"),
    (b'{"contract": 1}', 400, "unknown_field"),
    (b" " * ((1 << 20) + 1), 413, "body_too_large"),
]


async def test_a_body_that_is_no_body_is_refused(post: Poster) -> None:
    for path in EVERY_POST:
        for content, status, code in NO_BODIES:
            answer = await post(path, content=content)

            assert answer.status_code == status
            told = answer.json()
            assert code in [told["code"], *(field["code"] for field in told["details"].get("fields", []))]


async def test_a_list_with_a_nonsense_query_is_refused(coordinator: Coordinator) -> None:
    for query, code in (("limit=0", "invalid_limit"), ("cursor=x", "invalid_cursor"), ("state=lost", "invalid_state")):
        refused(await coordinator.call("GET", f"/training/runs?{query}"), 400, code)


async def test_an_unknown_run_is_not_found(coordinator: Coordinator) -> None:
    for method, path in (("GET", ""), ("GET", "/model"), ("POST", "/stop")):
        details = refused(await coordinator.call(method, f"/training/runs/run-none{path}"), 404, "run_not_found")

        assert details == {"run_id": "run-none"}


async def test_a_run_without_a_model_has_none(coordinator: Coordinator) -> None:
    server_app = await coordinator.running()

    refused(await coordinator.call("GET", f"/training/runs/{server_app.run_id}/model"), 404, "model_not_found")


READS = ["/training/status", "/training/runs", "/training/runs/run-none", "/training/nodes"]


async def test_without_a_key_nothing_is_told_and_nothing_is_done(coordinator: Coordinator) -> None:
    run = f"/training/runs/{(await coordinator.bound()).run_id}"
    calls: list[tuple[str, str, Any]] = [("GET", path, None) for path in (*READS, f"{run}/model")]
    calls += [("POST", path, {}) for path in ("/trigger_fl", "/training/nodes", f"{run}/stop")]
    calls += [("POST", f"{run}/{what}", body) for what, body in REPORTS.items()] + [("PUT", f"{run}/model", {})]

    for key in (None, "Bearer wrong", "Basic x", "Bearer "):
        headers = {"authorization": key} if key else {}
        for method, path, body in calls:
            refused(await coordinator.http.request(method, path, headers=headers, json=body), 401, "unauthorized")


async def test_a_key_of_a_person_is_no_token_of_a_run(coordinator: Coordinator) -> None:
    server_app = await coordinator.bound()

    for what, body in REPORTS.items():
        refused(await coordinator.call("POST", f"/training/runs/{server_app.run_id}/{what}", json=body), 401, "unauthorized")


async def test_a_role_that_may_not_do_this_is_told_so(coordinator: Coordinator) -> None:
    not_owners = ("provider", "reviewer", "service")
    closed_to = dict.fromkeys(("/trigger_fl", "/training/trigger", "/training/runs/run-none/stop"), not_owners)
    for path, roles in {**closed_to, "/training/nodes": ("model_owner", "reviewer", "service")}.items():
        for role in roles:
            answer = await coordinator.call("POST", path, role=role, json=NODE if path.endswith("nodes") else {})

            assert refused(answer, 403, "forbidden")["role"] == role


# --- none is forgotten ------------------------------------------------------------------------------------------------
def _raised() -> set[str]:
    """The codes that the service's source names, and those that its schemas imply."""
    found = set()
    for path in SERVICE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("E", "ErrorCode"):
                found.add(str(ErrorCode[node.attr]))
    for model in (schemas.TriggerIn, schemas.NodeIn, schemas.ClaimIn, schemas.RoundIn, schemas.FinishIn):
        for name, info in model.model_fields.items():
            found.add(f"invalid_{name}")
            found |= {f"{name}_required"} if info.is_required() else set()
    return found & set(ErrorCode)


def test_every_code_of_the_coordinator_is_triggered_by_a_test() -> None:
    tested = {
        node.value
        for path in Path(__file__).parent.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    raised = _raised()

    assert len(raised) > 40
    assert raised - tested == set()
