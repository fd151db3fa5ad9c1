"""What each dashboard shows."""

from __future__ import annotations

from typing import Final

from deploy.grafana.panels import Dashboard, Panel, Query

R: Final = "[$__rate_interval]"


def stat(title: str, description: str, expr: str, *, unit: str = "short", red_above: float | None = None, width: int = 4) -> Panel:
    return Panel(title, description, [Query(expr)], kind="stat", unit=unit, red_above=red_above, width=width, height=4)


MARKETPLACE: Final = Dashboard(
    "oe-marketplace",
    "Marketplace",
    "What is offered, what is wanted, and what becomes of it.",
    [
        stat("Offers that can match", "Offers with status active.", 'sum(marketplace_offers{status="active"})'),
        stat("Intents that wait for a match", "Round intents with status open.", 'sum(marketplace_round_intents{status="open"})'),
        stat("Contracts in all", "Contracts of every status.", "sum(marketplace_contracts)"),
        stat(
            "Contracts whose money is locked",
            "Funded, and not released or refunded yet.",
            'sum(marketplace_contracts{status="locked"})',
        ),
        stat(
            "Matches that succeeded, last hour",
            "The share of requests to match that opened a contract.",
            'sum(increase(match_requests_total{result="matched"}[1h])) / (sum(increase(match_requests_total[1h])) > 0)',
            unit="percentunit",
        ),
        stat(
            "Median time from intent to contract",
            "From opening an intent to its contract, over the last hour.",
            "histogram_quantile(0.5, sum by (le) (increase(intent_to_contract_seconds_bucket[1h])))",
            unit="s",
        ),
        Panel(
            "How many offers are there, by status?",
            "Paused, withdrawn and expired offers never match.",
            [Query("sum by (status) (marketplace_offers)", "{{status}}")],
            stacked=True,
        ),
        Panel(
            "How many contracts are there, by escrow status?",
            "pending: the escrow has not answered yet. rejected: no money.",
            [Query("sum by (status) (marketplace_contracts)", "{{status}}")],
            stacked=True,
        ),
        Panel(
            "How many requests to match end how? (per minute)",
            "matched, or the code of the refusal.",
            [Query(f"sum by (result) (rate(match_requests_total{R})) * 60", "{{result}}")],
            unit="cpm",
        ),
        Panel(
            "Why do offers not match? (offers per minute)",
            "Offers that failed a condition in a match that found nothing; an offer may fail several.",
            [Query(f"sum by (reason) (rate(match_rejections_total{R})) * 60", "{{reason}}")],
            unit="cpm",
        ),
        Panel(
            "What keeps matches from being made? (per minute)",
            "Matches that found nothing, by what alone kept an offer out; one match may have several.",
            [Query(f"sum by (reason) (rate(match_unmet_demand_total{R})) * 60", "{{reason}}")],
            unit="cpm",
        ),
        Panel(
            "How much money do matches lack? (credits)",
            "Over the last hour, where the budget was too small for the cheapest set of offers that suit.",
            [
                Query(
                    "histogram_quantile(0.5, sum by (le) (increase(match_budget_gap_credits_bucket[1h])))", "half lack less than"
                ),
                Query(
                    "histogram_quantile(0.9, sum by (le) (increase(match_budget_gap_credits_bucket[1h])))", "90 % lack less than"
                ),
            ],
        ),
        Panel(
            "How much demand is not met? (questions per minute)",
            "Questions to matching, previews included, by whether any offer could serve them.",
            [Query(f"sum by (result) (rate(match_questions_total{R})) * 60", "{{result}}")],
            unit="cpm",
        ),
        Panel(
            "How long does a match take?",
            "Time to match an intent and open its contract, without the escrow's answer.",
            [
                Query(f"histogram_quantile(0.5, sum by (le) (rate(match_latency_seconds_bucket{R})))", "half are faster than"),
                Query(f"histogram_quantile(0.95, sum by (le) (rate(match_latency_seconds_bucket{R})))", "95 % are faster than"),
            ],
            unit="s",
        ),
    ],
)

ESCROW: Final = Dashboard(
    "oe-escrow",
    "Escrow",
    "Where the money is. Nothing is made, nothing is lost.",
    [
        stat("Locked (credits)", "Credits in escrow accounts.", "sum(escrow_locked_credits)", width=4),
        stat(
            "Released (credits)",
            "Credits of holds that were released, returned rests included.",
            'sum(escrow_hold_credits{state="released"})',
        ),
        stat(
            "Refunded (credits)",
            "Credits of holds that went back to their model owners.",
            'sum(escrow_hold_credits{state="refunded"})',
        ),
        stat(
            "Age of the oldest hold",
            "Above 30 minutes an alert fires.",
            "max(escrow_oldest_hold_seconds)",
            unit="s",
            red_above=1800,
        ),
        stat(
            "Does the ledger sum to zero? (credits)",
            "The sum of all balances; anything but 0 is a fault.",
            "max(abs(ledger_imbalance_credits))",
            red_above=0.000001,
        ),
        stat(
            "Is what is locked what is held? (difference, credits)",
            "Escrow accounts less open holds; anything but 0 is a fault.",
            "max(abs(escrow_locked_credits - escrow_held_credits))",
            red_above=0.000001,
        ),
        Panel(
            "Where are the credits? (by state of their hold)",
            "held: waits for a release, a refund or its expiry.",
            [Query("sum by (state) (escrow_hold_credits)", "{{state}}")],
            stacked=True,
            width=12,
        ),
        Panel(
            "How many holds are there, by state?",
            "Each resolves once.",
            [Query("sum by (state) (escrow_holds)", "{{state}}")],
            stacked=True,
            width=12,
        ),
        Panel(
            "How old is the oldest open hold?",
            "Rises while a contract waits; falls when it is resolved.",
            [Query("max(escrow_oldest_hold_seconds)", "oldest hold")],
            unit="s",
        ),
        Panel(
            "Is money conserved? (credits)",
            "Both lines lie on zero for ever.",
            [
                Query("sum(ledger_imbalance_credits)", "sum of all balances"),
                Query("sum(escrow_locked_credits) - sum(escrow_held_credits)", "locked less held"),
            ],
        ),
        Panel(
            "How many disputes are there, by status?",
            "An open dispute freezes what is still held.",
            [Query("sum by (status) (escrow_disputes)", "{{status}}")],
            stacked=True,
        ),
    ],
)

TRAINING: Final = Dashboard(
    "oe-training",
    "Training",
    "Runs, what they reach, and who contributes.",
    [
        stat("Nodes online", "Provider nodes that are connected.", "sum(training_nodes_online)"),
        stat("Nodes registered", "Provider nodes that have ever joined.", "sum(training_nodes_registered)"),
        stat("Runs active", "Queued, starting or running.", 'sum(training_runs_by_state{state=~"queued|starting|running"})'),
        stat(
            "Funded contracts that wait",
            "Contracts whose money is locked and that no run is bound to.",
            "sum(training_pending_contracts)",
        ),
        stat(
            "Accuracy of the newest round",
            "Measured on data that no provider holds.",
            "max(training_last_accuracy)",
            unit="percentunit",
        ),
        stat("Loss of the newest round", "Measured on data that no provider holds.", "max(training_last_loss)"),
        Panel(
            "How accurate is each run after each round?",
            "The newest five runs; round 0 is the untrained model.",
            [Query("sum by (run_id, round) (training_round_accuracy)", "{{run_id}} round {{round}}")],
            kind="bargauge",
            unit="percentunit",
            width=12,
            height=10,
            decimals=3,
        ),
        Panel(
            "What loss has each run after each round?",
            "The newest five runs; round 0 is the untrained model.",
            [Query("sum by (run_id, round) (training_round_loss)", "{{run_id}} round {{round}}")],
            kind="bargauge",
            width=12,
            height=10,
            decimals=3,
        ),
        Panel(
            "What did each provider contribute? (share of accuracy)",
            "Shapley values of the newest five runs: they sum to what training has gained.",
            [Query("sum by (run_id, seller_node_id) (training_contribution)", "{{seller_node_id}} in {{run_id}}")],
            kind="bargauge",
            unit="percentunit",
            width=12,
            decimals=3,
        ),
        Panel(
            "How many rounds did each provider deliver?",
            "What it is paid for, in the newest five runs.",
            [Query("sum by (run_id, seller_node_id) (training_rounds_delivered)", "{{seller_node_id}} in {{run_id}}")],
            kind="bargauge",
            width=12,
        ),
        Panel(
            "How many runs are there, by state?",
            "failed and stopped runs give the money back.",
            [Query("sum by (state) (training_runs_by_state)", "{{state}}")],
            stacked=True,
        ),
        Panel(
            "How long does a round take?",
            "From sending the model out to having the new one.",
            [
                Query(
                    "histogram_quantile(0.5, sum by (le) (increase(training_round_seconds_bucket[15m])))", "half are faster than"
                ),
                Query(
                    "histogram_quantile(0.95, sum by (le) (increase(training_round_seconds_bucket[15m])))", "95 % are faster than"
                ),
            ],
            unit="s",
        ),
        Panel(
            "How many nodes are online?",
            "Nothing is trained without one.",
            [
                Query("sum(training_nodes_online)", "online"),
                Query("sum(training_nodes_registered)", "registered"),
                Query("max(training_engine_up)", "SuperLink answers"),
            ],
        ),
    ],
)

OPERATIONS: Final = Dashboard(
    "oe-operations",
    "Operations",
    "Rates, errors and durations of every service, the way of the facts, and the servers.",
    [
        stat("Services up", "Scrape targets that answer.", "sum(up)"),
        stat("Alerts firing", "See docs/runbook.md for each.", 'count(ALERTS{alertstate="firing"}) or vector(0)', red_above=1),
        stat("Dead letters", "Facts that a consumer gave up on.", "sum(dead_letters)", red_above=1),
        stat(
            "Oldest fact that is not published", "Above 30 s an alert fires.", "max(outbox_oldest_seconds)", unit="s", red_above=30
        ),
        stat("Does PostgreSQL answer? (1 = yes)", "Asked at each scrape.", "min(postgres_up)"),
        stat("Does NATS answer? (1 = yes)", "Asked at each scrape.", "min(nats_up)"),
        Panel(
            "How many requests does each service answer? (per second)",
            "Health checks and scrapes included.",
            [Query(f"sum by (service) (rate(http_requests_total{R}))", "{{service}}")],
            unit="reqps",
        ),
        Panel(
            "What share of the answers are errors (5xx)?",
            "Refusals (4xx) are no errors.",
            [Query("service:http_errors:ratio_rate5m", "{{service}}")],
            unit="percentunit",
        ),
        Panel(
            "How long do answers take? (95 % are faster)",
            "Long polls and event streams last as long as the client wishes.",
            [Query("service:http_request_seconds:p95_5m", "{{service}}")],
            unit="s",
        ),
        Panel(
            "How many facts are published? (per second)",
            "From the outboxes to NATS.",
            [Query(f"sum by (service) (rate(events_published_total{R}))", "{{service}}")],
            unit="cps",
        ),
        Panel(
            "How many facts are handled, and how? (per second)",
            "handled: had its effect. repeated: had it before. not_yet: came before its turn and comes again.",
            [Query(f"sum by (result) (rate(events_handled_total{R}))", "{{result}}")],
            unit="cps",
        ),
        Panel(
            "How old is the oldest fact that is not published?",
            "Stays near zero while NATS takes messages.",
            [Query("max by (service) (outbox_oldest_seconds)", "{{service}}")],
            unit="s",
        ),
        Panel(
            "How far is each consumer behind? (facts)",
            "Not given yet, or given and not settled, as NATS counts.",
            [Query("consumer:unprocessed:sum", "{{consumer}}")],
        ),
        Panel(
            "How many dead letters wait, by consumer?",
            "Each needs an operator.",
            [Query("sum by (consumer) (dead_letters)", "{{consumer}}")],
        ),
        Panel(
            "How long does a fact take to be handled? (95 % are faster)",
            "One transaction: inbox, effect, outbox.",
            [Query(f"histogram_quantile(0.95, sum by (consumer, le) (rate(event_handling_seconds_bucket{R})))", "{{consumer}}")],
            unit="s",
        ),
        Panel(
            "How many connections does PostgreSQL serve?",
            "By the service that holds them.",
            [Query("sum by (role) (postgres_connections)", "{{role}}"), Query("max(postgres_connections_limit)", "limit")],
        ),
        Panel(
            "How many transactions end, and how? (per second)",
            "Rollbacks are refusals, mostly.",
            [Query(f"sum by (result) (rate(postgres_transactions_total{R}))", "{{result}}")],
            unit="cps",
        ),
        Panel(
            "How large is each service's data?",
            "Tables and indexes.",
            [Query("sum by (schema) (postgres_schema_bytes)", "{{schema}}")],
            unit="bytes",
            stacked=True,
        ),
        Panel(
            "How many messages go through NATS? (per second)",
            "In: from services. Out: to services.",
            [Query(f"sum(rate(nats_messages_in_total{R}))", "in"), Query(f"sum(rate(nats_messages_out_total{R}))", "out")],
            unit="cps",
        ),
        Panel(
            "How many facts does each stream keep?",
            "OFFERS keeps the last one of every offer.",
            [Query("sum by (stream) (nats_stream_messages)", "{{stream}}")],
        ),
        Panel(
            "How much memory does each process hold?",
            "Resident memory.",
            [Query("sum by (service) (process_resident_memory_bytes)", "{{service}}"), Query("max(nats_memory_bytes)", "nats")],
            unit="bytes",
        ),
    ],
)

DASHBOARDS: Final = (MARKETPLACE, ESCROW, TRAINING, OPERATIONS)
