"""A seeded world: who does what next. Everything but the escrow itself is played here."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from services.escrow import batches, disputes
from shared.contracts.events import BoundToRound, ContractCreated, ContractSeller, ContractTerms, Delivery, RunFinished
from shared.kit.auth import Role
from tests.chaos import invariants
from tests.chaos.parts import Contract, Crash, Violation
from tests.chaos.surroundings import Surroundings

KEYS = {role: f"key-of-{role}-0123456789" for role in Role}
CREDIT = 1_000_000


class World(Surroundings):
    """One seed's world."""

    async def step(self) -> None:
        self.steps += 1
        actions: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (12, self.deliver),
            (6, self.publish),
            (4, self.make_contract),
            (4, self.train),
            (2, self.deposit),
            (3, self.resolve),
            (2, self.open_dispute),
            (3, self.move_dispute),
            (1, self.withdraw),
            (1, self.end_withdrawal),
            (1, self.let_time_pass),
        ]
        (act,) = self.rng.choices([act for _, act in actions], [weight for weight, _ in actions])
        try:
            await act()
        except Crash:
            self.crashes += 1
        await invariants.check_sums(self.pool)

    def _taste(self, *what: object) -> random.Random:
        """Chance of its own for what was added later: the seeds play the worlds that they played before."""
        return random.Random(repr((self.seed, *what)))

    async def make_contract(self) -> None:
        taste = self._taste("contract", len(self.contracts))
        sellers = [
            ContractSeller(
                offer_id=f"offer-{self.mark}-{len(self.contracts)}-{n}",
                offer_version=1,
                seller_node_id=seller,
                dataset_fingerprint="f",
                price_per_round=self.rng.choice([0, 1, 7, 333_333, self.rng.randint(0, CREDIT), self.rng.randint(0, 3 * CREDIT)]),
                min_payout_share=taste.choice([0, 0, 0.3, 0.75, 1]),
            )
            for n, seller in enumerate(self.rng.sample(self.sellers, self.rng.randint(1, 5)))
        ]
        rounds, price = self.rng.randint(1, 3), sum(seller.price_per_round for seller in sellers)
        contract_id = f"contract-{self.mark}-{len(self.contracts)}"
        terms = ContractTerms(
            contract_id=contract_id,
            round_intent_id="i",
            round_id="r",
            model_owner_id=self.rng.choice(self.owners),
            task_type="t",
            rounds=rounds,
            sellers=tuple(sellers),
            agreed_price_per_round_total=price,
            escrow_total=price * rounds,
            created_at=datetime.now(UTC),
            settlement=self.rng.choice([None, "manual", "auto"]),
            dispute_window_s=taste.choice([None, None, 0, 3600]),
            settlement_rule=taste.choice(["delivery", "contribution"]),
        )
        self.contracts[contract_id] = Contract(terms)
        self.say(ContractCreated(contract_id=contract_id, terms=terms))

    def _any_contract(self, *, held: bool = False) -> tuple[str, Contract] | None:
        known = [(key, c) for key, c in self.contracts.items() if not held or c.held]
        return self.rng.choice(known) if known else None

    async def train(self) -> None:
        """A run begins, or the one that is active ends with whatever was delivered."""
        found = self._any_contract(held=True)
        if found is None:
            return
        contract_id, contract = found
        if contract.active is None:
            contract.active = f"run-{len(contract.runs)}"
            self.say(BoundToRound(contract_id=contract_id, run_id=contract.active, round_id="r", rounds=contract.terms.rounds))
        else:
            self._end_run(contract_id, contract, contract.active)

    def _end_run(self, contract_id: str, contract: Contract, run_id: str) -> None:
        run = {s.offer_id: self.rng.randint(0, contract.terms.rounds) for s in contract.terms.sellers}
        contract.runs[run_id] = run
        taste = self._taste("run", list(self.contracts).index(contract_id), run_id)
        measured = taste.random() < 0.8
        worth = {s.offer_id: taste.choice([0.0, 0.1, taste.gauss(0.1, 0.3)]) if measured else None for s in contract.terms.sellers}
        self.say(
            RunFinished(
                contract_id=contract_id,
                run_id=run_id,
                succeeded=True,
                rounds_completed=max(run.values()),
                deliveries=tuple(
                    Delivery(
                        seller_node_id=s.seller_node_id,
                        offer_id=s.offer_id,
                        rounds_delivered=run[s.offer_id],
                        contribution=worth[s.offer_id],
                    )
                    for s in contract.terms.sellers
                ),
            )
        )
        contract.active = None

    async def ask(self, role: Role, method: str, path: str, body: Mapping[str, Any], *, dies: bool = True) -> httpx.Response | None:
        """A call with a key of its own. The client does not know what happened when the process dies: it calls again."""
        key = uuid4().hex
        for _ in range(10):
            self.app.state.dies = dies and self.chance(0.1)
            headers = {"authorization": f"Bearer {KEYS[role]}", "idempotency-key": key}
            try:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://escrow") as client:
                    response = await client.request(method, path, json=dict(body), headers=headers)
            except Crash:
                self.crashes += 1
                continue
            finally:
                self.app.state.dies = False
            if response.status_code >= 500:
                raise Violation(f"{method} {path} {dict(body)}: {response.text}")
            if self.chance(0.1) and method == "POST":
                continue  # the answer was lost on its way
            return response
        return None

    async def deposit(self) -> None:
        owner, amount = self.rng.choice(self.owners), self.rng.randint(1, 30)
        response = await self.ask(Role.OPERATOR, "POST", "/escrow/deposits", {"participant": owner, "amount": amount})
        if response is not None:
            self.deposited[owner] = self.deposited.get(owner, 0) + amount * CREDIT

    async def resolve(self) -> None:
        found = self._any_contract()
        if found is None:
            return
        contract_id, contract = found
        role = self.rng.choice([Role.MODEL_OWNER, Role.PROVIDER, Role.OPERATOR])
        what = self.rng.choice(["release", "release", "refund"])
        body = {"contract_id": contract_id, **(self._in_part(contract) if what == "release" else {})}
        response = await self.ask(role, "POST", f"/marketplace/escrow/{what}", body)
        if response is not None and response.status_code == 200 and contract.disputed:
            raise Violation(f"{what} of {contract_id} went through an open dispute")

    def _in_part(self, contract: Contract) -> dict[str, Any]:
        """Now and then a release names some of the offers, with amounts that may not fit."""
        taste = self._taste("release", self.steps)
        if taste.random() < 0.7:
            return {}
        named = taste.sample(contract.terms.sellers, taste.randint(1, len(contract.terms.sellers)))
        most = contract.terms.escrow_total // len(named)
        amounts = {s.offer_id: taste.choice([None, taste.randint(0, most), most + 1]) for s in named}
        return {
            "payouts": [
                {"offer_id": offer_id} if amount is None else {"offer_id": offer_id, "amount": amount / CREDIT}
                for offer_id, amount in amounts.items()
            ]
        }

    async def open_dispute(self) -> None:
        found = self._any_contract()
        if found is None:
            return
        contract_id, contract = found
        body = {"contract_id": contract_id, "reporter": "r", "reason": "why"}
        response = await self.ask(Role.PROVIDER, "POST", "/marketplace/disputes", body)
        if response is not None and response.status_code == 201:
            contract.disputes[response.json()["dispute_id"]] = "open"

    async def move_dispute(self) -> None:
        known = [(c, d) for c in self.contracts.values() for d, status in c.disputes.items() if status in {"open", "under_review"}]
        if not known:
            return
        contract, dispute_id = self.rng.choice(known)
        status = "under_review" if contract.disputes[dispute_id] == "open" else self.rng.choice(["resolved", "rejected"])
        body: dict[str, Any] = {"status": status}
        if status == "resolved" and self.rng.random() < 0.5:
            share = contract.terms.escrow_total // len(contract.terms.sellers)
            body["payouts"] = [{"offer_id": s.offer_id, "amount": share / CREDIT} for s in contract.terms.sellers]
        response = await self.ask(Role.OPERATOR, "PATCH", f"/marketplace/disputes/{dispute_id}", body)
        if response is not None and response.status_code == 200:
            contract.disputes[dispute_id] = status

    async def withdraw(self) -> None:
        body = {"participant": self.rng.choice([*self.owners, *self.sellers]), "amount": self.rng.randint(1, 3)}
        response = await self.ask(Role.PROVIDER, "POST", "/escrow/withdrawals", body)
        if response is not None and response.status_code == 201:
            self.withdrawals[response.json()["withdrawal_id"]] = "requested"

    async def end_withdrawal(self) -> None:
        if not self.withdrawals:
            return
        withdrawal_id = self.rng.choice(sorted(self.withdrawals, key=list(self.withdrawals).index))
        body = {"status": self.rng.choice(["confirmed", "rejected"])}
        await self.ask(Role.OPERATOR, "PATCH", f"/escrow/withdrawals/{withdrawal_id}", body)

    async def let_time_pass(self) -> None:
        """Now and then a hold runs out; whatever is due is done, by two replicas one after the other."""
        if (found := self._any_contract()) is not None and self.rng.random() < 0.5:
            await self.pool.execute("UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id = $1", found[0])
        await self.end_due()

    async def end_due(self) -> None:
        for _ in range(2):
            async with self.pool.acquire() as conn, conn.transaction():
                await batches.end_due_holds(conn, fee_basis_points=self.settings.fee_basis_points)
                await disputes.tell_overdue(conn, after_s=self.settings.dispute_sla_s)
                if self.chance(0.2):
                    raise Crash("before the commit")

    async def finish(self) -> None:
        """The faults stop: every run and every dispute ends, everything said is heard, every hold runs out."""
        self.faults = False
        for contract_id, contract in self.contracts.items():
            if contract.active is not None:
                self._end_run(contract_id, contract, contract.active)
            for dispute_id, status in contract.disputes.items():
                for to in ("under_review", "rejected")[status == "under_review" :] if status in {"open", "under_review"} else ():
                    await self.ask(Role.OPERATOR, "PATCH", f"/marketplace/disputes/{dispute_id}", {"status": to})
        for _ in range(20):
            for _ in range(5 * len(self.pending)):
                await self.deliver()
            await self.publish()
            if not self.pending:
                break
        await self.pool.execute("UPDATE hold SET expires_at = now() - interval '1 s' WHERE contract_id LIKE $1", f"%-{self.mark}-%")
        await self.end_due()
        await self.publish()
        await invariants.check_sums(self.pool)
        await invariants.check_end(self)
