"""State machines: any sequence of steps leaves the ledger, and every contract, where a few lines of Python say it should be."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import asyncpg
import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from services.escrow import audit, batches, disputes, ledger, service
from services.escrow.domain import Posting, participant
from shared.contracts.errors import Refusal
from shared.contracts.events import BoundToRound, ContractCancelled, ContractTerms
from shared.contracts.values import new_id
from shared.kit import db
from shared.kit.auth import Principal, Role
from shared.kit.messaging import Heard
from tests.conftest import Databases
from tests.integration.escrow.conftest import hold, run_finished, terms

FEE = 250
SIZE = settings(max_examples=10, stateful_step_count=12, deadline=None)

pytestmark = pytest.mark.timeout(600)


class OnADatabase(RuleBasedStateMachine):
    """Steps, each in a transaction of its own."""

    runner: ClassVar[asyncio.Runner]
    pool: ClassVar[db.Pool]

    def commit(self, step: Callable[[db.Connection], Any]) -> Any:
        async def work() -> Any:
            async with self.pool.acquire() as conn, conn.transaction():
                return await step(conn)

        return self.runner.run(work())

    def balance(self, pattern: str) -> int:
        total = "SELECT coalesce(sum(balance), 0)::bigint FROM account WHERE account_id LIKE $1"
        return int(self.commit(lambda conn: conn.fetchval(total, pattern)))


@pytest.fixture
def database(databases: Databases) -> Iterator[None]:
    async def opened() -> tuple[str, db.Pool]:
        name = await databases.create(await databases.template("escrow"))
        return name, await db.open_pool(databases.dsn(name, "escrow"), service="escrow", size=2)

    with asyncio.Runner() as runner:
        name, OnADatabase.pool = runner.run(opened())
        OnADatabase.runner = runner
        yield
        OnADatabase.pool.terminate()
        runner.run(databases.drop(name))


# --- the ledger ---------------------------------------------------------------------------------------------------------
ACCOUNTS = range(3)
MOVE = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.integers(1, 40), st.none() | st.integers(0, 5)).filter(
    lambda move: move[0] != move[1]
)
OF_THE_LEDGER = dict(list(audit.CHECKS.items())[:5])
"""The checks that know nothing of holds."""


class Ledger(OnADatabase):
    def __init__(self) -> None:
        super().__init__()
        self.mark = new_id("m")
        self.accounts = [participant(f"{self.mark}-{n}") for n in ACCOUNTS]
        self.balances = dict.fromkeys(ACCOUNTS, 0)
        self.moved: set[int] = set()

    @rule(to=st.sampled_from(ACCOUNTS), amount=st.integers(1, 50))
    def deposit(self, to: int, amount: int) -> None:
        self.commit(lambda conn: service.deposit(conn, f"{self.mark}-{to}", amount, kind="deposit", actor="test"))
        self.balances[to] += amount

    @rule(moves=st.lists(MOVE, min_size=1, max_size=5))
    def move(self, moves: list[tuple[int, int, int, int | None]]) -> None:
        """All of them or none: none where one takes what is not there or moves a contract's money again."""
        after, moved, possible = dict(self.balances), set(self.moved), True
        for giver, taker, amount, contract in moves:
            after[giver] -= amount
            after[taker] += amount
            possible &= after[giver] >= 0 and contract not in moved
            moved |= {contract} - {None}  # type: ignore[arg-type]

        async def post(conn: db.Connection) -> None:
            transfers = [
                ledger.Transfer(
                    "hold" if contract is not None else "deposit",
                    [Posting(self.accounts[giver], -amount), Posting(self.accounts[taker], amount)],
                    "test",
                    None if contract is None else f"contract-{self.mark}-{contract}",
                )
                for giver, taker, amount, contract in moves
            ]
            await ledger.lock_accounts(conn, self.accounts)
            await ledger.post_transfers(conn, transfers)

        try:
            self.commit(post)
        except (asyncpg.CheckViolationError, asyncpg.UniqueViolationError):
            assert not possible
        else:
            assert possible
            self.balances, self.moved = after, moved

    @invariant()
    def balances_are_what_the_moves_add_up_to(self) -> None:
        assert {n: self.balance(account) for n, account in enumerate(self.accounts)} == self.balances
        for wrong, query in OF_THE_LEDGER.items():
            assert self.commit(functools.partial(_fetch, query)) == [], wrong


async def _fetch(query: str, conn: db.Connection) -> Any:
    return await conn.fetch(query)


def test_the_ledger_after_any_moves_is_what_they_add_up_to(database: None) -> None:
    run_state_machine_as_test(Ledger, settings=SIZE)


# --- a contract ---------------------------------------------------------------------------------------------------------
RUN = st.tuples(st.integers(0, 1), st.none() | st.lists(st.integers(0, 3), min_size=3, max_size=3))
"""A run's number, and what each seller delivered in it; None where it begins."""


@dataclass
class Known:
    """What a bystander knows of a contract."""

    terms: ContractTerms
    state: str
    runs: dict[str, list[int] | None] = field(default_factory=dict)
    dispute: str | None = None
    dispute_id: str = ""
    due: bool = False

    @property
    def delivered(self) -> list[int]:
        ended = [run for run in self.runs.values() if run is not None]
        return [min(self.terms.rounds, sum(run[n] for run in ended)) for n in range(len(self.terms.sellers))]

    @property
    def earned(self) -> int:
        early = all(run is None for run in self.runs.values())
        rounds = [self.terms.rounds] * len(self.terms.sellers) if early else self.delivered
        return sum(seller.price_per_round * done for seller, done in zip(self.terms.sellers, rounds, strict=True))

    @property
    def objection(self) -> str | None:
        """The code of what stands in the way of any resolution that is asked for."""
        codes = {"released": "contract_already_released", "refunded": "contract_already_refunded", "expired": "hold_expired"}
        if self.state != "held":
            return codes.get(self.state, "escrow_not_locked")
        return "contract_disputed" if self.dispute in {"open", "under_review"} else None


class Contracts(OnADatabase):
    contracts = Bundle("contracts")

    @initialize(target=contracts)
    def begin(self) -> Any:
        self.mark = new_id("m")
        self.owner = f"owner-{self.mark}"
        self.available = self.earned = self.fees = 0
        self.fees_before = self.balance("platform:fees:%")
        self.known: list[Known] = []
        self.deposit(4_000_000)
        return self.create([([333_333, 1], 2), ([7], 3)])

    @rule(amount=st.integers(1, 3_000_000))
    def deposit(self, amount: int) -> None:
        self.commit(lambda conn: service.deposit(conn, self.owner, amount, kind="deposit", actor="test"))
        self.available += amount

    @rule(
        target=contracts,
        wanted=st.lists(
            st.tuples(st.lists(st.integers(0, 333_333), min_size=1, max_size=3), st.integers(1, 3)), min_size=1, max_size=3
        ),
    )
    def create(self, wanted: list[tuple[list[int], int]]) -> Any:
        """Several at once: the first that the money is enough for are held."""
        made = []
        for prices, rounds in wanted:
            agreed = terms(self.owner, {f"seller-{self.mark}-{n}": price for n, price in enumerate(prices)}, rounds=rounds)
            held = agreed.escrow_total <= self.available
            self.available -= agreed.escrow_total if held else 0
            made.append(Known(agreed, "held" if held else "refused"))
        self.commit(lambda conn: hold(conn, *(contract.terms for contract in made)))
        self.known += made
        return multiple(*made)

    @rule(contract=contracts, facts=st.lists(RUN, min_size=1, max_size=4))
    def run(self, contract: Known, facts: list[tuple[int, list[int] | None]]) -> None:
        """Runs begin and end, several facts at once, some of them again."""
        heard = []
        for number, rounds in facts:
            run_id, sellers = f"run-{number}", contract.terms.sellers
            done = None if rounds is None else rounds[: len(sellers)]
            fact = (
                BoundToRound(contract_id=contract.terms.contract_id, run_id=run_id, round_id="r", rounds=contract.terms.rounds)
                if done is None
                else run_finished(contract.terms, {s.seller_node_id: n for s, n in zip(sellers, done, strict=True)}, run_id=run_id)
            )
            heard.append(Heard(fact, {"id": "test"}))
            if contract.runs.setdefault(run_id, None) is None:
                contract.runs[run_id] = done
        self.commit(lambda conn: batches.training(conn, heard, batches.Terms(False, 0, FEE)))

    @rule(contract=contracts, role=st.sampled_from([Role.OPERATOR, Role.MODEL_OWNER]))
    def release(self, contract: Known, role: Role) -> None:
        code = contract.objection
        paying = lambda conn: service.release(conn, contract.terms.contract_id, Principal(role), fee_basis_points=FEE)  # noqa: E731
        assert self.refused(paying) == code
        if code is None:
            self.pay(contract)

    @rule(contract=contracts, role=st.sampled_from([Role.OPERATOR, Role.MODEL_OWNER]))
    def refund(self, contract: Known, role: Role) -> None:
        code = contract.objection
        if code is None and None in contract.runs.values():
            code = "training_in_progress"
        elif code is None and any(contract.delivered) and role is not Role.OPERATOR:
            code = "rounds_delivered"
        assert self.refused(lambda conn: service.refund(conn, contract.terms.contract_id, Principal(role))) == code
        if code is None:
            self.give_back(contract, "refunded")

    @rule(contract=contracts)
    def cancel(self, contract: Known) -> None:
        fact = ContractCancelled(contract_id=contract.terms.contract_id, round_intent_id="i", reason="test")
        self.commit(lambda conn: batches.cancelled(conn, [Heard(fact, {"id": "test"})]))
        if contract.state == "held":
            self.give_back(contract, "refunded")

    @rule(contract=contracts)
    def dispute(self, contract: Known) -> None:
        assume(contract.dispute is None)
        who, contract_id = Principal(Role.OPERATOR), contract.terms.contract_id
        row = self.commit(lambda conn: disputes.open_dispute(conn, contract_id, "reporter", "why", who))
        contract.dispute, contract.dispute_id = "open", row["dispute_id"]

    @rule(contract=contracts)
    def go_on_with_the_dispute(self, contract: Known) -> None:
        assume(contract.dispute in {"open", "under_review"})
        to = "under_review" if contract.dispute == "open" else "rejected"

        async def move(conn: db.Connection) -> None:
            await disputes.move_dispute(conn, contract.dispute_id, to, actor="test", note="", fee_basis_points=FEE)

        self.commit(move)
        contract.dispute = to

    @rule(contract=contracts)
    def expire(self, contract: Known) -> None:
        past = "UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id = $1"
        self.commit(lambda conn: conn.execute(past, contract.terms.contract_id))
        self.commit(lambda conn: batches.end_due_holds(conn, fee_basis_points=FEE))
        # Once its dispute and its run are over, a hold whose time is up ends with the next that does.
        contract.due = True
        for due in [known for known in self.known if known.due and known.objection is None and None not in known.runs.values()]:
            if any(due.delivered):
                self.pay(due)
            else:
                self.give_back(due, "expired")

    def refused(self, asking: Callable[[db.Connection], Any]) -> str | None:
        try:
            self.commit(asking)
        except Refusal as refusal:
            return str(refusal.code)
        return None

    def pay(self, contract: Known) -> None:
        gross = contract.earned
        fee = gross * FEE // 10_000
        self.earned, self.fees = self.earned + gross - fee, self.fees + fee
        self.available += contract.terms.escrow_total - gross
        contract.state = "released"

    def give_back(self, contract: Known, state: str) -> None:
        self.available += contract.terms.escrow_total
        contract.state = state

    @invariant()
    def money_is_where_it_should_be(self) -> None:
        if not hasattr(self, "mark"):
            return
        ids = [contract.terms.contract_id for contract in self.known]
        rows = self.commit(lambda conn: conn.fetch("SELECT contract_id, state, runs FROM hold WHERE contract_id = ANY($1)", ids))
        there = {
            row["contract_id"]: (row["state"], {run: r and list(r.values()) for run, r in row["runs"].items()}) for row in rows
        }
        assert there == {c.terms.contract_id: (c.state, c.runs) for c in self.known}
        assert self.balance(f"participant:{self.owner}") == self.available
        assert self.balance(f"participant:seller-{self.mark}-%") == self.earned
        assert self.balance("platform:fees:%") == self.fees_before + self.fees

    def teardown(self) -> None:
        async def findings() -> list[str]:
            async with self.pool.acquire() as conn:
                return await audit.findings(conn)

        assert self.runner.run(findings()) == []
        # The next machine's clock must not end what this one left.
        self.commit(lambda conn: conn.execute("UPDATE hold SET expires_at = 'infinity'"))


def test_a_contract_after_any_steps_is_where_a_bystander_expects_it(database: None) -> None:
    run_state_machine_as_test(Contracts, settings=SIZE)
