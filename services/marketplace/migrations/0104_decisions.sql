-- migrate:up
-- Every version of every offer, as the book had it: what was decided can be worked out again long after the offer has changed.
-- `xid` says which versions a snapshot sees: those that were in the book when a question was asked.
CREATE TABLE offer_version (
    fact_no  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    offer_id text NOT NULL,
    version  int NOT NULL,
    state    jsonb NOT NULL,
    xid      xid8 NOT NULL DEFAULT pg_current_xact_id(),
    UNIQUE (offer_id, version)
);

CREATE FUNCTION keep_offer_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO offer_version (offer_id, version, state)
    VALUES (NEW.offer_id, NEW.version, to_jsonb(NEW) - '{row_no,title,description,created_at,updated_at}'::text[]);
    RETURN NULL;
END $$;
INSERT INTO offer_version (offer_id, version, state)
    SELECT offer_id, version, to_jsonb(o) - '{row_no,title,description,created_at,updated_at}'::text[] FROM offer o ORDER BY row_no;
CREATE TRIGGER offer_version_of_new AFTER INSERT ON offer FOR EACH ROW EXECUTE FUNCTION keep_offer_version();
CREATE TRIGGER offer_version_of_changed AFTER UPDATE ON offer FOR EACH ROW WHEN (OLD.version <> NEW.version)
    EXECUTE FUNCTION keep_offer_version();

-- Why a contract has the offers that it has. `asked_at` is the snapshot in which matching was asked.
CREATE TABLE decision (
    contract_id text PRIMARY KEY REFERENCES contract,
    record      jsonb NOT NULL,
    hash        text NOT NULL,
    asked_at    text NOT NULL,
    decided_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER offer_version_is_append_only BEFORE UPDATE OR DELETE ON offer_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER offer_version_is_not_truncated BEFORE TRUNCATE ON offer_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_is_append_only BEFORE UPDATE OR DELETE ON decision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_is_not_truncated BEFORE TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- migrate:down
DROP TABLE decision;
DROP TRIGGER offer_version_of_new ON offer;
DROP TRIGGER offer_version_of_changed ON offer;
DROP FUNCTION keep_offer_version;
DROP TABLE offer_version;
