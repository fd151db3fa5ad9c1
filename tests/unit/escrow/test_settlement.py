"""How money is shared out: exact to the micro-credit for any prices, deliveries and fees."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.escrow.domain import (
    Hold,
    HoldState,
    Posting,
    _share,
    check_held,
    combine,
    escrow,
    fees,
    participant,
    plan_refund,
    plan_settlement,
    plan_split,
)
from shared.contracts.errors import Refusal
from shared.contracts.events import ContractSeller, ContractTerms

PRICE = st.one_of(st.integers(0, 20), st.integers(0, 10**15))


@st.composite
def holds(draw: st.DrawFn, *, early: bool | None = None) -> Hold:
    """A held contract of up to 25 offers of up to 5 sellers (the buyer may be one), some for a part of its rounds, after 0 to 3 runs."""
    rounds = draw(st.integers(1, 50))
    names = ["buyer", "a", "b", "c", "d"]
    prices = draw(st.lists(PRICE, min_size=1, max_size=25))
    sellers = tuple(
        ContractSeller(
            offer_id=f"offer-{n}",
            offer_version=1,
            seller_node_id=draw(st.sampled_from(names)),
            dataset_fingerprint="f",
            price_per_round=price,
            rounds=draw(st.none() | st.integers(0, rounds)),
        )
        for n, price in enumerate(prices)
    )
    terms = ContractTerms(
        contract_id="c",
        round_intent_id="i",
        round_id="r",
        model_owner_id="buyer",
        task_type="t",
        rounds=rounds,
        sellers=sellers,
        agreed_price_per_round_total=sum(prices),
        escrow_total=sum(prices) * rounds,
        created_at=datetime.now(UTC),
    )
    count = draw(st.integers(0, 3)) if early is None else 0 if early else draw(st.integers(1, 3))
    ids = st.sampled_from([*(s.offer_id for s in sellers), "offer-of-nobody"])
    runs = {f"run-{n}": draw(st.dictionaries(ids, st.integers(0, 60), max_size=25)) for n in range(count)}
    return Hold("c", HoldState.HELD, terms.escrow_total, terms, runs)


FEE = st.one_of(st.just(0), st.integers(0, 10_000))


@given(holds(), FEE)
def test_a_settlement_adds_up_to_what_was_held_and_takes_from_nobody(hold: Hold, fee: int) -> None:
    plan = plan_settlement(hold, fee_basis_points=fee)

    assert sum(posting.amount for posting in plan.postings) == 0
    assert sum(payout.amount for payout in plan.payouts) + plan.fee + plan.returned == hold.amount
    assert min([plan.returned, plan.fee, *(payout.amount for payout in plan.payouts)]) >= 0
    assert {p.account_id for p in plan.postings if p.amount < 0} <= {escrow("c")}


@given(holds(), FEE)
def test_the_postings_pay_what_the_payouts_say(hold: Hold, fee: int) -> None:
    plan = plan_settlement(hold, fee_basis_points=fee)

    told: dict[str, int] = {fees("c"): plan.fee, participant("buyer"): plan.returned, escrow("c"): -hold.amount}
    for payout in plan.payouts:
        told[participant(payout.seller_node_id)] = told.get(participant(payout.seller_node_id), 0) + payout.amount
    assert {p.account_id: p.amount for p in plan.postings} == {account: amount for account, amount in told.items() if amount}


@given(holds(early=False), FEE)
def test_only_delivered_rounds_are_paid_and_none_twice(hold: Hold, fee: int) -> None:
    plan = plan_settlement(hold, fee_basis_points=fee)

    assert not plan.early
    for seller, payout in zip(hold.terms.sellers, plan.payouts, strict=True):
        said = sum(run.get(seller.offer_id, 0) for run in hold.runs.values() if run is not None)
        assert payout.rounds_delivered == min(said, hold.terms.owed(seller))
        assert payout.rounds_agreed == hold.terms.owed(seller)
        assert payout.amount <= seller.price_per_round * payout.rounds_delivered
        # Rounding takes less than a micro-credit more than the exact fee.
        exact = seller.price_per_round * payout.rounds_delivered * Fraction(10_000 - fee, 10_000)
        assert payout.amount > exact - 1


@given(holds(early=True), FEE)
def test_a_release_before_training_pays_every_agreed_round(hold: Hold, fee: int) -> None:
    plan = plan_settlement(hold, fee_basis_points=fee)

    assert plan.early
    assert plan.returned == hold.amount - hold.terms.most
    assert sum(payout.amount for payout in plan.payouts) == hold.terms.most - hold.terms.most * fee // 10_000


@given(holds(), FEE)
def test_the_fee_is_the_rounded_down_share_of_what_is_paid(hold: Hold, fee: int) -> None:
    plan = plan_settlement(hold, fee_basis_points=fee)

    assert plan.fee == (hold.amount - plan.returned) * fee // 10_000


@given(holds(early=False))
def test_delivering_more_never_pays_less(hold: Hold) -> None:
    first = hold.terms.sellers[0].offer_id
    more = Hold(hold.contract_id, hold.state, hold.amount, hold.terms, {**hold.runs, "run-more": {first: 1}})

    before, after = plan_settlement(hold, fee_basis_points=0), plan_settlement(more, fee_basis_points=0)

    assert all(a.amount >= b.amount for a, b in zip(after.payouts, before.payouts, strict=True))
    assert after.returned <= before.returned


@given(holds())
def test_a_refund_gives_everything_back(hold: Hold) -> None:
    postings = plan_refund(hold)

    assert sum(p.amount for p in postings) == 0
    assert {p.account_id: p.amount for p in postings} == (
        {escrow("c"): -hold.amount, participant("buyer"): hold.amount} if hold.amount else {}
    )


@given(st.lists(st.integers(0, 10**18), max_size=30), st.data())
def test_shares_add_up_and_are_off_by_less_than_one(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))

    parts = _share(total, weights)

    assert sum(parts) == (total if sum(weights) else 0)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights) or 1)) < 1
        assert 0 <= part <= weight


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=10), st.integers(0, 5000))
def test_shares_depend_on_weights_and_place_alone(weights: list[int], total: int) -> None:
    parts = _share(total, weights)

    assert all(parts[i] >= parts[j] for i in range(len(parts)) for j in range(len(parts)) if weights[i] > weights[j])
    assert all(
        parts[i] in (parts[j], parts[j] + 1)
        for i in range(len(parts))
        for j in range(i + 1, len(parts))
        if weights[i] == weights[j]
    )


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-5, 5)), max_size=20))
def test_combined_postings_are_sorted_unique_and_keep_every_sum(moves: list[tuple[str, int]]) -> None:
    combined = combine([Posting(account, amount) for account, amount in moves])

    assert [p.account_id for p in combined] == sorted({p.account_id for p in combined})
    assert all(p.amount for p in combined)
    for account in "abcd":
        assert sum(a for n, a in moves if n == account) == sum(p.amount for p in combined if p.account_id == account)


@pytest.mark.parametrize(
    "state, expected",
    [
        (HoldState.RELEASED, "contract_already_released"),
        (HoldState.REFUNDED, "contract_already_refunded"),
        (HoldState.EXPIRED, "hold_expired"),
        (HoldState.REFUSED, "escrow_not_locked"),
    ],
)
@given(hold=holds())
def test_a_hold_that_is_not_held_is_refused_by_the_code_of_its_state(hold: Hold, state: HoldState, expected: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_held(Hold(hold.contract_id, state, hold.amount, hold.terms, hold.runs))

    assert refused.value.code == expected
    check_held(hold)


@given(holds(), FEE, st.data())
def test_a_split_pays_what_was_decided_less_the_fee_and_returns_the_rest(hold: Hold, fee: int, data: st.DataObject) -> None:
    left, amounts = hold.amount, {}
    for seller in data.draw(st.lists(st.sampled_from(hold.terms.sellers), unique_by=lambda s: s.offer_id)):
        amounts[seller.offer_id] = data.draw(st.integers(0, left))
        left -= amounts[seller.offer_id]

    plan = plan_split(hold, amounts, fee_basis_points=fee)

    assert sum(posting.amount for posting in plan.postings) == 0
    assert plan.returned == left
    assert plan.fee == sum(amounts.values()) * fee // 10_000
    assert all(0 <= payout.amount <= amounts.get(payout.offer_id, 0) for payout in plan.payouts)
    assert sum(payout.amount for payout in plan.payouts) == sum(amounts.values()) - plan.fee


@given(holds())
def test_a_split_of_more_than_there_is_or_to_a_stranger_is_refused(hold: Hold) -> None:
    first = hold.terms.sellers[0].offer_id
    for amounts in ({first: hold.amount + 1}, {"offer-of-nobody": 0}):
        with pytest.raises(Refusal) as refused:
            plan_split(hold, amounts, fee_basis_points=0)
        assert refused.value.code == "invalid_payouts"
