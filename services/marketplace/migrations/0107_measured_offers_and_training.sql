-- migrate:up
-- What a node measured of the data behind an offer, whether the quality is that measurement or a seller's word, and the code of a
-- fault that training found: an offer whose data has changed is paused, and says why.
ALTER TABLE offer
    ADD COLUMN measurements   jsonb,
    ADD COLUMN quality_source text NOT NULL DEFAULT 'stated' CHECK (quality_source IN ('stated', 'measured')),
    ADD COLUMN fault          text NOT NULL DEFAULT '';

-- How an intent wants its model trained, and a contract agreed to: strategy, central privacy, label schema.
ALTER TABLE round_intent ADD COLUMN training jsonb NOT NULL DEFAULT '{}';
ALTER TABLE contract ADD COLUMN training jsonb NOT NULL DEFAULT '{}';

-- migrate:down
ALTER TABLE contract DROP COLUMN training;
ALTER TABLE round_intent DROP COLUMN training;
ALTER TABLE offer DROP COLUMN measurements, DROP COLUMN quality_source, DROP COLUMN fault;
