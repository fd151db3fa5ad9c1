"""The rules of money: what a transfer may do, how a hold ends, and how it is shared out. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import ContractTerms, Payout
from shared.contracts.values import micro_to_credits

FUNDING: Final = "external:funding"
FEES: Final = "platform:fees"


def participant(name: str) -> str:
    return f"participant:{name}"


def escrow(contract_id: str) -> str:
    return f"escrow:{contract_id}"


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

    @property
    def training(self) -> bool:
        """A run is active."""
        return None in self.runs.values()

    @property
    def delivered(self) -> dict[str, int]:
        """offer_id -> rounds delivered over all runs, never more than agreed."""
        ended = [run for run in self.runs.values() if run is not None]
        return {
            seller.offer_id: min(self.terms.rounds, sum(run.get(seller.offer_id, 0) for run in ended))
            for seller in self.terms.sellers
        }

    @property
    def complete(self) -> bool:
        """Every provider has delivered every agreed round."""
        return all(rounds == self.terms.rounds for rounds in self.delivered.values())

    @property
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
    """Pays each provider `price_per_round × rounds delivered` and returns the rest; all of it in an early release."""
    rounds, delivered = hold.terms.rounds, hold.delivered
    gross = [seller.price_per_round * (rounds if hold.early else delivered[seller.offer_id]) for seller in hold.terms.sellers]
    return _settled(hold, gross, fee_basis_points)


def plan_split(hold: Hold, amounts: Mapping[str, int], *, fee_basis_points: int) -> Settlement:
    """Pays each offer's provider the amount that somebody decided on, nothing where none was named, and returns the rest."""
    if not amounts.keys() <= hold.delivered.keys() or sum(amounts.values()) > hold.amount:
        raise Refusal(ErrorCode.INVALID_PAYOUTS, contract_id=hold.contract_id, held=micro_to_credits(hold.amount))
    return _settled(hold, [amounts.get(seller.offer_id, 0) for seller in hold.terms.sellers], fee_basis_points)


def _settled(hold: Hold, gross: Sequence[int], fee_basis_points: int) -> Settlement:
    """`gross` to each seller, less the fee, and the rest to the model owner.

    The fee is taken from each payment, rounded down, and the crumbs of rounding go to the fees of the largest remainders
    first, so that the fee is exactly the rounded-down share of the sum. Everything adds up to the held amount.
    """
    delivered = hold.delivered
    fees = _share(sum(gross) * fee_basis_points // 10_000, gross)
    payouts = [
        Payout(
            seller_node_id=seller.seller_node_id,
            offer_id=seller.offer_id,
            amount=amount - fee,
            rounds_delivered=None if hold.early else delivered[seller.offer_id],
            rounds_agreed=hold.terms.rounds,
        )
        for seller, amount, fee in zip(hold.terms.sellers, gross, fees, strict=True)
    ]
    returned = hold.amount - sum(gross)
    postings = [
        Posting(escrow(hold.contract_id), -hold.amount),
        *(Posting(participant(payout.seller_node_id), payout.amount) for payout in payouts),
        Posting(FEES, sum(fees)),
        Posting(participant(hold.terms.model_owner_id), returned),
    ]
    return Settlement(combine(postings), payouts, returned, sum(fees), hold.early)


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
