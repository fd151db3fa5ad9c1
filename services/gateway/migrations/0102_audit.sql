-- migrate:up
-- Who changed what, from where, and when. Each record's hash covers the one before: what is taken out or altered shows.
CREATE TABLE audit (
    seq            bigint PRIMARY KEY CHECK (seq > 0),
    at             text NOT NULL,              -- RFC 3339 with milliseconds, as it was hashed
    actor          text NOT NULL,
    role           text NOT NULL,
    key_id         text NOT NULL,
    address        text NOT NULL,
    request_id     text NOT NULL,
    method         text NOT NULL,
    path           text NOT NULL,
    status         int NOT NULL,
    request_digest text NOT NULL,
    before_digest  text,                       -- of the thing as it was, where it could be read
    after_digest   text NOT NULL,              -- of the answer: the thing as it is
    prev_hash      text NOT NULL UNIQUE,       -- so that the chain has no branches
    hash           text NOT NULL UNIQUE
);
CREATE INDEX audit_by_actor ON audit (actor, seq DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_not_truncated BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM CURRENT_USER;

-- migrate:down
DROP TABLE audit;
DROP FUNCTION refuse_change;
