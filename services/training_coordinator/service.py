"""What can be done with training. One function per use case; the caller opened the transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from services.training_coordinator import domain, metrics, privacy, store
from services.training_coordinator.domain import ACTIVE, RunState
from services.training_coordinator.grants import Issued, Issuer
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import (
    BoundToRound,
    ContractTerms,
    NodeChanged,
    PrivacyTerms,
    ProviderRound,
    RoundCompleted,
    RunFinished,
    RunStarted,
)
from shared.contracts.values import new_id
from shared.kit.auth import Principal
from shared.kit.db import Connection
from shared.kit.messaging import NotYet, enqueue
from shared.kit.ownership import in_own_name, own_only, parties

Row = Mapping[str, Any]


# --- contracts --------------------------------------------------------------------------------------------------------
async def funded(conn: Connection, terms: ContractTerms, amount: int) -> None:
    await store.insert_funded(conn, terms, amount)


async def agreed_anew(conn: Connection, terms: ContractTerms) -> None:
    """Other providers train from the next run on."""
    row = await store.lock_funded(conn, terms.contract_id)
    if row is None:
        raise NotYet(f"no funded contract {terms.contract_id}")
    if terms.version > ContractTerms.model_validate(row["terms"]).version:
        await store.set_terms(conn, terms)


async def money_gone(conn: Connection, contract_id: str, *, stop: bool) -> None:
    """The contract is settled: it trains no more. A refund stops a run that is active, a release lets it finish."""
    row = await store.lock_funded(conn, contract_id)
    if row is None:
        raise NotYet(f"no funded contract {contract_id}")
    await store.set_funded(conn, contract_id, "closed")
    if stop:
        for run in await store.active_runs(conn):
            if run["contract_id"] == contract_id:
                await store.request_stop(conn, run["run_id"])


async def disputed(conn: Connection, contract_id: str, *, opened: bool) -> None:
    """A disputed contract is not started, or not again; it is ready when the last of its disputes ends."""
    row = await store.lock_funded(conn, contract_id)
    if row is None or (not opened and row["open_disputes"] == 0):
        raise NotYet(f"no funded contract {contract_id}, or no dispute of it is known")
    await store.add_disputes(conn, contract_id, 1 if opened else -1)


# --- binding ----------------------------------------------------------------------------------------------------------
async def bind(
    conn: Connection, contract_id: str | None, rounds: int | None, who: Principal, *, sandbox: bool, round_timeout_s: float
) -> tuple[Row, ContractTerms]:
    """Gives a funded contract its run: the named one, else the one that was locked first, of those that are the caller's own.

    Where an earlier run of the contract left a model, this one goes on with it, for the rounds that are left.

    Raises:
        Refusal: `no_contract_ready`, `contract_not_found`, `contract_not_ready`, `invalid_rounds`, `provider_node_offline`.
    """
    row = await store.lock_funded(conn, contract_id) if contract_id else await store.lock_next_funded(conn, buyer=who.bound_to)
    if row is None:
        if contract_id:
            raise Refusal(ErrorCode.CONTRACT_NOT_FOUND, contract_id=contract_id)
        raise Refusal(ErrorCode.NO_CONTRACT_READY)
    terms = ContractTerms.model_validate(row["terms"])
    own_only(who, ErrorCode.CONTRACT_NOT_FOUND, terms.model_owner_id, contract_id=terms.contract_id)
    state = "disputed" if row["state"] == "ready" and row["open_disputes"] else row["state"]
    if state != "ready":
        raise Refusal(ErrorCode.CONTRACT_NOT_READY, contract_id=row["contract_id"], state=state)
    left = max(1, terms.rounds - await store.rounds_of_contract(conn, terms.contract_id))
    if rounds is not None and rounds > left:
        raise Refusal(ErrorCode.INVALID_ROUNDS, contract_id=terms.contract_id, rounds=rounds, rounds_left=left)
    nodes = [store.as_node(node) for node in await store.list_nodes(conn)]
    assigned, offline = domain.assign(terms, nodes, sandbox_allowed=sandbox)
    if offline:
        raise Refusal(ErrorCode.PROVIDER_NODE_OFFLINE, contract_id=terms.contract_id, offline=offline)

    run_id = new_id("run")
    before = await store.run_to_resume(conn, terms.contract_id)
    job = domain.job_of(run_id, terms, assigned, rounds=rounds or left, round_timeout_s=round_timeout_s, resumed_from=before)
    run = {
        "run_id": run_id,
        "contract_id": terms.contract_id,
        "round_id": terms.round_id,
        "rounds": rounds or left,
        "job": job,
        "sandbox": any(a.sandbox for a in assigned),
        "token": secrets.token_urlsafe(24),
        "resumed_from": job["resumed_from"],
    }
    await store.insert_run(conn, run)
    await store.set_funded(conn, terms.contract_id, "bound")
    await enqueue(
        conn,
        BoundToRound(
            contract_id=terms.contract_id,
            run_id=run_id,
            round_id=terms.round_id,
            rounds=run["rounds"],
            actor=who.name,
            resumed_from=run["resumed_from"],
        ),
    )
    return run, terms


# --- whose ------------------------------------------------------------------------------------------------------------
async def run_of(conn: Connection, run_id: str, who: Principal, *, buyer: bool = False) -> Row:
    """A run of a contract that is the holder's business, or, with `buyer`, that it pays for. Raises `run_not_found`."""
    row = await store.get_run(conn, run_id)
    if row is None:
        raise Refusal(ErrorCode.RUN_NOT_FOUND, run_id=run_id)
    if who.bound_to is not None:
        terms = ContractTerms.model_validate(await store.terms_of(conn, row["contract_id"]))
        own_only(who, ErrorCode.RUN_NOT_FOUND, *(parties(terms)[:1] if buyer else parties(terms)), run_id=run_id)
    return row


async def check_registrar(conn: Connection, who: Principal, *, seller: str, public_key: str, sandbox: bool) -> None:
    """A participant registers nodes of its own. Raises `forbidden`."""
    in_own_name(who, "seller_node_id", seller)
    if who.bound_to is None:
        return
    if sandbox:
        raise Refusal(ErrorCode.FORBIDDEN, role=str(who.role), field="sandbox", reason="a sandbox node stands in for other sellers")
    # A node's public key is no secret: whoever sends it again must not take the node away from its owner.
    in_own_name(who, "public_key", await store.seller_with_key(conn, public_key) or seller)


# --- the ServerApp's reports ------------------------------------------------------------------------------------------
async def _authentic(conn: Connection, run_id: str, token: str) -> Row:
    row = await store.lock_run(conn, run_id)
    if row is None or not secrets.compare_digest(row["token"].encode(), token.encode()):
        raise Refusal(ErrorCode.UNAUTHORIZED)
    return row


async def claim(conn: Connection, run_id: str, token: str, flower_run_id: str, issuer: Issuer | None = None) -> Row:
    """Gives the run to the first ServerApp that asks, and a grant to each of its nodes; the same one may ask again.

    Raises:
        Refusal: `unauthorized`, `run_already_claimed` (another ServerApp has it, or it has ended).
    """
    row = await _authentic(conn, run_id, token)
    state = RunState(row["state"])
    if state is RunState.RUNNING and row["flower_run_id"] == flower_run_id:
        return row
    if state not in {RunState.QUEUED, RunState.STARTING} or row["stop_requested"]:
        raise Refusal(ErrorCode.RUN_ALREADY_CLAIMED, run_id=run_id, state=str(state))
    await store.mark_running(conn, run_id, flower_run_id)
    issued: Sequence[Issued] = ()
    if issuer is not None:
        issued = issuer.issue(row["job"], ContractTerms.model_validate(await store.terms_of(conn, row["contract_id"])))
        await store.insert_grants(conn, run_id, issued)
    await enqueue(
        conn,
        RunStarted(
            contract_id=row["contract_id"],
            run_id=run_id,
            flower_run_id=flower_run_id,
            nodes=tuple(node["node_id"] for node in row["job"]["nodes"]),
            sandbox=row["sandbox"],
            grants=tuple(grant.fact() for grant in issued),
        ),
    )
    return row


async def report_round(conn: Connection, run_id: str, token: str, report: Mapping[str, Any]) -> None:
    """Stores a round and says so, once. Round 0 is the untrained model: a baseline, and no round of the contract."""
    row = await _authentic(conn, run_id, token)
    if row["state"] != RunState.RUNNING:
        raise Refusal(ErrorCode.RUN_NOT_ACTIVE, run_id=run_id, state=row["state"])
    if report["round"] > row["rounds"]:
        raise Refusal(ErrorCode.INVALID_ROUND, run_id=run_id, round=report["round"], rounds=row["rounds"])
    if not await store.insert_round(conn, run_id, report) or report["round"] == 0:
        return
    await store.count_round(conn, run_id, report["round"])
    metrics.ROUNDS.inc()
    if report["seconds"] is not None:
        metrics.ROUND_SECONDS.observe(report["seconds"])
    await enqueue(
        conn,
        RoundCompleted(
            contract_id=row["contract_id"],
            run_id=run_id,
            round=report["round"],
            accuracy=report["accuracy"],
            loss=report["loss"],
            seconds=report["seconds"],
            providers=tuple(ProviderRound.model_validate(p) for p in report["providers"]),
        ),
    )


async def check_uploader(conn: Connection, run_id: str, token: str) -> None:
    row = await _authentic(conn, run_id, token)
    if row["state"] != RunState.RUNNING:
        raise Refusal(ErrorCode.RUN_NOT_ACTIVE, run_id=run_id, state=row["state"])


async def checkpoint(conn: Connection, run_id: str, token: str) -> Row:
    """The model that the run goes on with. Raises `model_not_found` where it begins untrained."""
    row = await _authentic(conn, run_id, token)
    if row["state"] != RunState.RUNNING:
        raise Refusal(ErrorCode.RUN_NOT_ACTIVE, run_id=run_id, state=row["state"])
    model = await store.get_model(conn, row["resumed_from"]) if row["resumed_from"] else None
    if model is None:
        raise Refusal(ErrorCode.MODEL_NOT_FOUND, run_id=run_id)
    return model


async def report_finish(
    conn: Connection, run_id: str, token: str, *, succeeded: bool, reason: str, outcomes: Sequence[Mapping[str, Any]] = ()
) -> None:
    """The ServerApp is done. A second report changes nothing. `outcomes` are those of a round that came to nothing."""
    row = await _authentic(conn, run_id, token)
    if row["state"] == RunState.RUNNING:
        if outcomes:
            await store.set_last_outcomes(conn, run_id, outcomes)
            row = {**row, "last_outcomes": outcomes}
        await _finish(conn, row, RunState.SUCCEEDED if succeeded else RunState.FAILED, reason)


async def end_run(conn: Connection, run_id: str, to: RunState, reason: str) -> bool:
    """Ends a run that cannot report itself. False when it had ended before."""
    row = await store.lock_run(conn, run_id)
    if row is None or RunState(row["state"]) not in ACTIVE:
        return False
    await _finish(conn, row, to, reason)
    return True


async def _finish(conn: Connection, row: Row, to: RunState, reason: str) -> None:
    """One place where a run ends: what was delivered is said, and the contract is trained, or ready for another try."""
    assert (RunState(row["state"]), to) in domain.TRANSITIONS
    run_id, contract_id = row["run_id"], row["contract_id"]
    rounds = (await store.rounds_of(conn, [run_id]))[run_id]
    completed = max((r["round"] for r in rounds), default=0)
    await store.mark_finished(conn, run_id, to, reason=reason, rounds_completed=completed)
    contract = await store.lock_funded(conn, contract_id)
    so_far = await store.rounds_of_contract(conn, contract_id)
    if contract is not None and contract["state"] == "bound":
        agreed = ContractTerms.model_validate(contract["terms"]).rounds
        all_done = so_far >= agreed
        await store.set_funded(conn, contract_id, "trained" if to is RunState.SUCCEEDED and all_done else "ready")
    models = await store.models_of(conn, [run_id])
    last = rounds[-1] if rounds else None
    metrics.RUNS.labels(str(to)).inc()
    await enqueue(
        conn,
        RunFinished(
            contract_id=contract_id,
            run_id=run_id,
            succeeded=to is RunState.SUCCEEDED,
            reason=reason,
            rounds_completed=completed,
            deliveries=tuple(domain.deliveries(row["job"], rounds)),
            accuracy=last["accuracy"] if last else None,
            loss=last["loss"] if last else None,
            model_sha256=models.get(run_id),
            last_outcomes=tuple(ProviderRound.model_validate(p) for p in row["last_outcomes"]),
            privacy=privacy.spent(_privacy_of(contract), so_far),
        ),
    )


def _privacy_of(contract: Row | None) -> PrivacyTerms | None:
    training = ContractTerms.model_validate(contract["terms"]).training if contract is not None else None
    return training.differential_privacy if training is not None else None


async def stop(conn: Connection, run_id: str) -> Row:
    """Asks for a run to be stopped; the runner does it. Raises `run_not_found`, `run_not_active`."""
    row = await store.lock_run(conn, run_id)
    if row is None:
        raise Refusal(ErrorCode.RUN_NOT_FOUND, run_id=run_id)
    if RunState(row["state"]) not in ACTIVE:
        raise Refusal(ErrorCode.RUN_NOT_ACTIVE, run_id=run_id, state=row["state"])
    await store.request_stop(conn, run_id)
    return row


# --- nodes ------------------------------------------------------------------------------------------------------------
async def register(conn: Connection, node: Mapping[str, Any]) -> bool:
    """Stores a node that the engine knows. True when it is new."""
    new = await store.upsert_node(conn, node)
    if new:
        await _say_node(conn, node, "registered")
    return new


async def note_online(conn: Connection, online: Sequence[str]) -> None:
    for row in await store.set_online(conn, list(online)):
        await _say_node(conn, row, "online" if row["online"] else "offline")


async def _say_node(conn: Connection, node: Row, change: str) -> None:
    await enqueue(
        conn,
        NodeChanged.model_validate(
            {
                "node_id": node["node_id"],
                "seller_node_id": node["seller_node_id"],
                "name": node["name"],
                "change": change,
                "sandbox": node["sandbox"],
            }
        ),
    )
