"""What is paid once a provider was replaced: everybody for the rounds that it owes, and no more than is held."""

from __future__ import annotations

import pytest

from shared.contracts.events import ContractTerms, FundsReleased, ProviderReplaced
from shared.kit.auth import Role
from tests.integration.escrow.conftest import CREDIT, Escrow, code, terms, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


def anew(
    contract: ContractTerms, *, price: int = 2 * CREDIT, version: int = 2, delivered: int = 1, left: int = 3
) -> ProviderReplaced:
    """seller-b, which has delivered so many rounds, is replaced by seller-c for the rounds that are left."""
    first, second = contract.sellers
    gone = second.model_copy(update={"retired": True, "rounds": delivered})
    comes = second.model_copy(
        update={"offer_id": "offer-of-seller-c", "seller_node_id": "seller-c", "rounds": left, "price_per_round": price}
    )
    changed = contract.model_copy(update={"sellers": (first, gone, comes), "version": version})
    return ProviderReplaced(contract_id=contract.contract_id, replaced=(second.offer_id,), by=("offer-of-seller-c",), terms=changed)


async def test_each_is_paid_what_it_owed_and_delivered(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, rounds=5))  # 3 and 2 a round: 25 are held
    await escrow.trained(contract, {"seller-a": 2, "seller-b": 1})
    await escrow.handled(await escrow.hear(anew(contract)))
    await escrow.trained(contract, {"seller-a": 3, "seller-c": 3})

    claimed = await escrow.release(contract.contract_id, Role.PROVIDER)  # all that is owed is delivered

    assert claimed.status_code == 200, claimed.text
    fact = await escrow.says(FundsReleased, contract.contract_id)
    assert [(p.seller_node_id, p.amount // CREDIT, p.rounds_delivered, p.rounds_agreed) for p in fact.payouts] == [
        ("seller-a", 15, 5, 5),
        ("seller-b", 2, 1, 1),
        ("seller-c", 6, 3, 3),
    ]
    assert fact.returned == 2 * CREDIT


async def test_the_end_of_the_run_may_be_heard_after_the_replacement(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, rounds=5))
    await escrow.handled(await escrow.hear(anew(contract)))
    await escrow.trained(contract, {"seller-a": 2, "seller-b": 1})

    early = await escrow.release(contract.contract_id, Role.PROVIDER)

    assert (early.status_code, code(early)) == (403, "forbidden")
    assert (await escrow.release(contract.contract_id)).status_code == 200
    fact = await escrow.says(FundsReleased, contract.contract_id)
    assert [p.amount // CREDIT for p in fact.payouts] == [6, 2, 0]


async def test_an_older_word_changes_nothing_and_a_repeated_one_neither(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, rounds=5))
    await escrow.handled(await escrow.hear(anew(contract, version=3, price=1 * CREDIT)))
    await escrow.handled(await escrow.hear(anew(contract, version=2)))
    await escrow.handled(await escrow.hear(anew(contract, version=3, price=2 * CREDIT)))

    kept = await escrow.pool.fetchval("SELECT terms FROM hold WHERE contract_id = $1", contract.contract_id)
    assert (kept["version"], kept["sellers"][2]["price_per_round"]) == (3, 1 * CREDIT)


async def test_more_than_is_held_is_not_agreed_to(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, rounds=5))
    event_id = await escrow.hear(anew(contract, price=9 * CREDIT))

    await until(lambda: escrow.pool.fetchval("SELECT true FROM dead_letter WHERE event_id = $1", event_id))
    assert await escrow.pool.fetchval("SELECT terms->>'version' FROM hold WHERE contract_id = $1", contract.contract_id) == "1"


async def test_a_resolved_hold_stays_as_it_is(escrow: Escrow, buyer: str) -> None:
    contract = await escrow.held(terms(buyer, rounds=5))
    assert (await escrow.refund(contract.contract_id)).status_code == 200
    await escrow.handled(await escrow.hear(anew(contract)))

    assert await escrow.pool.fetchval("SELECT terms->>'version' FROM hold WHERE contract_id = $1", contract.contract_id) == "1"
