-- migrate:up
-- What training delivered and what it measured last, and what the providers got: a fee or a rest is no payout.
ALTER TABLE contract
    ADD COLUMN deliveries    jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN final_metrics jsonb,
    ADD COLUMN paid_out      bigint CHECK (paid_out >= 0);   -- micro-credits

-- The market's sums are sampled every few seconds: from this index alone.
CREATE INDEX contract_by_escrow ON contract (escrow_status, row_no DESC) INCLUDE (escrow_total, paid_out);

-- migrate:down
DROP INDEX contract_by_escrow;
ALTER TABLE contract DROP COLUMN deliveries, DROP COLUMN final_metrics, DROP COLUMN paid_out;
