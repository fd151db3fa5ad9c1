"""Turns a funded contract into a real training run on the contract's nodes, and says what each provider delivered.

Owns provider nodes, runs, rounds and model artefacts. Moves no money: no funds, no round.
Hears  escrow.funds_held, escrow.funds_released, escrow.funds_refunded, escrow.dispute_opened, escrow.dispute_resolved
Says   training.node_changed, training.bound_to_round, training.run_started, training.round_completed, training.run_finished
"""
