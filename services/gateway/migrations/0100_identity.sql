-- migrate:up
-- Whoever takes part in the exchange. The id is the name under which it sells (seller_node_id) or buys (model_owner_id).
CREATE TABLE participant (
    row_no         bigint GENERATED ALWAYS AS IDENTITY,
    participant_id text PRIMARY KEY,
    created_at     timestamptz NOT NULL DEFAULT now(),
    revoked_at     timestamptz
);
CREATE INDEX participant_newest ON participant (row_no DESC);

-- Of a key only the digest of its secret is kept: 192 random bits, so a plain SHA-256 cannot be searched backwards.
CREATE TABLE api_key (
    row_no         bigint GENERATED ALWAYS AS IDENTITY,
    key_id         text PRIMARY KEY,
    secret_sha256  bytea NOT NULL CHECK (length(secret_sha256) = 32),
    participant_id text NOT NULL REFERENCES participant,
    role           text NOT NULL CHECK (role IN ('provider', 'model_owner', 'operator', 'reviewer')),
    label          text NOT NULL DEFAULT '',
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz,
    revoked_at     timestamptz,
    last_used_at   timestamptz
);
CREATE INDEX api_key_newest ON api_key (row_no DESC);
CREATE INDEX api_key_by_participant ON api_key (participant_id, row_no DESC);

-- migrate:down
DROP TABLE api_key, participant;
