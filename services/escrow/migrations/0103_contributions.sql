-- migrate:up
-- What each provider's updates were worth to the model, as each run measured it: run_id -> {offer_id: number or null}.
ALTER TABLE hold ADD COLUMN contributions jsonb NOT NULL DEFAULT '{}';

-- migrate:down
ALTER TABLE hold DROP COLUMN contributions;
