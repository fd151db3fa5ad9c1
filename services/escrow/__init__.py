"""Holds model owners' money until a contract is settled, and pays for what was delivered.

Owns accounts, transfers, holds, withdrawals and disputes. Nobody else moves money, and money moves only by a transfer whose
entries sum to zero.
Hears  marketplace.contract_created, marketplace.contract_cancelled, training.bound_to_round, training.run_finished
Says   escrow.funds_held, escrow.hold_refused, escrow.funds_released, escrow.funds_refunded, escrow.funds_deposited,
       escrow.withdrawal_requested, escrow.withdrawal_ended,
       escrow.dispute_opened, escrow.dispute_changed, escrow.dispute_overdue, escrow.dispute_resolved
"""
