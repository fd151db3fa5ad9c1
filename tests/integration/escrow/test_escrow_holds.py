"""A contract's money is held once, or refused once, whatever is delivered twice, late or at the same time."""

from __future__ import annotations

import asyncio
import functools
from uuid import uuid4

import pytest

from services.escrow import batches
from shared.contracts.events import BoundToRound, ContractCancelled, ContractCreated, FundsHeld, FundsRefunded, HoldRefused
from shared.kit.auth import Role
from tests.integration.escrow.conftest import CREDIT, Escrow, code, hold, run_finished, terms, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def hold_row(escrow: Escrow, contract_id: str) -> dict[str, object]:
    row = await escrow.pool.fetchrow("SELECT state, amount FROM hold WHERE contract_id = $1", contract_id)
    return dict(row) if row else {}


async def test_a_created_contract_is_held_and_said(escrow: Escrow, buyer: str) -> None:
    contract = terms(buyer)
    await escrow.deposit(buyer, 12.5)

    await escrow.hear(ContractCreated(contract_id=contract.contract_id, terms=contract))
    held = await escrow.says(FundsHeld, contract.contract_id)

    assert held.amount == 10 * CREDIT
    assert held.terms == contract
    assert await escrow.balance(f"participant:{buyer}") == 2_500_000
    assert await escrow.balance(f"escrow:{contract.contract_id}") == 10 * CREDIT
    account = await escrow.as_(Role.REVIEWER).get(f"/escrow/accounts/{buyer}")
    assert account.json() == {"participant": buyer, "available": 2.5, "held": 10, "currency": "credits"}


async def test_a_price_above_the_balance_is_refused_and_moves_nothing(escrow: Escrow, buyer: str) -> None:
    contract = terms(buyer)
    await escrow.deposit(buyer, 9.999999)

    await escrow.hear(ContractCreated(contract_id=contract.contract_id, terms=contract))
    refused = await escrow.says(HoldRefused, contract.contract_id)

    assert (refused.code, refused.needed, refused.available) == ("insufficient_funds", 10 * CREDIT, 9_999_999)
    assert await escrow.balance(f"participant:{buyer}") == 9_999_999
    assert code(await escrow.release(contract.contract_id)) == "escrow_not_locked"
    assert code(await escrow.refund(contract.contract_id)) == "escrow_not_locked"


async def test_a_refused_contract_stays_refused_after_a_deposit(escrow: Escrow, buyer: str) -> None:
    contract = terms(buyer)
    created = ContractCreated(contract_id=contract.contract_id, terms=contract)
    await escrow.hear(created)
    await escrow.says(HoldRefused, contract.contract_id)

    await escrow.deposit(buyer, 100)
    await escrow.handled(await escrow.hear(created))

    assert await hold_row(escrow, contract.contract_id) == {"state": "refused", "amount": 10 * CREDIT}
    assert await escrow.balance(f"participant:{buyer}") == 100 * CREDIT


async def test_a_free_contract_is_held_without_money_and_can_be_released(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, {"seller-free": 0}))

    response = await escrow.release(contract.contract_id)

    assert response.status_code == 200
    assert response.json()["payouts"][0]["amount"] == 0
    assert await escrow.pool.fetchval("SELECT count(*) FROM transfer WHERE contract_id = $1", contract.contract_id) == 0


async def test_the_same_contract_said_a_hundred_times_is_held_once(escrow: Escrow, buyer: str) -> None:
    """P1.4: each time with an id of its own, so that no inbox row and no window of the stream can help."""
    contract = terms(buyer)
    created = ContractCreated(contract_id=contract.contract_id, terms=contract)
    await escrow.deposit(buyer, 1000)

    ids = await asyncio.gather(*(escrow.hear(created) for _ in range(100)))
    await asyncio.gather(*(escrow.handled(event_id) for event_id in ids))

    assert await escrow.balance(f"participant:{buyer}") == 990 * CREDIT
    assert len(escrow.said(FundsHeld, contract.contract_id)) == 1


async def test_a_hundred_holds_of_one_contract_at_once_move_money_once(escrow: Escrow, buyer: str) -> None:
    """Below the inbox: the schema itself lets the money move once."""
    contract = terms(buyer)
    await escrow.deposit(buyer, 1000)

    async def one() -> None:
        async with escrow.pool.acquire() as conn, conn.transaction():
            await hold(conn, contract, contract)

    await asyncio.gather(*(one() for _ in range(100)))

    assert await escrow.balance(f"participant:{buyer}") == 990 * CREDIT
    assert await escrow.pool.fetchval("SELECT count(*) FROM transfer WHERE contract_id = $1", contract.contract_id) == 1


async def test_a_fact_that_is_delivered_again_under_its_id_is_not_handled_again(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))
    finished, event_id = run_finished(contract, {"seller-a": 1, "seller-b": 1}), str(uuid4())
    await escrow.handled(await escrow.hear(finished, event_id=event_id))

    stored = await escrow.nc.jetstream().stream_info("TRAINING")
    await escrow.hear(finished, event_id=event_id)

    assert (await escrow.nc.jetstream().stream_info("TRAINING")).state.messages == stored.state.messages


async def test_a_run_counts_once_however_often_its_end_is_said(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, {"seller-once": CREDIT}, rounds=4))
    finished = run_finished(contract, {"seller-once": 1})

    ids = [await escrow.hear(finished) for _ in range(5)]
    await asyncio.gather(*(escrow.handled(event_id) for event_id in ids))
    await escrow.release(contract.contract_id)

    assert await escrow.balance("participant:seller-once") == 1 * CREDIT
    assert await escrow.balance(f"participant:{buyer}") == 3 * CREDIT


async def test_contracts_that_compete_for_one_balance_are_held_until_it_is_used_up(escrow: Escrow, buyer: str) -> None:
    contracts = [terms(buyer) for _ in range(20)]
    await escrow.deposit(buyer, 75)

    async def outcome(contract_id: str) -> bool:
        return bool(escrow.said(FundsHeld, contract_id) or escrow.said(HoldRefused, contract_id))

    for contract in contracts:
        await escrow.hear(ContractCreated(contract_id=contract.contract_id, terms=contract))
    for contract in contracts:
        await until(functools.partial(outcome, contract.contract_id))

    assert sum(len(escrow.said(FundsHeld, contract.contract_id)) for contract in contracts) == 7
    assert await escrow.balance(f"participant:{buyer}") == 5 * CREDIT


async def test_many_contracts_in_one_go_are_held_in_their_order_and_each_with_its_own_fact(escrow: Escrow, buyer: str) -> None:
    """One round of money for two of three buyers' contracts; the rest is refused with what was left."""
    other = f"{buyer}-other"
    await escrow.deposit(buyer, 25)
    await escrow.deposit(other, 10)
    contracts = [terms(who) for who in (buyer, other, buyer, other, buyer)]

    async with escrow.pool.acquire() as conn, conn.transaction():
        await hold(conn, *contracts)

    states = [str((await hold_row(escrow, contract.contract_id))["state"]) for contract in contracts]
    assert states == ["held", "held", "held", "refused", "refused"]
    assert [await escrow.balance(f"participant:{who}") for who in (buyer, other)] == [5 * CREDIT, 0]
    entries = await escrow.pool.fetch(
        "SELECT amount, balance_before, balance_after, version FROM entry WHERE account_id = $1 ORDER BY version",
        f"participant:{buyer}",
    )
    assert [tuple(row) for row in entries] == [
        (25 * CREDIT, 0, 25 * CREDIT, 1),
        (-10 * CREDIT, 25 * CREDIT, 15 * CREDIT, 2),
        (-10 * CREDIT, 15 * CREDIT, 5 * CREDIT, 3),
    ]


async def test_a_burst_of_contracts_is_held_once_each_and_caused_by_its_own_fact(escrow: Escrow, buyer: str) -> None:
    contracts = [terms(buyer) for _ in range(60)]
    await escrow.deposit(buyer, 600)

    ids = await asyncio.gather(*(escrow.hear(ContractCreated(contract_id=c.contract_id, terms=c)) for c in contracts))
    await asyncio.gather(*(escrow.handled(event_id) for event_id in ids))

    causes = await escrow.pool.fetch(
        "SELECT body #>> '{data,contract_id}' AS contract_id, body ->> 'causationid' AS cause FROM outbox"
        " WHERE subject = 'escrow.funds_held.v1' AND body #>> '{data,contract_id}' = ANY($1)",
        [c.contract_id for c in contracts],
    )
    assert {row["contract_id"]: row["cause"] for row in causes} == {
        c.contract_id: event_id for c, event_id in zip(contracts, ids, strict=True)
    }
    assert await escrow.balance(f"participant:{buyer}") == 0


async def test_training_facts_wait_for_the_hold_that_they_are_about(escrow: Escrow, buyer: str) -> None:
    contract = terms(buyer)
    bound = BoundToRound(contract_id=contract.contract_id, run_id="run-early", round_id="r", rounds=2)
    bound_id = await escrow.hear(bound)

    await escrow.held(contract)
    await escrow.handled(bound_id)

    assert code(await escrow.refund(contract.contract_id)) == "training_in_progress"


async def test_a_run_that_ended_before_its_beginning_was_heard_is_not_active(escrow: Escrow, buyer: str) -> None:
    """A fact that failed once comes back after a later one."""
    contract = await escrow.held(terms(buyer))
    await escrow.handled(await escrow.hear(run_finished(contract, {"seller-a": 0}, run_id="run-x")))
    bound = BoundToRound(contract_id=contract.contract_id, run_id="run-x", round_id="r", rounds=2)

    await escrow.handled(await escrow.hear(bound))

    assert (await escrow.refund(contract.contract_id)).status_code == 200


async def test_a_cancelled_contract_gives_its_money_back(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))

    await escrow.hear(ContractCancelled(contract_id=contract.contract_id, round_intent_id="i", reason="test"))
    refunded = await escrow.says(FundsRefunded, contract.contract_id)

    assert refunded.amount == 10 * CREDIT
    assert await escrow.balance(f"participant:{buyer}") == 10 * CREDIT


async def test_a_hold_that_nobody_resolves_expires_by_itself_and_goes_back(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer))

    await escrow.pool.execute("UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id = $1", contract.contract_id)
    refunded = await escrow.says(FundsRefunded, contract.contract_id)

    assert (refunded.reason, refunded.actor) == ("expired", "escrow")
    assert await escrow.balance(f"participant:{buyer}") == 10 * CREDIT
    assert code(await escrow.release(contract.contract_id)) == "hold_expired"
    assert code(await escrow.refund(contract.contract_id)) == "hold_expired"


async def test_a_disputed_hold_does_not_expire_while_others_do(escrow: Escrow, buyer: str) -> None:
    disputed, other = await escrow.held(terms(buyer)), await escrow.held(terms(buyer))
    await escrow.dispute(disputed.contract_id)

    both = [disputed.contract_id, other.contract_id]
    await escrow.pool.execute("UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id = ANY($1)", both)
    await escrow.says(FundsRefunded, other.contract_id)

    assert (await hold_row(escrow, disputed.contract_id))["state"] == "held"


async def test_replicas_that_expire_at_once_expire_each_hold_once(escrow: Escrow, buyer: str) -> None:
    contracts = [await escrow.held(terms(buyer)) for _ in range(5)]
    ids = [contract.contract_id for contract in contracts]
    await escrow.pool.execute("UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id = ANY($1)", ids)

    async def expire() -> int:
        async with escrow.pool.acquire() as conn, conn.transaction():
            return await batches.end_due_holds(conn, fee_basis_points=250)

    await asyncio.gather(*(expire() for _ in range(8)))
    for contract_id in ids:
        await until(functools.partial(_is_expired, escrow, contract_id))

    assert await escrow.balance(f"participant:{buyer}") == 50 * CREDIT


async def _is_expired(escrow: Escrow, contract_id: str) -> bool:
    return (await hold_row(escrow, contract_id))["state"] == "expired"
