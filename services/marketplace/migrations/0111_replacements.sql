-- migrate:up
-- How often a contract was agreed anew: a provider that dropped out was replaced.
ALTER TABLE contract ADD COLUMN terms_version int NOT NULL DEFAULT 1;

-- migrate:down
ALTER TABLE contract DROP COLUMN terms_version;
