-- migrate:up
-- A run counts once, whatever is said about it twice or late: what it delivered is kept under its id.
ALTER TABLE hold ADD COLUMN runs jsonb NOT NULL DEFAULT '{}';    -- run_id -> {offer_id: rounds}, null while the run is active
UPDATE hold SET runs =
    CASE WHEN runs_finished > 0 THEN jsonb_build_object('before', delivered) ELSE '{}' END
    || CASE WHEN active_run_id IS NOT NULL THEN jsonb_build_object(active_run_id, NULL) ELSE '{}' END;
ALTER TABLE hold DROP COLUMN active_run_id, DROP COLUMN runs_finished, DROP COLUMN delivered;

-- migrate:down
ALTER TABLE hold ADD COLUMN active_run_id text, ADD COLUMN runs_finished int NOT NULL DEFAULT 0,
    ADD COLUMN delivered jsonb NOT NULL DEFAULT '{}';
ALTER TABLE hold DROP COLUMN runs;
