"""Settlement by contribution: what the axioms of a fair share say, exact to the micro-credit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from services.escrow.domain import BASE_SHARE, GRID, UNMEASURED, Hold, HoldState, _share_alike, plan_named, plan_settlement
from shared.contracts.events import ContractSeller, ContractTerms
from tests.unit.escrow.test_settlement import FEE, holds

VALUE = st.one_of(st.just(0.0), st.sampled_from([0.1, 0.2, -0.1, 1e-12]), st.floats(-1, 1), st.floats(-1e12, 1e12))
FLOOR = st.one_of(st.just(0.0), st.just(1.0), st.sampled_from([0.1, 1 / 3, 0.75]), st.floats(0, 1))


@st.composite
def measured(draw: st.DrawFn) -> Hold:
    """A trained contract that is settled by contribution, with a value for every delivery of every run."""
    hold = draw(holds(early=False))
    sellers = tuple(s.model_copy(update={"min_payout_share": draw(FLOOR)}) for s in hold.terms.sellers)
    runs = {run_id: run or {} for run_id, run in hold.runs.items()}
    values = {run_id: {offer_id: draw(VALUE) for offer_id in run} for run_id, run in runs.items()}
    terms = hold.terms.model_copy(update={"sellers": sellers, "settlement_rule": "contribution"})
    return replace(hold, terms=terms, contributions=values)


def due(hold: Hold) -> list[int]:
    return [s.price_per_round * hold.delivered[s.offer_id] for s in hold.terms.sellers]


def parts(hold: Hold) -> list[tuple[int, int]]:
    """Each provider's base and bonus."""
    plan = plan_settlement(hold, fee_basis_points=0)
    assert plan.settled_by == "contribution"
    return [(p.base, p.bonus) for p in plan.payouts if p.base is not None and p.bonus is not None]


@given(measured(), FEE)
def test_it_adds_up_to_what_was_held_and_takes_from_nobody(hold: Hold, fee: int) -> None:
    plan = plan_settlement(hold, fee_basis_points=fee)

    assert sum(p.amount for p in plan.payouts) + plan.fee + plan.returned == hold.amount
    assert sum(p.amount for p in plan.postings) == 0
    assert min([plan.returned, plan.fee, *(p.amount for p in plan.payouts)]) >= 0
    assert plan.fee == (hold.amount - plan.returned) * fee // 10_000
    assert (plan.settled_by, plan.fallback, len(parts(hold))) == ("contribution", "", len(plan.payouts))


@given(measured())
def test_nobody_is_paid_below_the_base_or_the_floor_of_its_offer(hold: Hold) -> None:
    for seller, amount, (base, bonus) in zip(hold.terms.sellers, due(hold), parts(hold), strict=True):
        least = max(BASE_SHARE, Fraction(str(seller.min_payout_share))) * amount
        assert base == ceil(least)
        assert base + bonus >= least


@given(measured())
def test_what_is_worth_nothing_or_less_gets_no_bonus(hold: Hold) -> None:
    for seller, (_, bonus) in zip(hold.terms.sellers, parts(hold), strict=True):
        runs = [run for run, done in hold.runs.items() if done and done.get(seller.offer_id)]
        values = [Fraction(hold.contributions[run][seller.offer_id] or 0) for run in runs]
        # Half a step of the grid in each run is all that rounding can add.
        if sum(values) <= -Fraction(len(runs), 2 * GRID) or not any(values):
            assert bonus == 0


@given(measured(), st.integers(0, 24))
def test_identical_twins_get_the_same(hold: Hold, which: int) -> None:
    first = hold.terms.sellers[which % len(hold.terms.sellers)]
    twin = ContractSeller(**{**first.model_dump(), "offer_id": "offer-twin", "seller_node_id": "twin"})
    terms = hold.terms.model_copy(
        update={
            "sellers": (*hold.terms.sellers, twin),
            "escrow_total": hold.terms.escrow_total + first.price_per_round * hold.terms.rounds,
        }
    )
    runs = {run: {**(done or {}), "offer-twin": (done or {}).get(first.offer_id, 0)} for run, done in hold.runs.items()}
    values = {run: {**told, "offer-twin": told.get(first.offer_id)} for run, told in hold.contributions.items()}
    both = replace(hold, terms=terms, amount=terms.escrow_total, runs=runs, contributions=values)

    paid = dict(zip([s.offer_id for s in terms.sellers], parts(both), strict=True))

    assert paid["offer-twin"] == paid[first.offer_id]


@given(measured())
def test_the_pool_is_shared_in_proportion_and_only_crumbs_are_left(hold: Hold) -> None:
    shares, worth = parts(hold), hold.worth
    assert worth is not None
    pool, whole = sum(due(hold)) - sum(base for base, _ in shares), sum(worth.values())
    left = pool - sum(bonus for _, bonus in shares)

    if whole == 0:
        assert left == pool
    else:
        assert 0 <= left < len(shares)
        for seller, (_, bonus) in zip(hold.terms.sellers, shares, strict=True):
            assert abs(bonus - Fraction(pool * worth[seller.offer_id], whole)) < 1
    assert plan_settlement(hold, fee_basis_points=0).returned == hold.amount - sum(due(hold)) + left


@given(measured(), st.data())
def test_a_harmful_update_is_paid_like_an_idle_one(hold: Hold, data: st.DataObject) -> None:
    run = data.draw(st.sampled_from(sorted(hold.runs)))
    for_all = {**hold.contributions, run: {offer: min(0.0, value or 0.0) for offer, value in hold.contributions[run].items()}}
    harmful = replace(hold, runs={run: hold.runs[run]}, contributions=for_all)
    idle = replace(harmful, contributions={run: dict.fromkeys(hold.contributions[run], 0.0)})

    assert parts(harmful) == parts(idle)


@given(measured(), FEE, st.data())
def test_one_delivery_that_was_not_measured_makes_it_a_settlement_by_delivery(hold: Hold, fee: int, data: st.DataObject) -> None:
    known = {s.offer_id for s in hold.terms.sellers}
    delivered = [(run, offer) for run, done in hold.runs.items() for offer, n in (done or {}).items() if n and offer in known]
    plain = replace(hold, terms=hold.terms.model_copy(update={"settlement_rule": "delivery"}))
    if not delivered:
        assert plan_settlement(hold, fee_basis_points=fee).returned == hold.amount
        return
    run, offer = data.draw(st.sampled_from(delivered))
    told = hold.contributions[run]
    gap: dict[str, float | None] = {**told, offer: None}
    if data.draw(st.booleans()):
        del gap[offer]

    plan = plan_settlement(replace(hold, contributions={**hold.contributions, run: gap}), fee_basis_points=fee)

    assert (plan.settled_by, plan.fallback) == ("delivery", UNMEASURED)
    assert replace(plan, fallback="") == plan_settlement(plain, fee_basis_points=fee)


@given(holds(early=True), FEE)
def test_a_release_before_training_pays_in_full_by_whatever_rule(hold: Hold, fee: int) -> None:
    chosen = replace(hold, terms=hold.terms.model_copy(update={"settlement_rule": "contribution"}))

    assert plan_settlement(chosen, fee_basis_points=fee) == plan_settlement(hold, fee_basis_points=fee)


@given(measured(), FEE)
def test_naming_everybody_without_an_amount_pays_what_the_rule_pays(hold: Hold, fee: int) -> None:
    whole = plan_settlement(hold, fee_basis_points=fee)
    named = plan_named(hold, {s.offer_id: None for s in hold.terms.sellers}, fee_basis_points=fee, freely=False)

    assert named.postings == whole.postings
    assert (named.returned, named.fee, named.settled_by) == (whole.returned, whole.fee, "decision")


@given(st.lists(st.one_of(st.integers(0, 9), st.integers(0, 10**20)), max_size=25), st.integers(0, 10**18))
def test_equal_weights_get_equal_parts_and_heavier_ones_no_less(weights: list[int], total: int) -> None:
    shared = _share_alike(total, weights)

    assert sum(shared) <= total
    assert total - sum(shared) < len(weights) or not sum(weights)
    for weight, part in zip(weights, shared, strict=True):
        assert (part == 0) or weight
        assert abs(part - Fraction(total * weight, sum(weights) or 1)) < 1
        assert all(part >= other for w, other in zip(weights, shared, strict=True) if weight >= w)


def test_noise_of_floating_point_is_no_contribution() -> None:
    hold = measured_of({"a": 0.1 + 0.2, "b": 0.3, "c": 1e-17})

    assert hold.worth == {"a": 3 * GRID // 10, "b": 3 * GRID // 10, "c": 0}
    assert parts(hold) == [(50, 75), (50, 75), (50, 0)]


def measured_of(values: dict[str, float | None]) -> Hold:
    """One round of one run, each offer at 100 micro-credits."""
    sellers = tuple(
        ContractSeller(offer_id=name, offer_version=1, seller_node_id=name, dataset_fingerprint="f", price_per_round=100)
        for name in values
    )
    terms = ContractTerms(
        contract_id="c",
        round_intent_id="i",
        round_id="r",
        model_owner_id="buyer",
        task_type="t",
        rounds=1,
        sellers=sellers,
        agreed_price_per_round_total=100 * len(values),
        escrow_total=100 * len(values),
        created_at=datetime.now(UTC),
        settlement_rule="contribution",
    )
    return Hold("c", HoldState.HELD, terms.escrow_total, terms, {"run": dict.fromkeys(values, 1)}, contributions={"run": values})
