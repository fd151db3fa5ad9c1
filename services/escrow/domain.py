"""The rules of money: what a transfer may do, how a hold ends, and how it is shared out. Pure: values in, values out."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from math import ceil
from typing import Final

from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import ContractTerms, Payout, SettledBy
from shared.contracts.values import micro_to_credits

FUNDING: Final = "external:funding"
FEE_ACCOUNTS: Final = 16
"""Fees are spread over so many accounts: one that every payment locks would let one payment at a time commit."""

BASE_SHARE: Final = Fraction(1, 2)
"""What a delivered round is paid of its price, whatever it contributed, where a contract is settled by contribution."""
GRID: Final = 10**9
"""Contributions count in steps of 1/GRID: what is smaller is the noise of floating point, and worth nothing."""
UNMEASURED: Final = "the contributions were not measured"


def participant(name: str) -> str:
    return f"participant:{name}"


def escrow(contract_id: str) -> str:
    return f"escrow:{contract_id}"


def fees(contract_id: str) -> str:
    """Where a contract's fee goes: one of the accounts that `platform:fees` is the sum of."""
    return f"platform:fees:{zlib.crc32(contract_id.encode()) % FEE_ACCOUNTS:02}"


def withdrawal(withdrawal_id: str) -> str:
    return f"withdrawal:{withdrawal_id}"


class HoldState(StrEnum):
    HELD = "held"  # money sits in the escrow account
    RELEASED = "released"  # providers are paid, the rest is back
    REFUNDED = "refunded"  # the model owner has all of it back
    EXPIRED = "expired"  # nobody resolved it in time: refunded
    REFUSED = "refused"  # there was not enough money to hold


TRANSITIONS: Final = frozenset((HoldState.HELD, to) for to in (HoldState.RELEASED, HoldState.REFUNDED, HoldState.EXPIRED))

_ALREADY: Final = {
    HoldState.RELEASED: ErrorCode.CONTRACT_ALREADY_RELEASED,
    HoldState.REFUNDED: ErrorCode.CONTRACT_ALREADY_REFUNDED,
    HoldState.EXPIRED: ErrorCode.HOLD_EXPIRED,
    HoldState.REFUSED: ErrorCode.ESCROW_NOT_LOCKED,
}


class DisputeStatus(StrEnum):
    OPEN = "open"
    UNDER_REVIEW = "under_review"
    RESOLVED = "resolved"
    REJECTED = "rejected"


DISPUTE_TRANSITIONS: Final = frozenset(
    {
        (DisputeStatus.OPEN, DisputeStatus.UNDER_REVIEW),
        (DisputeStatus.UNDER_REVIEW, DisputeStatus.RESOLVED),
        (DisputeStatus.UNDER_REVIEW, DisputeStatus.REJECTED),
    }
)
FREEZING: Final = frozenset({DisputeStatus.OPEN, DisputeStatus.UNDER_REVIEW})


class WithdrawalStatus(StrEnum):
    REQUESTED = "requested"  # the money is out of the participant's reach
    CONFIRMED = "confirmed"  # it has left
    REJECTED = "rejected"  # it is back


WITHDRAWAL_TRANSITIONS: Final = frozenset(
    {(WithdrawalStatus.REQUESTED, WithdrawalStatus.CONFIRMED), (WithdrawalStatus.REQUESTED, WithdrawalStatus.REJECTED)}
)


@dataclass(frozen=True)
class Posting:
    """One entry to be made: `amount` micro-credits into (or, negative, out of) an account."""

    account_id: str
    amount: int


@dataclass(frozen=True)
class Hold:
    """A contract's money, as far as decisions need it."""

    contract_id: str
    state: HoldState
    amount: int
    terms: ContractTerms
    runs: Mapping[str, Mapping[str, int] | None]  # run_id -> rounds delivered per offer_id; None while the run is active
    settle: bool = False  # to be settled without anybody asking
    contributions: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)  # run_id -> what each offer was worth

    @cached_property
    def training(self) -> bool:
        """A run is active."""
        return None in self.runs.values()

    @cached_property
    def delivered(self) -> dict[str, int]:
        """offer_id -> rounds delivered over all runs, never more than owed."""
        ended = [run for run in self.runs.values() if run is not None]
        return {
            seller.offer_id: min(self.terms.owed(seller), sum(run.get(seller.offer_id, 0) for run in ended))
            for seller in self.terms.sellers
        }

    @cached_property
    def worth(self) -> dict[str, int] | None:
        """offer_id -> contribution over all runs, in steps of `GRID` and not below 0; None where a delivery was not measured."""
        worth = {seller.offer_id: 0 for seller in self.terms.sellers}
        for run_id, run in self.runs.items():
            for offer_id in (offer_id for offer_id, rounds in (run or {}).items() if rounds and offer_id in worth):
                value = self.contributions.get(run_id, {}).get(offer_id)
                if value is None:
                    return None
                worth[offer_id] += round(Fraction(value) * GRID)
        return {offer_id: max(0, value) for offer_id, value in worth.items()}

    @cached_property
    def complete(self) -> bool:
        """Every provider has delivered every round that it owes."""
        return all(self.delivered[seller.offer_id] == self.terms.owed(seller) for seller in self.terms.sellers)

    @cached_property
    def early(self) -> bool:
        """A release now comes before training has ended once."""
        return all(run is None for run in self.runs.values())


@dataclass(frozen=True)
class Settlement:
    """How a hold is shared out: the postings, and the same for people."""

    postings: Sequence[Posting]
    payouts: Sequence[Payout]
    returned: int
    fee: int
    early: bool
    settled_by: SettledBy
    fallback: str = ""  # why it is not by the rule that was agreed


def check_held(hold: Hold) -> None:
    """Raises the code of the resolution that came first."""
    if hold.state in _ALREADY:
        raise Refusal(_ALREADY[hold.state], contract_id=hold.contract_id, state=str(hold.state))


def combine(postings: Sequence[Posting]) -> list[Posting]:
    """One posting per account, without zeros, in the order of the account's id: the order in which accounts are locked."""
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.account_id] = sums.get(posting.account_id, 0) + posting.amount
    return [Posting(account, amount) for account, amount in sorted(sums.items()) if amount]


def plan_settlement(hold: Hold, *, fee_basis_points: int) -> Settlement:
    """Pays each provider by the rule that was agreed, and returns the rest; an early release pays everything.

    By delivery, that is `price_per_round × rounds delivered`. By contribution, it is a base of that and a bonus (`_by_contribution`);
    where a delivery was not measured, it is by delivery all the same, and `fallback` says so.
    """
    rounds = {seller.offer_id: hold.terms.owed(seller) for seller in hold.terms.sellers} if hold.early else hold.delivered
    due = [seller.price_per_round * rounds[seller.offer_id] for seller in hold.terms.sellers]
    if hold.terms.settlement_rule == "delivery" or hold.early:
        return _settled(hold, due, fee_basis_points, "delivery")
    worth = hold.worth
    if worth is None:
        return _settled(hold, due, fee_basis_points, "delivery", fallback=UNMEASURED)
    parts = _by_contribution(
        due,
        [Fraction(str(seller.min_payout_share)) for seller in hold.terms.sellers],
        [worth[seller.offer_id] for seller in hold.terms.sellers],
    )
    return _settled(hold, [base + bonus for base, bonus in parts], fee_basis_points, "contribution", parts=parts)


def _by_contribution(due: Sequence[int], floors: Sequence[Fraction], worth: Sequence[int]) -> list[tuple[int, int]]:
    """(base, bonus) of each provider, in micro-credits before the fee, out of what is `due` to it by delivery.

    The base is `BASE_SHARE` of what is due, or the offer's own floor where that is more, rounded up. What is left of the sum of all
    that is due is the pool, shared in proportion to `worth`: whoever is worth nothing gets none of it, equals get the same, and where
    nobody is worth anything it stays with the model owner.
    """
    base = [ceil(max(BASE_SHARE, floor) * amount) for floor, amount in zip(floors, due, strict=True)]
    return list(zip(base, _share_alike(sum(due) - sum(base), worth), strict=True))


def plan_split(hold: Hold, amounts: Mapping[str, int], *, fee_basis_points: int) -> Settlement:
    """Pays each offer's provider the amount that somebody decided on, nothing where none was named, and returns the rest."""
    if not amounts.keys() <= hold.delivered.keys() or sum(amounts.values()) > hold.amount:
        raise Refusal(ErrorCode.INVALID_PAYOUTS, contract_id=hold.contract_id, held=micro_to_credits(hold.amount))
    return _settled(hold, [amounts.get(seller.offer_id, 0) for seller in hold.terms.sellers], fee_basis_points, "decision")


def plan_named(hold: Hold, named: Mapping[str, int | None], *, fee_basis_points: int, freely: bool) -> Settlement:
    """Like `plan_split`; an offer without an amount gets what the agreed rule would pay it now.

    Unless somebody decides `freely`, whoever has delivered is paid no less than that rule says.

    Raises:
        Refusal: `invalid_payouts`, `payout_below_due`.
    """
    due = {payout.offer_id: payout.amount for payout in plan_settlement(hold, fee_basis_points=0).payouts}
    amounts = {offer_id: due.get(offer_id, 0) if amount is None else amount for offer_id, amount in named.items()}
    plan = plan_split(hold, amounts, fee_basis_points=fee_basis_points)
    owed = {offer_id: due[offer_id] for offer_id, rounds in hold.delivered.items() if rounds}
    if not freely and any(amounts.get(offer_id, 0) < amount for offer_id, amount in owed.items()):
        raise Refusal(
            ErrorCode.PAYOUT_BELOW_DUE,
            contract_id=hold.contract_id,
            due={offer_id: micro_to_credits(amount) for offer_id, amount in owed.items()},
        )
    return plan


def _settled(
    hold: Hold,
    gross: Sequence[int],
    fee_basis_points: int,
    settled_by: SettledBy,
    *,
    parts: Sequence[tuple[int, int]] | None = None,
    fallback: str = "",
) -> Settlement:
    """`gross` to each seller, less the fee, and the rest to the model owner.

    The fee is taken from each payment, rounded down, and the crumbs of rounding go to the fees of the largest remainders
    first, so that the fee is exactly the rounded-down share of the sum. Everything adds up to the held amount.
    """
    delivered = hold.delivered
    charged = _share(sum(gross) * fee_basis_points // 10_000, gross)
    told: Sequence[tuple[int, int] | tuple[None, None]] = parts or [(None, None)] * len(gross)
    payouts = [
        Payout(
            seller_node_id=seller.seller_node_id,
            offer_id=seller.offer_id,
            amount=amount - fee,
            rounds_delivered=None if hold.early else delivered[seller.offer_id],
            rounds_agreed=hold.terms.owed(seller),
            base=base,
            bonus=bonus,
        )
        for seller, amount, fee, (base, bonus) in zip(hold.terms.sellers, gross, charged, told, strict=True)
    ]
    returned = hold.amount - sum(gross)
    postings = [
        Posting(escrow(hold.contract_id), -hold.amount),
        *(Posting(participant(payout.seller_node_id), payout.amount) for payout in payouts),
        Posting(fees(hold.contract_id), sum(charged)),
        Posting(participant(hold.terms.model_owner_id), returned),
    ]
    return Settlement(combine(postings), payouts, returned, sum(charged), hold.early, settled_by, fallback)


def plan_refund(hold: Hold) -> list[Posting]:
    """Everything back to the model owner."""
    return combine([Posting(escrow(hold.contract_id), -hold.amount), Posting(participant(hold.terms.model_owner_id), hold.amount)])


def _share(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole micro-credits in proportion to `weights`, by largest remainder; the first wins a tie."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _share_alike(total: int, weights: Sequence[int]) -> list[int]:
    """Like `_share`, but equal weights get equal parts: crumbs that would tell them apart are left over, fewer than there are weights."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)

    def remainder(i: int) -> int:
        return -(total * weights[i] % whole)

    for _, group in groupby(sorted(range(len(weights)), key=remainder), remainder):
        equals = list(group)
        if len(equals) > left:
            break
        for i in equals:
            parts[i] += 1
        left -= len(equals)
    return parts
