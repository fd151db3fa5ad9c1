"""The book of the exchange: what is for sale, what is wanted, what was agreed, and what became of it.

Owns offers, round intents, contracts and their timelines. Moves no money and trains nothing.
Hears  escrow.*, training.* (each becomes an entry of a contract's timeline)
Says   marketplace.offer_published, marketplace.offer_changed, marketplace.intent_opened, marketplace.intent_changed,
       marketplace.contract_created, marketplace.contract_cancelled
"""
