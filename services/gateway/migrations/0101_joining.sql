-- migrate:up
-- Somebody would like to take part. Comes from anybody, so nothing in it is believed.
CREATE TABLE invite_request (
    row_no        bigint GENERATED ALWAYS AS IDENTITY,
    request_id    text PRIMARY KEY,
    contact_email text NOT NULL,
    compute_type  text NOT NULL,
    role          text NOT NULL CHECK (role IN ('provider', 'model_owner')),
    name          text NOT NULL,
    note          text NOT NULL,
    status        text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected')),
    reason        text NOT NULL DEFAULT '',
    decided_by    text,
    decided_at    timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((status = 'pending') = (decided_at IS NULL))
);
CREATE INDEX invite_request_newest ON invite_request (row_no DESC);
CREATE INDEX invite_request_by_status ON invite_request (status, row_no DESC);

-- An invitation lets in as many as it says, until it ends. Of its code only the digest is kept.
CREATE TABLE invite (
    row_no         bigint GENERATED ALWAYS AS IDENTITY,
    invite_id      text PRIMARY KEY,
    secret_sha256  bytea NOT NULL CHECK (length(secret_sha256) = 32),
    request_id     text NOT NULL REFERENCES invite_request,
    role           text NOT NULL CHECK (role IN ('provider', 'model_owner')),
    participant_id text,                -- whose place it is, where an operator has said so
    max_uses       int NOT NULL CHECK (max_uses BETWEEN 1 AND 100),
    uses           int NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND max_uses),
    expires_at     timestamptz NOT NULL,
    revoked_at     timestamptz,
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX invite_newest ON invite (row_no DESC);

CREATE TABLE registration (
    row_no          bigint GENERATED ALWAYS AS IDENTITY,
    registration_id text PRIMARY KEY,
    invite_id       text NOT NULL REFERENCES invite,
    participant_id  text NOT NULL REFERENCES participant,
    key_id          text NOT NULL REFERENCES api_key,
    public_key      text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    revoked_at      timestamptz
);
CREATE INDEX registration_newest ON registration (row_no DESC);

-- migrate:down
DROP TABLE registration, invite, invite_request;
