"""What happens at every route to every role, and to every participant at what is not its own, is what the table says."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.access import ACCESS, Whose, access_to
from shared.kit.auth import Principal, Role
from tests.contract.test_the_access_table import APPS, calls
from tests.integration.access.conftest import Everything
from tests.integration.kit.conftest import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAB, CLINIC = Principal(Role.MODEL_OWNER, "lab", "k1"), Principal(Role.PROVIDER, "clinic", "k2")
OTHER_LAB, OTHER_CLINIC = Principal(Role.MODEL_OWNER, "lab-2", "k3"), Principal(Role.PROVIDER, "clinic-2", "k4")
OPERATOR, REVIEWER = Principal(Role.OPERATOR), Principal(Role.REVIEWER)
FILLED = {"event_id": str(uuid4()), "path:path": "x.js"}
QUERY = {"/ops/events": "?kind=nope", "/marketplace/contracts/{contract_id}": "?timeout_ms=0"}
HEALTH = {"/readyz", "/health", "/ops/health", "/status"}
"""Say 503 where a service is away, as it is for this gateway."""


def address(path: str) -> str:
    return re.sub(r"\{([^}]+)\}", lambda part: FILLED.get(part[1], "nope"), path) + QUERY.get(path, "")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("service", APPS)
async def test_every_route_answers_every_role_as_the_table_says(everything: Everything, service: str) -> None:
    wrong = []
    for (method, path), _ in calls(service).items():
        access = access_to(service, method, path)
        assert access is not None
        for who in (None, "garbage", "a.b.c", *map(Principal, Role)):
            answer = await everything.ask(service, who, method, address(path), {})
            if access.roles is None:
                right = answer.status_code not in {401, 403}
            elif not access.roles:  # the run's token opens it, and nothing else; what is wrong with the body is said before
                right = answer.status_code == (400 if who is not None and method == "POST" else 401)
            elif not isinstance(who, Principal):
                right = answer.status_code == 401
            elif who.role in access.roles:
                right = answer.status_code not in {401, 403} or (
                    answer.status_code == 403 and access.whose is Whose.NAME and who.role is not Role.OPERATOR
                )
            else:
                right = answer.status_code == 403
            if not right or (answer.status_code >= 500 and "service_unavailable" not in answer.text and path not in HEALTH):
                wrong.append((method, path, who, answer.status_code, answer.text[:200]))
    assert wrong == []


async def one_contract(every: Everything) -> dict[str, str]:
    """A contract between the lab and the clinic with a run and a dispute, each made by the participant itself."""
    public_key = "ecdsa-sha2-nistp384 AAAA"
    node = {"name": "n", "seller_node_id": "clinic", "public_key": public_key, "dataset_fingerprint": "f", "sample_count": 9}
    node_id = (await every.ok("training_coordinator", CLINIC, "POST", "/training/nodes", node))["node_id"]
    every.link.connect(node_id)
    offer = {"seller_node_id": "clinic", "dataset_fingerprint": "f", "price_per_round": 1, "modality": "own"}
    offer_id = (await every.ok("marketplace", CLINIC, "POST", "/marketplace/offers", offer))["offer_id"]
    wanted = {"model_owner_id": "lab", "task_type": "t", "required_modalities": ["own"]}
    intent = (await every.ok("marketplace", LAB, "POST", "/marketplace/round_intents", wanted))["round_intent_id"]
    spare = (await every.ok("marketplace", LAB, "POST", "/marketplace/round_intents", wanted))["round_intent_id"]
    contract_id = (await every.ok("marketplace", LAB, "POST", "/marketplace/match", {"round_intent_id": intent}))["contract_id"]

    async def funded() -> bool:
        pending = (await every.ok("training_coordinator", REVIEWER, "GET", "/training/status"))["marketplace_pending_contract"]
        return pending is not None and pending["contract_id"] == contract_id

    await until(funded)
    return {"offer_id": offer_id, "intent": intent, "spare": spare, "contract_id": contract_id, "public_key": public_key}


@pytest.mark.timeout(600)
async def test_what_is_anothers_is_as_if_it_were_not_there(everything: Everything) -> None:
    """In the order of a contract's life: the stranger first, then whose it is."""
    every, made = everything, await one_contract(everything)
    contract = {"contract_id": made["contract_id"]}
    dispute = {**contract, "reporter": "lab", "reason": "r"}
    walked: set[tuple[str, str, str]] = set()
    wrong: list[Any] = []

    async def attempt(
        service: str, method: str, template: str, body: Any, code: str, strangers: list[Principal], owner: Principal, **fill: str
    ) -> Any:
        walked.add((service, method, template))
        path = template.format(**fill)
        for stranger in strangers:
            answer = await every.ask(service, stranger, method, path, body)
            if answer.status_code != 404 or answer.json()["code"] != code:
                wrong.append((stranger, method, path, answer.status_code, answer.text[:200]))
        answer = await every.ask(service, owner, method, path, body)
        if (answer.status_code == 404 and answer.json()["code"] == code) or answer.status_code in {401, 403}:
            wrong.append((owner, method, path, answer.status_code, answer.text[:200]))
        return answer.json()

    both, M, E, T = [OTHER_LAB, OTHER_CLINIC], "marketplace", "escrow", "training_coordinator"
    c, i = contract["contract_id"], made["spare"]
    offers = "/marketplace/offers/{offer_id}"
    await attempt(M, "PATCH", offers, {"title": "x"}, "offer_not_found", [OTHER_CLINIC], CLINIC, offer_id=made["offer_id"])
    await attempt(M, "GET", f"{offers}/why_not", None, "offer_not_found", [OTHER_CLINIC], CLINIC, offer_id=made["offer_id"])
    intents, gone = "/marketplace/round_intents/{round_intent_id}", "round_intent_not_found"
    await attempt(M, "GET", intents, None, gone, [*both, CLINIC], LAB, round_intent_id=i)
    await attempt(M, "PATCH", intents, {"budget_total": 5}, gone, [OTHER_LAB], LAB, round_intent_id=i)
    await attempt(M, "POST", "/marketplace/policy/preview", {"round_intent_id": i}, gone, [OTHER_LAB], LAB)
    await attempt(M, "POST", "/marketplace/match", {"round_intent_id": i}, gone, [OTHER_LAB], LAB)
    for owner in (LAB, CLINIC):
        await attempt(M, "GET", "/marketplace/contracts/{contract_id}", None, "contract_not_found", both, owner, contract_id=c)
        await attempt(
            M, "GET", "/marketplace/contracts/{contract_id}/timeline", None, "contract_not_found", both, owner, contract_id=c
        )
        await attempt(E, "GET", "/escrow/contracts/{contract_id}/ledger", None, "contract_not_found", both, owner, contract_id=c)
        await attempt(
            T, "GET", "/training/contracts/{contract_id}/evidence", None, "contract_not_found", both, owner, contract_id=c
        )
    decision = "/marketplace/contracts/{contract_id}/decision"
    await attempt(M, "GET", decision, None, "contract_not_found", [OTHER_LAB], LAB, contract_id=c)
    replacements = "/marketplace/contracts/{contract_id}/replacements"
    await attempt(M, "POST", replacements, {}, "contract_not_found", [OTHER_LAB], LAB, contract_id=c)
    await attempt(T, "POST", "/training/trigger", contract, "contract_not_found", [OTHER_LAB], LAB)
    await attempt(T, "POST", "/trigger_fl", contract, "contract_not_found", [OTHER_LAB], LAB)
    [run] = (await every.ok(T, LAB, "GET", "/training/runs"))["runs"]
    runs, r = "/training/runs/{run_id}", run["run_id"]
    await attempt(T, "GET", runs, None, "run_not_found", both, CLINIC, run_id=r)
    await attempt(T, "GET", f"{runs}/model", None, "run_not_found", [OTHER_LAB], LAB, run_id=r)
    await attempt(T, "GET", f"{runs}/model_card", None, "run_not_found", [OTHER_LAB], LAB, run_id=r)
    await attempt(T, "POST", f"{runs}/stop", {}, "run_not_found", [OTHER_LAB], LAB, run_id=r)
    accounts = "/escrow/accounts/{participant}"
    await attempt(E, "GET", accounts, None, "account_not_found", [*both, CLINIC], LAB, participant="lab")
    await attempt(E, "GET", f"{accounts}/statement", None, "account_not_found", [*both, CLINIC], LAB, participant="lab")
    settlement = "/escrow/contracts/{contract_id}/settlement"
    for owner in (LAB, CLINIC):
        await attempt(E, "GET", settlement, None, "contract_not_found", both, owner, contract_id=c)
    withdrawal = {"participant": "lab", "amount": 1}
    await attempt(E, "POST", "/escrow/withdrawals", withdrawal, "account_not_found", [*both, CLINIC], LAB)
    await attempt(E, "POST", "/marketplace/escrow/refund", contract, "contract_not_found", [OTHER_LAB], LAB)
    await attempt(E, "POST", "/marketplace/escrow/release", contract, "contract_not_found", both, LAB)
    await attempt(E, "POST", "/marketplace/disputes", dispute, "contract_not_found", both, LAB)

    assert wrong == []
    own = {(service, *call) for service in (M, E, T) for call, row in ACCESS[service].items() if row.whose is Whose.OWN}
    assert own - walked == set(), "a row of the table that this test does not try"

    # Lists show a participant its own; whoever has no such limit sees what there is.
    shown = {
        (M, "/marketplace/round_intents"): ("round_intents", [LAB]),
        (M, "/marketplace/contracts"): ("contracts", [LAB, CLINIC]),
        (E, "/marketplace/disputes"): ("disputes", [LAB, CLINIC]),
        (E, "/escrow/holds"): ("holds", [LAB, CLINIC]),
        (E, "/escrow/accounts?participant=lab"): ("accounts", [LAB]),
        (E, "/escrow/withdrawals"): ("withdrawals", [LAB]),
        (T, "/training/runs"): ("runs", [LAB, CLINIC]),
    }
    for (service, path), (plural, owners) in shown.items():
        for who in (OPERATOR, REVIEWER, Principal(Role.PROVIDER), Principal(Role.MODEL_OWNER), *owners):
            assert (await every.ok(service, who, "GET", path))[plural], (path, who)
        for who in both:
            assert (await every.ok(service, who, "GET", path))[plural] == [], (path, who)
    for who, sees in ((LAB, True), (CLINIC, True), (OTHER_LAB, False), (OTHER_CLINIC, False), (REVIEWER, True)):
        status = await every.ok(T, who, "GET", "/training/status")
        assert (made["contract_id"] in str(status)) == (sees and status["active"]), who
        assert (status["last_started_at"] is not None or status["current_metrics"]["loss"] is not None) <= sees
    tried = {(service, "GET", path.split("?")[0]) for service, path in shown} | {(T, "GET", "/training/status")}
    lists = {(service, *call) for service in (M, E, T) for call, row in ACCESS[service].items() if row.whose is Whose.SHOWN}
    assert lists == tried


async def test_a_participant_acts_in_its_own_name_only(everything: Everything) -> None:
    offer = {"seller_node_id": "clinic", "dataset_fingerprint": "f"}
    intent = {"model_owner_id": "lab", "task_type": "t"}
    node = {"name": "n", "public_key": "ecdsa-sha2-nistp384 BBBB", "dataset_fingerprint": "f", "sample_count": 9}
    known = {**node, "seller_node_id": "clinic-3", "public_key": "ecdsa-sha2-nistp384 CCCC"}
    await everything.ok("training_coordinator", Principal(Role.PROVIDER, "clinic-3"), "POST", "/training/nodes", known)
    for service, who, path, body in [
        ("marketplace", OTHER_CLINIC, "/marketplace/offers", offer),
        ("marketplace", OTHER_LAB, "/marketplace/round_intents", intent),
        ("training_coordinator", OTHER_CLINIC, "/training/nodes", {**node, "seller_node_id": "clinic"}),
        ("training_coordinator", OTHER_CLINIC, "/training/nodes", {**node, "seller_node_id": "clinic-2", "sandbox": True}),
        ("training_coordinator", OTHER_CLINIC, "/training/nodes", {**known, "seller_node_id": "clinic-2"}),
    ]:
        answer = await everything.ask(service, who, "POST", path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), answer.text

    mine = await everything.ask(
        "training_coordinator", OTHER_CLINIC, "POST", "/training/nodes", {**node, "seller_node_id": "clinic-2"}
    )
    assert mine.status_code == 201, mine.text


@pytest.mark.parametrize("service", ["marketplace", "escrow", "training_coordinator"])
async def test_what_concerns_everybody_is_no_participants_business(everything: Everything, service: str) -> None:
    assert (await everything.ask(service, Principal(Role.PROVIDER), "GET", "/ops/dead_letters")).status_code == 200
    for who in (LAB, CLINIC):
        assert (await everything.ask(service, who, "GET", "/ops/dead_letters")).status_code == 403
