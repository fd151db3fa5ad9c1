-- migrate:up
-- A session of somebody whom an identity provider vouched for has no key behind it: it says itself who asks.
ALTER TABLE session
    ADD COLUMN role           text CHECK (role IN ('provider', 'model_owner', 'operator', 'reviewer')),
    ADD COLUMN participant_id text REFERENCES participant,
    ADD CONSTRAINT session_stands_alone CHECK ((role IS NULL) = (participant_id IS NULL) AND (role IS NULL) = (key_id NOT LIKE 'oidc:%'));

-- Sign-ins on their way: a row is taken out by the first answer to it. Of the browser's secret there is a digest only.
CREATE TABLE oidc_sign_in (
    secret_sha256 bytea PRIMARY KEY CHECK (length(secret_sha256) = 32),
    expires_at    timestamptz NOT NULL
);
CREATE INDEX oidc_sign_in_by_end ON oidc_sign_in (expires_at);

-- migrate:down
DROP TABLE oidc_sign_in;
DELETE FROM session WHERE role IS NOT NULL;
ALTER TABLE session DROP CONSTRAINT session_stands_alone, DROP COLUMN participant_id, DROP COLUMN role;
