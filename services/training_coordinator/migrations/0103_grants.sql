-- migrate:up
-- What each node of a run was told, signed: a run is claimed once, and a claim that is repeated gets the same grants.
CREATE TABLE run_grant (
    run_id     text NOT NULL REFERENCES run,
    offer_id   text NOT NULL,
    node_id    text NOT NULL,
    jti        text NOT NULL UNIQUE,
    token      text NOT NULL,
    expires_at timestamptz NOT NULL,
    issued_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, offer_id)
);
-- What the providers did in the round that ended a run: it has no entry among the completed rounds.
ALTER TABLE run ADD COLUMN last_outcomes jsonb NOT NULL DEFAULT '[]';

-- migrate:down
ALTER TABLE run DROP COLUMN last_outcomes;
DROP TABLE run_grant;
