"""Which node trains for which seller, what the ServerApp is told, and what was delivered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.training_coordinator.domain import ACTIVE, TRANSITIONS, Node, RunState, assign, deliveries, job_of
from shared.contracts.events import ContractSeller, ContractTerms


def terms(*sellers: str, rounds: int = 3, samples: int = 0, **fingerprints: str) -> ContractTerms:
    return ContractTerms(
        contract_id="contract-1",
        round_intent_id="intent-1",
        round_id="round-1",
        model_owner_id="lab",
        task_type="classification",
        rounds=rounds,
        sellers=tuple(
            ContractSeller(
                offer_id=f"offer-{number}",
                offer_version=1,
                seller_node_id=seller,
                dataset_fingerprint=fingerprints.get(seller, f"data of {seller}"),
                price_per_round=1,
                sample_count=samples,
            )
            for number, seller in enumerate(sellers)
        ),
        agreed_price_per_round_total=len(sellers),
        escrow_total=len(sellers) * rounds,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def node(node_id: str, seller: str, *, data: str | None = None, online: bool = True, sandbox: bool = False) -> Node:
    return Node(node_id, seller, data or f"data of {seller}", 100, sandbox, online)


def who(assigned: Any) -> dict[str, str]:
    return {a.offer_id: a.node.node_id for a in assigned}


# --- assignment -------------------------------------------------------------------------------------------------------
def test_each_seller_is_served_by_its_own_node() -> None:
    assigned, offline = assign(terms("a", "b"), [node("1", "b"), node("2", "a")], sandbox_allowed=False)

    assert who(assigned) == {"offer-0": "2", "offer-1": "1"}
    assert offline == []
    assert not any(a.sandbox for a in assigned)


def test_a_node_with_other_data_does_not_serve_its_seller() -> None:
    assigned, offline = assign(terms("a"), [node("1", "a", data="other")], sandbox_allowed=False)

    assert (assigned, offline) == ([], ["a"])


def test_a_seller_with_two_nodes_is_served_by_the_one_with_the_data() -> None:
    assigned, _ = assign(terms("a"), [node("1", "a", data="other"), node("2", "a")], sandbox_allowed=False)

    assert who(assigned) == {"offer-0": "2"}


def test_two_offers_of_one_seller_need_two_nodes() -> None:
    both = terms("a", "a")

    assert assign(both, [node("1", "a")], sandbox_allowed=False)[1] == ["a"]
    assert who(assign(both, [node("1", "a"), node("2", "a")], sandbox_allowed=False)[0]) == {"offer-0": "1", "offer-1": "2"}


def test_a_sandbox_node_stands_in_for_a_seller_without_a_node_where_that_is_allowed() -> None:
    nodes = [node("9", "sandbox", sandbox=True)]

    allowed, _ = assign(terms("a"), nodes, sandbox_allowed=True)

    assert who(allowed) == {"offer-0": "9"}
    assert allowed[0].sandbox
    assert assign(terms("a"), nodes, sandbox_allowed=False) == ([], ["a"])


@pytest.mark.parametrize("own", [node("1", "a", online=False), node("1", "a", data="other")], ids=["offline", "other data"])
def test_a_sandbox_node_never_stands_in_for_a_seller_that_has_a_node_of_its_own(own: Node) -> None:
    assigned, offline = assign(terms("a"), [own, node("9", "sandbox", sandbox=True)], sandbox_allowed=True)

    assert (assigned, offline) == ([], ["a"])


def test_a_sandbox_node_serves_its_own_seller_before_it_stands_in_for_another() -> None:
    nodes = [node("8", "sandbox", sandbox=True), node("9", "other", sandbox=True)]

    assigned, _ = assign(terms("stranger", "sandbox"), nodes, sandbox_allowed=True)

    assert who(assigned) == {"offer-0": "9", "offer-1": "8"}


def test_an_offline_sandbox_node_stands_in_for_nobody() -> None:
    assert assign(terms("a"), [node("9", "s", sandbox=True, online=False)], sandbox_allowed=True)[1] == ["a"]


names = st.sampled_from(["a", "b", "c", "d"])
books = st.lists(
    st.builds(
        Node, st.uuids().map(str), names, names.map(lambda n: f"data of {n}"), st.integers(1, 9), st.booleans(), st.booleans()
    ),
    max_size=8,
)


@given(st.lists(names, min_size=1, max_size=4), books, st.booleans(), st.randoms())
def test_whatever_the_book_no_node_serves_two_and_nobody_is_forgotten(
    sellers: list[str], nodes: list[Node], allowed: bool, random: Any
) -> None:
    contract = terms(*sellers)

    assigned, offline = assign(contract, nodes, sandbox_allowed=allowed)

    assert len({a.node.node_id for a in assigned}) == len(assigned)
    assert all(a.node.online for a in assigned)
    assert sorted([a.seller_node_id for a in assigned] + offline) == sorted(sellers)
    for a in assigned:
        fit = (a.node.seller_node_id, a.node.dataset_fingerprint) == (a.seller_node_id, f"data of {a.seller_node_id}")
        assert fit or (allowed and a.node.sandbox)
    shuffled = list(nodes)
    random.shuffle(shuffled)
    assert assign(contract, shuffled, sandbox_allowed=allowed) == (assigned, offline)


# --- the job ----------------------------------------------------------------------------------------------------------
def test_a_node_weighs_no_more_than_its_seller_declared() -> None:
    for declared, expected in ((40, 40), (0, 100)):
        contract = terms("a", samples=declared)
        assigned, _ = assign(contract, [node("1", "a")], sandbox_allowed=False)

        job = job_of("run-1", contract, assigned, rounds=2, round_timeout_s=60)

        assert job["nodes"][0]["max_examples"] == expected
        assert (job["run_id"], job["contract_id"], job["rounds"], job["round_timeout_s"]) == ("run-1", "contract-1", 2, 60)
        assert job["task"] == contract.task_type


def test_a_stand_in_is_held_to_the_data_that_it_has_itself() -> None:
    contract = terms("a")
    assigned, _ = assign(contract, [node("9", "sandbox", sandbox=True)], sandbox_allowed=True)

    job = job_of("run-1", contract, assigned, rounds=1, round_timeout_s=60)

    assert job["nodes"][0]["dataset_fingerprint"] == "data of sandbox"
    assert job["nodes"][0]["seller_node_id"] == "a"


# --- deliveries -------------------------------------------------------------------------------------------------------
JOB = {"nodes": [{"offer_id": f"o-{s}", "seller_node_id": s, "node_id": s} for s in ("a", "b")]}


def reported(number: int, **providers: Any) -> dict[str, Any]:
    """`a=0.5` delivered and contributed that; `a=True` delivered unmeasured; `a=False` did not deliver."""
    said = [
        {"offer_id": f"o-{s}", "ok": v is not False, "contribution": None if isinstance(v, bool) else v}
        for s, v in providers.items()
    ]
    return {"round": number, "providers": said}


def found(*rounds: dict[str, Any]) -> dict[str, tuple[int, float | None]]:
    return {d.seller_node_id: (d.rounds_delivered, d.contribution) for d in deliveries(JOB, rounds)}


def test_rounds_are_counted_and_contributions_added() -> None:
    assert found(reported(1, a=0.5, b=-0.25), reported(2, a=0.25, b=False)) == {"a": (2, 0.75), "b": (1, -0.25)}


def test_a_provider_of_whom_nothing_is_reported_delivered_nothing() -> None:
    assert found() == {"a": (0, None), "b": (0, None)}
    assert found(reported(1, a=0.5))["b"] == (0, None)


def test_a_contribution_that_no_round_measured_is_null_and_not_zero() -> None:
    assert found(reported(1, a=True), reported(2, a=True))["a"] == (2, None)
    assert found(reported(1, a=True), reported(2, a=0.5))["a"] == (2, 0.5)


def test_leave_one_out_is_added_up_beside_the_contribution() -> None:
    said = [reported(number, a=0.5, b=True) for number in (1, 2)]
    for number, row in enumerate(said):
        row["providers"][0]["leave_one_out"] = (0.25, -0.5)[number]

    assert [d.leave_one_out for d in deliveries(JOB, said)] == [-0.25, None]


def test_the_untrained_model_is_nobodys_delivery() -> None:
    assert found(reported(0, a=0.5))["a"] == (0, None)


def test_a_provider_that_is_named_twice_in_a_round_delivered_one() -> None:
    twice = reported(1, a=0.5)
    twice["providers"] *= 2

    assert found(twice)["a"] == (1, 0.5)


def test_a_stranger_in_a_report_is_paid_nothing() -> None:
    assert set(found(reported(1, a=0.5, stranger=9.0))) == {"a", "b"}


# --- states -----------------------------------------------------------------------------------------------------------
def test_a_run_that_has_ended_stays_so() -> None:
    ended = set(RunState) - ACTIVE

    assert ended == {RunState.SUCCEEDED, RunState.FAILED, RunState.STOPPED}
    assert not [pair for pair in TRANSITIONS if pair[0] in ended]


def test_every_active_run_can_fail_and_be_stopped_and_only_a_running_one_succeeds() -> None:
    for state in ACTIVE:
        assert (state, RunState.FAILED) in TRANSITIONS
        assert (state, RunState.STOPPED) in TRANSITIONS
    assert [pair[0] for pair in TRANSITIONS if pair[1] is RunState.SUCCEEDED] == [RunState.RUNNING]
