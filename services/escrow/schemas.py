"""What clients send and get. The order of the fields is the order in which wrong ones are reported."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.contracts.events import SettledBy
from shared.contracts.values import Credits, Name, Paid, SomeText, Text


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _above_zero(micro: int) -> int:
    if micro <= 0:
        raise ValueError("must be above 0")
    return micro


HoldStateName = Literal["held", "released", "refunded", "expired", "refused"]


class ContractRef(_In):
    contract_id: Name


def _each_offer_once(parts: list[Any] | None) -> list[Any] | None:
    if parts is not None and len({part.offer_id for part in parts}) < len(parts):
        raise ValueError("must name each offer once")
    return parts


class ReleasePart(_In):
    offer_id: Name
    amount: Credits | None = Field(
        None, description="credits for the offer's provider, before the fee; left out: what the agreed rule would pay it now"
    )


class ReleaseIn(_In):
    contract_id: Name
    payouts: Annotated[list[ReleasePart], Field(min_length=1, max_length=25), AfterValidator(_each_offer_once)] | None = Field(
        None, description="releases in part, for a model owner or an operator: what is not named goes back to the model owner"
    )


class DepositIn(_In):
    participant: Name = Field(description="whose account grows")
    amount: Annotated[Credits, AfterValidator(_above_zero)] = Field(description="credits")
    note: Text = ""


class DepositOut(BaseModel):
    transfer_id: str
    participant: str
    amount: Paid
    available: Paid
    currency: Literal["credits"] = "credits"


class WithdrawalIn(_In):
    participant: Name = Field(description="whose money is to leave")
    amount: Annotated[Credits, AfterValidator(_above_zero)] = Field(description="credits")
    note: Text = Field("", description="for example where it is to go")


class WithdrawalPatch(_In):
    status: Literal["confirmed", "rejected"]
    note: Text = ""


class WithdrawalOut(BaseModel):
    withdrawal_id: str
    participant: str
    amount: Paid
    status: str
    note: str
    actor: str
    created_at: int
    updated_at: int


class WithdrawalList(BaseModel):
    count: int
    withdrawals: list[WithdrawalOut]
    next_cursor: str | None


class PayoutOut(BaseModel):
    seller_node_id: str
    offer_id: str
    amount: Paid
    rounds_delivered: int | None
    rounds_agreed: int
    base: Paid | None = Field(None, description="for the delivery, before the fee, where it was settled by contribution")
    bonus: Paid | None = Field(None, description="for the contribution, before the fee")


class ReleaseOut(BaseModel):
    contract_id: str
    escrow_status: Literal["released"] = "released"
    payout_status: Literal["released"] = "released"
    payouts: list[PayoutOut]
    returned: Paid
    fee: Paid
    early: bool
    settled_by: SettledBy = Field(description="the rule that shared the money out; decision: somebody named the amounts")
    fallback: str = Field("", description="why it is not the rule that was agreed; empty where it is")


class SettlementOut(BaseModel):
    """What a release would pay now, while the state is held; afterwards what was paid."""

    contract_id: str
    state: HoldStateName
    amount: Paid = Field(description="what is held, or was")
    payouts: list[PayoutOut]
    returned: Paid
    fee: Paid
    early: bool = Field(description="training has not ended once: every provider would be paid in full")
    settled_by: SettledBy | None
    fallback: str
    refused_with: str | None = Field(description="the code with which a release by you would be refused; null where it would not")
    settle_at: int | None = Field(description="Unix seconds; when it is settled by itself, where that is certain")
    expires_at: int


class RefundOut(BaseModel):
    contract_id: str
    escrow_status: Literal["refunded"] = "refunded"
    payout_status: Literal["refunded"] = "refunded"
    amount: Paid


class AccountOut(BaseModel):
    participant: str
    available: Paid
    held: Paid
    currency: Literal["credits"] = "credits"


class AccountList(BaseModel):
    count: int
    accounts: list[AccountOut]


class LedgerEntry(BaseModel):
    account_id: str
    amount: Paid


class LedgerTransfer(BaseModel):
    transfer_id: str
    kind: str
    actor: str
    note: str
    at: int
    entries: list[LedgerEntry]


class ContractLedger(BaseModel):
    contract_id: str
    state: str
    transfers: list[LedgerTransfer]


class StatementLine(BaseModel):
    transfer_id: str
    kind: str
    contract_id: str | None
    actor: str
    note: str
    at: int
    amount: Paid
    balance_before: Paid
    balance_after: Paid


class StatementOut(BaseModel):
    participant: str
    count: int
    entries: list[StatementLine]
    next_cursor: str | None


class BalanceLine(BaseModel):
    account_id: str
    balance: Paid


class TrialBalanceOut(BaseModel):
    accounts: list[BalanceLine]
    sum: Paid
    locked: Paid
    held: Paid


class DisputeIn(_In):
    contract_id: Name
    reporter: Name = Field(description="who objects")
    reason: SomeText = Field(description="why")


class SplitPart(_In):
    offer_id: Name
    amount: Credits = Field(description="credits for the offer's provider, before the fee")


class DisputePatch(_In):
    status: Literal["open", "under_review", "resolved", "rejected"]
    actor: Name = "operator"
    resolution_note: Text = ""
    payouts: Annotated[list[SplitPart], Field(max_length=25), AfterValidator(_each_offer_once)] | None = Field(
        None, description="with `resolved`: shares out what is held; what is not named goes back to the model owner"
    )


class DisputeOut(BaseModel):
    dispute_id: str
    contract_id: str
    reporter: str
    reason: str
    status: str
    actor: str
    resolution_note: str
    overdue: bool
    created_at: int
    updated_at: int


class DisputeList(BaseModel):
    count: int
    disputes: list[DisputeOut]
    next_cursor: str | None


class HoldOut(BaseModel):
    contract_id: str
    hold_id: str
    model_owner_id: str
    amount: Paid
    state: str
    delivered: dict[str, int]
    settle_at: int | None
    expires_at: int
    created_at: int
    resolved_at: int | None


class HoldList(BaseModel):
    count: int
    holds: list[HoldOut]
    next_cursor: str | None


class SummaryOut(BaseModel):
    """Escrow and governance in numbers."""

    locked: Paid
    released: Paid
    refunded: Paid
    open_holds: int
    ledger_imbalance: Paid
    disputes_total: int
    disputes_open: int
