"""From the next run on, whoever took a provider's place trains, and the provider does not."""

from __future__ import annotations

from shared.contracts.events import ContractTerms, ProviderReplaced
from tests.integration.coordinator.conftest import Coordinator, refused
from tests.integration.coordinator.test_going_on import failed_after_a_round
from tests.integration.kit.conftest import until


async def anew(coordinator: Coordinator, contract_id: str, *, version: int = 2) -> ProviderReplaced:
    """The second seller is replaced by `comes`, for the two rounds that are left."""
    row = await coordinator.pool.fetchval("SELECT terms FROM funded_contract WHERE contract_id = $1", contract_id)
    terms = ContractTerms.model_validate(row)
    first, second = terms.sellers
    gone = second.model_copy(update={"retired": True, "rounds": 1})
    comes = second.model_copy(
        update={"offer_id": "offer-comes", "seller_node_id": "comes", "dataset_fingerprint": "data-comes", "rounds": 2}
    )
    changed = terms.model_copy(update={"sellers": (first, gone, comes), "version": version})
    return ProviderReplaced(contract_id=contract_id, replaced=(second.offer_id,), by=("offer-comes",), terms=changed)


async def heard(coordinator: Coordinator, fact: ProviderReplaced) -> None:
    await coordinator.hear(fact)
    query = "SELECT (terms->>'version')::int FROM funded_contract WHERE contract_id = $1"

    async def reached() -> bool:
        return bool(await coordinator.pool.fetchval(query, fact.contract_id) == fact.terms.version)

    await until(reached)


async def test_the_next_run_goes_on_with_the_new_provider_and_without_the_old(coordinator: Coordinator) -> None:
    first, _ = await failed_after_a_round(coordinator)
    node = await coordinator.node("comes")
    await heard(coordinator, await anew(coordinator, "contract-1"))

    second = await coordinator.start("contract-1")
    job = (await second.claim("flower-2")).json()

    assert (job["resumed_from"], job["rounds"]) == (first.run_id, 2)
    assert [n["offer_id"] for n in job["nodes"]] == ["offer-clinic-a", "offer-comes"]
    assert job["nodes"][1]["node_id"] == node


async def test_whoever_was_replaced_may_be_away(coordinator: Coordinator) -> None:
    await failed_after_a_round(coordinator)
    await coordinator.node("comes", online=False)
    gone = await coordinator.pool.fetchval("SELECT node_id FROM node WHERE seller_node_id = 'clinic-b'")
    del coordinator.link.online[gone]
    refused(await coordinator.trigger(contract_id="contract-1"), 503, "provider_node_offline")
    await heard(coordinator, await anew(coordinator, "contract-1"))

    away = await coordinator.trigger(contract_id="contract-1")

    refused(away, 503, "provider_node_offline")
    assert away.json()["details"]["offline"] == ["comes"]
