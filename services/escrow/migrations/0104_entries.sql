-- migrate:up
-- Transfers that are made together are one change of a balance; no participant is below zero between two of them either.
ALTER TABLE entry ADD CONSTRAINT no_overdraft_between CHECK (balance_after >= 0 OR account_id LIKE 'external:%');

-- migrate:down
ALTER TABLE entry DROP CONSTRAINT no_overdraft_between;
