"""Series of matching."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from services.matching.conditions import CONDITIONS

QUESTIONS = Counter("match_questions_total", "Questions answered, by result", ["result"])
UNMET = Counter("match_unmet_offers_total", "Offers that failed a condition in questions without a match, by reason", ["reason"])
QUESTION_SECONDS = Histogram(
    "match_question_seconds",
    "Time to answer a question",
    buckets=(0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.25),
)
OFFERS_INDEXED = Gauge("match_offers_indexed", "Offers in the index")
INDEX_SEQ = Gauge("match_index_last_seq", "Sequence of the newest offer fact in the index")
REBUILD_SECONDS = Gauge("match_index_rebuild_seconds", "Time that the last rebuild of the index took")

for _result in ("match", "no_match"):
    QUESTIONS.labels(_result)  # a rate needs the zero before the first event
for _condition in CONDITIONS:
    UNMET.labels(_condition.reason)
