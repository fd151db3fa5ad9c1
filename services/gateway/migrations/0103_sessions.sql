-- migrate:up
-- What a browser holds in place of a key. Lives no longer than the key that it was made from: who asks is read from there each time.
CREATE TABLE session (
    session_id    text PRIMARY KEY,
    secret_sha256 bytea NOT NULL CHECK (length(secret_sha256) = 32),
    key_id        text NOT NULL,          -- of api_key, or bootstrap:<role>; the digest then covers that key, too
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL
);
CREATE INDEX session_by_end ON session (expires_at);

-- migrate:down
DROP TABLE session;
