"""Money out: a participant asks, an operator pays and says so. The caller opened the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.escrow import claims, domain, ledger
from services.escrow.domain import Posting, WithdrawalStatus
from shared.contracts.errors import ErrorCode, Refusal
from shared.contracts.events import WithdrawalEnded, WithdrawalRequested
from shared.contracts.values import micro_to_credits, new_id
from shared.kit.db import Connection
from shared.kit.messaging import enqueue

Row = Mapping[str, Any]


async def request(conn: Connection, participant: str, amount: int, *, actor: str, note: str) -> Row:
    """Takes the amount out of the participant's reach. Raises `account_not_found`, `insufficient_funds`."""
    account, withdrawal_id = domain.participant(participant), new_id("withdrawal")
    if await ledger.get_account(conn, account) is None:
        raise Refusal(ErrorCode.ACCOUNT_NOT_FOUND, participant=participant)
    pocket = domain.withdrawal(withdrawal_id)
    balances = await ledger.lock_accounts(conn, [account, pocket])
    if balances[account] < amount:
        needed, available = micro_to_credits(amount), micro_to_credits(balances[account])
        raise Refusal(ErrorCode.INSUFFICIENT_FUNDS, participant=participant, needed=needed, available=available)
    postings = [Posting(account, -amount), Posting(pocket, amount)]
    await ledger.post_transfers(conn, [ledger.Transfer("withdrawal", postings, actor, note=withdrawal_id)])
    await enqueue(conn, WithdrawalRequested(withdrawal_id=withdrawal_id, participant=participant, amount=amount))
    return await claims.insert_withdrawal(conn, withdrawal_id, participant, amount, note)


async def end(conn: Connection, withdrawal_id: str, status: str, *, actor: str, note: str) -> Row:
    """Confirms that the money has left, or gives it back. Asking for the present status is no error.

    Raises:
        Refusal: `withdrawal_not_found`, `invalid_status_transition`.
    """
    row = await claims.lock_withdrawal(conn, withdrawal_id)
    if row is None:
        raise Refusal(ErrorCode.WITHDRAWAL_NOT_FOUND, withdrawal_id=withdrawal_id)
    current, to = WithdrawalStatus(row["status"]), WithdrawalStatus(status)
    if to is current:
        return row
    if (current, to) not in domain.WITHDRAWAL_TRANSITIONS:
        allowed = sorted(str(nxt) for was, nxt in domain.WITHDRAWAL_TRANSITIONS if was is current)
        raise Refusal(ErrorCode.INVALID_STATUS_TRANSITION, current_status=str(current), next_status=str(to), allowed=allowed)
    paid = to is WithdrawalStatus.CONFIRMED
    goal = domain.FUNDING if paid else domain.participant(row["participant"])
    postings = [Posting(domain.withdrawal(withdrawal_id), -row["amount"]), Posting(goal, row["amount"])]
    await ledger.lock_accounts(conn, [posting.account_id for posting in postings])
    kind = "withdrawal_paid" if paid else "withdrawal_returned"
    await ledger.post_transfers(conn, [ledger.Transfer(kind, postings, actor, note=withdrawal_id)])
    ended = {"withdrawal_id": withdrawal_id, "participant": row["participant"], "amount": row["amount"], "status": str(to)}
    await enqueue(conn, WithdrawalEnded.model_validate({**ended, "actor": actor}))
    return await claims.end_withdrawal(conn, withdrawal_id, status=to, actor=actor, note=note)
