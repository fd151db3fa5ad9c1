"""The escrow over HTTP: release and refund, disputes, accounts and their statements."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from services.escrow import claims, disputes, domain, ledger, preview, service, withdrawals
from services.escrow import schemas as s
from services.escrow.domain import DisputeStatus, Hold, HoldState, WithdrawalStatus
from services.escrow.settings import EscrowSettings
from shared.contracts.errors import ErrorCode as E
from shared.contracts.errors import Refusal
from shared.contracts.values import Name
from shared.kit import routing
from shared.kit.auth import Anyone, ModelOwner, Operator, Party
from shared.kit.auth import Reviewer as ReadsMoney
from shared.kit.ownership import own_only, parties
from shared.kit.paging import Paging, listing, next_cursor
from shared.kit.routing import Transaction, refusals

router = routing.router(tags=["escrow"])
Row = Mapping[str, Any]

_RESOLVED = (
    E.CONTRACT_ID_REQUIRED,
    E.CONTRACT_NOT_FOUND,
    E.ESCROW_NOT_LOCKED,
    E.CONTRACT_ALREADY_RELEASED,
    E.CONTRACT_ALREADY_REFUNDED,
    E.HOLD_EXPIRED,
    E.CONTRACT_DISPUTED,
)


@router.post(
    "/marketplace/escrow/release",
    responses=refusals(*_RESOLVED, E.INVALID_PAYOUTS, E.PAYOUT_BELOW_DUE, E.TRAINING_IN_PROGRESS),
)
async def release(request: Request, body: s.ReleaseIn, tx: Transaction, who: Party) -> s.ReleaseOut:
    """Pays the providers by the rule that was agreed, or what `payouts` names, once, and returns the rest."""
    settings: EscrowSettings = request.app.state.runtime.settings
    named = None if body.payouts is None else {part.offer_id: part.amount for part in body.payouts}
    result = await service.release(tx, body.contract_id, who, fee_basis_points=settings.fee_basis_points, named=named)
    return s.ReleaseOut.model_validate({**result, "contract_id": body.contract_id})


@router.get(
    "/escrow/contracts/{contract_id}/settlement",
    responses=refusals(E.CONTRACT_NOT_FOUND),
)
async def show_settlement(request: Request, contract_id: str, tx: Transaction, who: Anyone) -> s.SettlementOut:
    """What a release would pay now, or what was paid: each provider, the fee, and what goes back. Moves nothing."""
    settings: EscrowSettings = request.app.state.runtime.settings
    row = await preview.settlement(tx, contract_id, who, fee_basis_points=settings.fee_basis_points)
    return s.SettlementOut.model_validate({**row, **_times(row, "settle_at", "expires_at")})


@router.post("/marketplace/escrow/refund", responses=refusals(*_RESOLVED, E.TRAINING_IN_PROGRESS, E.ROUNDS_DELIVERED))
async def refund(body: s.ContractRef, tx: Transaction, who: ModelOwner) -> s.RefundOut:
    """Gives the whole amount back to the model owner, once."""
    result = await service.refund(tx, body.contract_id, who)
    return s.RefundOut(contract_id=body.contract_id, amount=result["amount"])


# --- disputes ---------------------------------------------------------------------------------------------------------
def _times(row: Row, *names: str) -> dict[str, int | None]:
    return {name: None if row[name] is None else int(row[name].timestamp()) for name in names}


def _dispute(row: Row) -> s.DisputeOut:
    return s.DisputeOut.model_validate({**row, **_times(row, "created_at", "updated_at"), "overdue": row["overdue_at"] is not None})


@router.post(
    "/marketplace/disputes",
    status_code=201,
    responses=refusals(E.CONTRACT_NOT_FOUND, E.REPORTER_REQUIRED, E.REASON_REQUIRED, E.ESCROW_NOT_LOCKED),
)
async def open_dispute(body: s.DisputeIn, tx: Transaction, who: Party) -> s.DisputeOut:
    """Objects to a contract; what is still held stays where it is until the dispute ends."""
    return _dispute(await disputes.open_dispute(tx, body.contract_id, body.reporter, body.reason, who))


@router.get("/marketplace/disputes", responses=refusals(E.INVALID_STATUS, E.INVALID_LIMIT))
async def list_disputes(
    tx: Transaction,
    who: Anyone,
    page: Paging,
    status: Annotated[DisputeStatus | None, Query()] = None,
    contract_id: Annotated[Name | None, Query()] = None,
) -> s.DisputeList:
    """Disputes, newest first."""
    rows = await claims.list_disputes(tx, status, contract_id, page, party=who.bound_to)
    shown = [_dispute(row) for row in rows[: page.limit]]
    return s.DisputeList.model_validate(listing("disputes", page, shown, [row["row_no"] for row in rows]))


@router.patch(
    "/marketplace/disputes/{dispute_id}",
    responses=refusals(E.DISPUTE_NOT_FOUND, E.INVALID_STATUS, E.INVALID_STATUS_TRANSITION, E.INVALID_PAYOUTS, *_RESOLVED[2:]),
)
async def move_dispute(request: Request, dispute_id: str, body: s.DisputePatch, tx: Transaction, _: Operator) -> s.DisputeOut:
    """open → under_review → resolved or rejected; a resolution may share the money out."""
    settings: EscrowSettings = request.app.state.runtime.settings
    row = await disputes.move_dispute(
        tx,
        dispute_id,
        body.status,
        actor=body.actor,
        note=body.resolution_note,
        payouts=None if body.payouts is None else {part.offer_id: part.amount for part in body.payouts},
        fee_basis_points=settings.fee_basis_points,
    )
    return _dispute(row)


# --- money out --------------------------------------------------------------------------------------------------------
def _withdrawal(row: Row) -> s.WithdrawalOut:
    return s.WithdrawalOut.model_validate({**row, **_times(row, "created_at", "updated_at")})


@router.post(
    "/escrow/withdrawals",
    status_code=201,
    responses=refusals(E.PARTICIPANT_REQUIRED, E.AMOUNT_REQUIRED, E.INVALID_AMOUNT, E.ACCOUNT_NOT_FOUND, E.INSUFFICIENT_FUNDS),
)
async def request_withdrawal(body: s.WithdrawalIn, tx: Transaction, who: Party) -> s.WithdrawalOut:
    """Asks for money to leave; it is out of reach until an operator confirms or rejects."""
    own_only(who, E.ACCOUNT_NOT_FOUND, body.participant, participant=body.participant)
    return _withdrawal(await withdrawals.request(tx, body.participant, body.amount, actor=who.name, note=body.note))


@router.get("/escrow/withdrawals", responses=refusals(E.INVALID_STATUS, E.INVALID_LIMIT))
async def list_withdrawals(
    tx: Transaction,
    who: Anyone,
    page: Paging,
    status: Annotated[WithdrawalStatus | None, Query()] = None,
    participant: Annotated[Name | None, Query()] = None,
) -> s.WithdrawalList:
    """Withdrawals, newest first."""
    rows = await claims.list_withdrawals(tx, status, who.bound_to or participant, page)
    shown = [_withdrawal(row) for row in rows[: page.limit]]
    return s.WithdrawalList.model_validate(listing("withdrawals", page, shown, [row["row_no"] for row in rows]))


@router.patch(
    "/escrow/withdrawals/{withdrawal_id}",
    responses=refusals(E.WITHDRAWAL_NOT_FOUND, E.INVALID_STATUS, E.INVALID_STATUS_TRANSITION),
)
async def end_withdrawal(withdrawal_id: str, body: s.WithdrawalPatch, tx: Transaction, who: Operator) -> s.WithdrawalOut:
    """requested → confirmed (the money has left) or rejected (it is back)."""
    return _withdrawal(await withdrawals.end(tx, withdrawal_id, body.status, actor=who.name, note=body.note))


# --- accounts ---------------------------------------------------------------------------------------------------------
@router.post("/escrow/deposits", status_code=201, responses=refusals(E.PARTICIPANT_REQUIRED, E.AMOUNT_REQUIRED, E.INVALID_AMOUNT))
async def deposit(body: s.DepositIn, tx: Transaction, who: Operator) -> s.DepositOut:
    """Money from outside into a participant's account."""
    done = await service.deposit(tx, body.participant, body.amount, kind="deposit", actor=who.name, note=body.note)
    return s.DepositOut.model_validate(done)


@router.get("/escrow/accounts", responses=refusals(E.PARTICIPANT_REQUIRED))
async def list_accounts(tx: Transaction, who: Anyone, participant: Annotated[Name, Query()]) -> s.AccountList:
    """The account of a participant, or none where nothing has moved for it yet."""
    row = await ledger.get_account(tx, domain.participant(participant))
    accounts = (
        []
        if row is None or who.bound_to not in {None, participant}
        else [s.AccountOut.model_validate(await service.account(tx, participant))]
    )
    return s.AccountList(count=len(accounts), accounts=accounts)


@router.get("/escrow/accounts/{participant}", responses=refusals(E.ACCOUNT_NOT_FOUND))
async def get_account(participant: str, tx: Transaction, who: Anyone) -> s.AccountOut:
    """What a participant can spend, and what is held for its contracts."""
    own_only(who, E.ACCOUNT_NOT_FOUND, participant, participant=participant)
    return s.AccountOut.model_validate(await service.account(tx, participant))


@router.get(
    "/escrow/accounts/{participant}/statement",
    responses=refusals(E.ACCOUNT_NOT_FOUND, E.INVALID_LIMIT),
    response_model=s.StatementOut,
)
async def statement(
    request: Request,
    participant: str,
    tx: Transaction,
    who: Anyone,
    page: Paging,
    format: Annotated[Literal["json", "csv"] | None, Query()] = None,
) -> Any:
    """Entries with the running balance, newest first; CSV by `format=csv` or `Accept: text/csv`."""
    own_only(who, E.ACCOUNT_NOT_FOUND, participant, participant=participant)
    await service.account(tx, participant)
    rows = await ledger.statement(tx, domain.participant(participant), page)
    lines = [
        s.StatementLine.model_validate({**row, "transfer_id": str(row["transfer_id"]), "at": int(row["created_at"].timestamp())})
        for row in rows[: page.limit]
    ]
    if format == "csv" or (format is None and "text/csv" in request.headers.get("accept", "")):
        return _csv(lines, next_cursor(page, [row["row_no"] for row in rows]))
    return s.StatementOut.model_validate(
        {**listing("entries", page, lines, [row["row_no"] for row in rows]), "participant": participant}
    )


def _csv(lines: list[s.StatementLine], cursor: str | None) -> Response:
    """The page as a table; where there is more, the header `Next-Cursor` names the next one."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(s.StatementLine.model_fields))
    writer.writeheader()
    for line in lines:
        row = line.model_dump(mode="json")
        # A cell that a spreadsheet would take for a formula is written as text.
        writer.writerow({k: f"'{v}" if isinstance(v, str) and v[:1] in "=+-@" else v for k, v in row.items()})
    headers = {"Content-Disposition": 'attachment; filename="statement.csv"'} | ({"Next-Cursor": cursor} if cursor else {})
    return Response(out.getvalue(), media_type="text/csv", headers=headers)


@router.get("/escrow/trial_balance")
async def trial_balance(tx: Transaction, _: ReadsMoney) -> s.TrialBalanceOut:
    """Every account; the sum is exactly 0, and what is locked is what is held."""
    return s.TrialBalanceOut.model_validate(await service.trial_balance(tx))


@router.get("/escrow/holds", responses=refusals(E.INVALID_STATE))
async def list_holds(tx: Transaction, who: Anyone, page: Paging, state: Annotated[HoldState | None, Query()] = None) -> s.HoldList:
    """Holds, newest first."""
    rows = await claims.list_holds(tx, state, page, party=who.bound_to)
    shown = [
        s.HoldOut.model_validate({**row, **_times(row, "settle_at", "expires_at", "created_at", "resolved_at")})
        for row in rows[: page.limit]
    ]
    return s.HoldList.model_validate(listing("holds", page, shown, [row["row_no"] for row in rows]))


@router.get("/escrow/contracts/{contract_id}/ledger", responses=refusals(E.CONTRACT_NOT_FOUND))
async def contract_ledger(contract_id: str, tx: Transaction, who: Anyone) -> s.ContractLedger:
    """What moved for a contract, entry by entry; each transfer adds up to zero."""
    row = await claims.get_hold(tx, contract_id)
    if row is None:
        raise Refusal(E.CONTRACT_NOT_FOUND, contract_id=contract_id)
    hold: Hold = row["hold"]
    own_only(who, E.CONTRACT_NOT_FOUND, *parties(hold.terms), contract_id=contract_id)
    rows = await ledger.transfers_of(tx, contract_id)
    transfers = [s.LedgerTransfer.model_validate({**row, "at": int(row["created_at"].timestamp())}) for row in rows]
    return s.ContractLedger(contract_id=contract_id, state=str(hold.state), transfers=transfers)


@router.get("/escrow/summary")
async def summary(tx: Transaction, _: Anyone) -> s.SummaryOut:
    """Escrow and disputes in numbers."""
    sums, totals, disputes = await claims.hold_sums(tx), await ledger.ledger_sums(tx), await claims.dispute_counts(tx)
    refunded = sums.get("refunded", (0, 0))[1] + sums.get("expired", (0, 0))[1]
    return s.SummaryOut(
        locked=sums.get("held", (0, 0))[1],
        released=sums.get("released", (0, 0))[1],
        refunded=refunded,
        open_holds=sums.get("held", (0, 0))[0],
        ledger_imbalance=totals["imbalance"],
        disputes_total=sum(disputes.values()),
        disputes_open=disputes.get("open", 0) + disputes.get("under_review", 0),
    )
