-- migrate:up
-- How a round's contributions were measured: over all groups of providers, or over sampled orders of them; null where they were not.
ALTER TABLE run_round ADD COLUMN contribution_method text CHECK (contribution_method IN ('shapley', 'gtg_shapley'));
-- Until now there was one way.
UPDATE run_round SET contribution_method = 'shapley'
WHERE jsonb_path_exists(providers, '$[*] ? (@.contribution.type() == "number")');

-- migrate:down
ALTER TABLE run_round DROP COLUMN contribution_method;
