"""Chooses the best set of offers that an intent can afford, exactly, and explains why offers did not match.

Owns nothing durable: an index of every offer in memory, rebuilt from the stream of offer facts at start.
Hears  marketplace.offer_published, marketplace.offer_changed
Says   nothing: it answers questions
"""
