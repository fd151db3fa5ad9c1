"""The index is what the stream of offer facts says, as of the fact that a question names, whatever restarts or breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.matching import bulk as reader
from services.matching.bulk import CannotReadInBulk
from shared.contracts.events import OfferChanged
from shared.kit.auth import Role
from shared.kit.streams import ensure_streams
from tests.backends import Backend
from tests.integration.matching.conftest import Market, Matching, Replica, until


async def test_an_offer_is_in_the_answer_to_the_very_next_question(matching: Matching, market: Market) -> None:
    for number in range(30):
        seq = await market.offer(f"offer-{number:02}", quality_score=number / 100)
        response = await matching.ask(max_offers=1)

        assert response.json()["selected_offers"][0]["offer_id"] == f"offer-{number:02}"
        assert response.json()["index_seq"] >= seq


async def test_a_change_is_in_the_answer_to_the_very_next_question(matching: Matching, market: Market) -> None:
    await market.offer("offer-a")
    for price in range(1, 20):
        await market.offer("offer-a", price_per_round=price)
        (offer,) = (await matching.ask()).json()["selected_offers"]

        assert (offer["price_per_round"], offer["offer_version"]) == (price, price + 1)


async def test_a_question_about_a_fact_that_never_comes_is_told_so_in_time(
    nats_url: str, matching: Matching, market: Market
) -> None:
    seq = await market.offer("offer-a")
    matching.app.state.runtime.settings = matching.app.state.runtime.settings.model_copy(update={"catch_up_s": 0.2})

    response = await matching.ask(after_seq=seq + 1)

    assert response.status_code == 503
    assert response.json()["code"] == "matching_behind"
    assert response.headers["retry-after"]
    assert response.json()["details"]["wanted_seq"] == seq + 1


async def test_a_waiting_question_is_answered_when_its_fact_arrives(matching: Matching, market: Market) -> None:
    seq = await market.offer("offer-a")
    waiting = asyncio.create_task(matching.chosen(after_seq=seq + 1))
    await asyncio.sleep(0)

    await market.offer("offer-b", quality_score=1.0)

    assert await waiting == ["offer-b", "offer-a"]


@pytest.mark.parametrize(
    "state, reason",
    [
        ({"status": "paused"}, "offer_not_active"),
        ({"expires_at": 1000}, "offer_expired"),
        ({"expires_at": 1}, "offer_expired"),
    ],
)
async def test_an_offer_that_is_off_the_market_is_never_chosen_and_is_counted(
    matching: Matching, market: Market, state: dict[str, object], reason: str
) -> None:
    await market.offer("offer-a", quality_score=1.0)
    await market.offer("offer-b")
    await market.offer("offer-a", quality_score=1.0, **state)

    response = await matching.ask()

    assert [offer["offer_id"] for offer in response.json()["selected_offers"]] == ["offer-b"]
    assert response.json()["selection_diagnostics"]["rejection_reasons"] == {reason: 1}


async def test_an_offer_expires_by_the_clock_of_the_question(matching: Matching, market: Market) -> None:
    await market.offer("offer-a", expires_at=2000)

    assert await matching.chosen(now=1999) == ["offer-a"]
    assert await matching.chosen(now=2000) == []


async def test_an_older_version_that_comes_late_changes_nothing(matching: Matching, market: Market) -> None:
    await market.offer("offer-a", price_per_round=1)
    await market.offer("offer-a", price_per_round=2)
    await matching.ask()  # seen: the stream itself keeps no more than the last fact about an offer
    await market.offer("offer-a", price_per_round=3, version=1)

    (offer,) = (await matching.ask()).json()["selected_offers"]

    assert (offer["price_per_round"], offer["offer_version"]) == (2, 2)


async def test_a_new_process_rebuilds_the_same_answers_from_the_stream(
    matching: Matching, market: Market, replica: Replica
) -> None:
    for number in range(40):
        await market.offer(f"offer-{number % 15:02}", quality_score=(number * 7 % 40) / 40, price_per_round=number * 100_000)
    before = await matching.ask(max_offers=5, budget_total=6_000_000)

    async with replica() as restarted:
        after = await restarted.ask(max_offers=5, budget_total=6_000_000)

    assert after.content == before.content


async def test_two_replicas_answer_byte_for_byte_alike(matching: Matching, market: Market, replica: Replica) -> None:
    async with replica() as other:
        for number in range(30):
            await market.offer(f"offer-{number % 9}", quality_score=(number % 5) / 5, price_per_round=number % 4 * 1_000_000)
            question: dict[str, Any] = {"max_offers": 3, "budget_total": 5_000_000, "min_quality_score": number % 3 / 3}
            first, second = await asyncio.gather(matching.ask(**question), other.ask(**question))
            assert first.json()["selected_offers"] == second.json()["selected_offers"]
        first, second = await asyncio.gather(matching.ask(), other.ask())

    assert first.content == second.content


@pytest.mark.parametrize("bulk", [True, False])
async def test_a_process_is_ready_once_it_has_caught_up(
    market: Market, replica: Replica, monkeypatch: pytest.MonkeyPatch, bulk: bool
) -> None:
    """Also where the stream cannot be read in bulk, or the reading ends early."""
    taken: list[int] = []
    read = reader.read

    async def reading(*args: Any, **kwargs: Any) -> AsyncIterator[tuple[list[bytes], int]]:
        async for facts, seq in read(*args, **kwargs):
            taken.append(len(facts))
            yield facts, seq
            if not bulk:
                raise CannotReadInBulk("one batch was enough")

    monkeypatch.setattr(reader, "AT_ONCE", 10_000)
    monkeypatch.setattr(reader, "read", reading)
    for number in range(200):
        await market.offer(f"offer-{number}")

    async with replica() as matching:

        async def ready() -> bool:
            return (await matching.client().get("/readyz")).status_code == 200

        await until(ready)
        response = await matching.ask(after_seq=0)

    assert response.json()["selection_diagnostics"]["offers_evaluated"] == 200
    assert (sum(taken) == 200) is bulk
    assert len(taken) > 1 if bulk else len(taken) == 1


async def test_something_on_the_stream_that_is_no_offer_stops_nothing(matching: Matching, market: Market) -> None:
    await market.offer("offer-a")
    for body in (b"{", b"[]", b'{"data": 5}', b'{"data": {"offer_id": "x"}}', b"\xff"):
        await market.publish(f"{OfferChanged.SUBJECT}.x", body)
    await market.offer("offer-b", quality_score=0.1)

    assert await matching.chosen() == ["offer-a", "offer-b"]


async def test_a_stream_that_is_made_anew_is_read_anew(matching: Matching, market: Market) -> None:
    """As many facts as before: its length tells nothing."""
    await market.offer("offer-old")
    assert await matching.chosen() == ["offer-old"]

    await market.nc.jetstream().delete_stream("FACTS")
    await market.nc.jetstream().delete_stream("OFFERS")
    await ensure_streams(market.nc.jetstream())
    for number in range(3):
        await market.offer(f"offer-new-{number}")

    async def renewed() -> bool:
        return await matching.chosen(after_seq=0) == ["offer-new-0", "offer-new-1", "offer-new-2"]

    await until(renewed, timeout_s=30)


async def test_a_nats_that_crashes_and_comes_back_is_followed_on(matching: Matching, market: Market, nats_server: Backend) -> None:
    await market.offer("offer-a")
    assert await matching.chosen() == ["offer-a"]

    await asyncio.to_thread(nats_server.stop)
    answered = await matching.chosen(after_seq=0)
    await asyncio.to_thread(nats_server.start)

    async def published() -> bool:
        try:
            return bool(await market.offer("offer-b", quality_score=0.1))
        except Exception:  # noqa: BLE001 - reconnecting
            return False

    await until(published, timeout_s=30)
    assert answered == ["offer-a"]
    assert await matching.chosen() == ["offer-a", "offer-b"]


async def test_a_question_changes_nothing(matching: Matching, market: Market) -> None:
    """A preview is a question with other terms: the next one is answered as if it had never been asked."""
    await market.offer("offer-a")
    before = await matching.ask()
    stored = await market.nc.jetstream().stream_info("OFFERS")

    preview = await matching.ask(budget_total=1, min_quality_score=1.0)

    assert preview.json()["has_match"] is False
    assert (await matching.ask()).content == before.content
    assert (await market.nc.jetstream().stream_info("OFFERS")).state == stored.state


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.SERVICE, Role.OPERATOR}])
async def test_only_services_may_ask(matching: Matching, role: Role) -> None:
    body = {"policy": {"task_type": "t"}, "now": 1}

    assert (await matching.client(role).post("/match/select", json=body)).json()["code"] == "forbidden"


@pytest.mark.parametrize(
    "body", [{}, {"policy": {}, "now": 1}, {"policy": {"task_type": "t"}, "now": 1, "after_seq": -1}, {"what": 1}]
)
async def test_a_question_that_is_none_is_refused(matching: Matching, body: dict[str, object]) -> None:
    response = await matching.client().post("/match/select", json=body)

    assert response.status_code == 400
    assert response.json()["details"]["fields"]


async def test_what_was_asked_is_counted(matching: Matching, market: Market) -> None:
    await market.offer("offer-a")

    async def series(name: str) -> float:
        text = (await matching.client().get("/metrics")).text
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))

    before = await series('match_questions_total{result="no_match"}'), await series('match_unmet_offers_total{reason="quality')
    await matching.ask(min_quality_score=1.0)

    assert await series('match_questions_total{result="no_match"}') == before[0] + 1
    assert await series('match_unmet_offers_total{reason="quality') == before[1] + 1
    assert await series("match_offers_indexed") == 1
