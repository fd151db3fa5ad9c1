-- migrate:up
-- Which code trained a run (the SHA-256 of its bundle), and which earlier run's model it went on with.
ALTER TABLE run
    ADD COLUMN bundle_sha256 text,
    ADD COLUMN resumed_from  text REFERENCES run;

-- What a node measured of its data beside the label histogram, as it says it.
ALTER TABLE node ADD COLUMN measurements jsonb NOT NULL DEFAULT '{}';

-- migrate:down
ALTER TABLE node DROP COLUMN measurements;
ALTER TABLE run DROP COLUMN bundle_sha256, DROP COLUMN resumed_from;
