-- migrate:up
-- What providers sell. A version per change, so that a contract can say which state of an offer it was made on.
CREATE TABLE offer (
    row_no              bigint GENERATED ALWAYS AS IDENTITY,
    offer_id            text PRIMARY KEY,
    version             int NOT NULL DEFAULT 1,
    seller_node_id      text NOT NULL,
    dataset_fingerprint text NOT NULL,
    title               text NOT NULL,
    description         text NOT NULL,
    modality            text NOT NULL,
    label_schema        text NOT NULL,
    sample_count        bigint NOT NULL CHECK (sample_count >= 0),
    quality_score       double precision NOT NULL CHECK (quality_score BETWEEN 0 AND 1),
    privacy_profile     text NOT NULL,
    allowed_tasks       text[] NOT NULL,
    attestation_status  text NOT NULL CHECK (attestation_status IN ('unknown', 'pending', 'verified', 'revoked')),
    price_per_round     bigint NOT NULL CHECK (price_per_round >= 0),   -- micro-credits
    min_rounds          int NOT NULL CHECK (min_rounds >= 1),
    expires_at          bigint NOT NULL,                                -- Unix seconds, 0 = never
    status              text NOT NULL CHECK (status IN ('active', 'paused', 'withdrawn')),
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX offer_newest ON offer (row_no DESC);
CREATE INDEX offer_by_seller ON offer (seller_node_id, row_no DESC);
CREATE INDEX offer_by_status ON offer (status, row_no DESC);
CREATE INDEX offer_by_modality ON offer (modality, row_no DESC);

-- What model owners look for. Status moves only along the table in domain.py.
CREATE TABLE round_intent (
    row_no              bigint GENERATED ALWAYS AS IDENTITY,
    round_intent_id     text PRIMARY KEY,
    round_id            text NOT NULL,
    model_owner_id      text NOT NULL,
    task_type           text NOT NULL,
    required_modalities text[] NOT NULL,
    min_quality_score   double precision NOT NULL CHECK (min_quality_score BETWEEN 0 AND 1),
    budget_total        bigint NOT NULL CHECK (budget_total >= 0),      -- micro-credits, 0 = no limit
    rounds              int NOT NULL CHECK (rounds >= 1),
    deadline_ts         bigint NOT NULL,
    policy              jsonb NOT NULL DEFAULT '{}',                    -- further conditions, as matching names them
    status              text NOT NULL CHECK (status IN ('open', 'matched', 'closed', 'cancelled', 'expired')),
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX round_intent_newest ON round_intent (row_no DESC);
CREATE INDEX round_intent_by_owner ON round_intent (model_owner_id, row_no DESC);
CREATE INDEX round_intent_by_status ON round_intent (status, row_no DESC);
CREATE INDEX round_intent_deadline ON round_intent (deadline_ts) WHERE status = 'open';

-- The bond between one intent and the offers that were chosen for it.
CREATE TABLE contract (
    row_no                       bigint GENERATED ALWAYS AS IDENTITY,
    contract_id                  text PRIMARY KEY,
    round_intent_id              text NOT NULL REFERENCES round_intent,
    round_id                     text NOT NULL,
    model_owner_id               text NOT NULL,
    task_type                    text NOT NULL,
    rounds                       int NOT NULL,
    selected_offers              jsonb NOT NULL,
    seller_node_ids              text[] NOT NULL,
    agreed_price_per_round_total bigint NOT NULL,
    escrow_total                 bigint NOT NULL,
    escrow_status                text NOT NULL DEFAULT 'pending'
                                 CHECK (escrow_status IN ('pending', 'locked', 'released', 'refunded', 'rejected')),
    payout_status                text NOT NULL DEFAULT 'pending' CHECK (payout_status IN ('pending', 'released', 'refunded')),
    payouts                      jsonb NOT NULL DEFAULT '[]',
    returned                     bigint,
    execution_run_id             text,
    sandbox                      boolean,
    selection_diagnostics        jsonb NOT NULL,
    created_at                   timestamptz NOT NULL DEFAULT now(),
    updated_at                   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contract_newest ON contract (row_no DESC);
CREATE INDEX contract_by_intent ON contract (round_intent_id, row_no DESC);
CREATE INDEX contract_by_owner ON contract (model_owner_id, row_no DESC);
CREATE INDEX contract_by_payout ON contract (payout_status, row_no DESC);
CREATE INDEX contract_by_seller ON contract USING gin (seller_node_ids);
-- An intent is matched once: a second contract needs the first one to be rejected.
CREATE UNIQUE INDEX contract_once_per_intent ON contract (round_intent_id) WHERE escrow_status <> 'rejected';

-- What happened to a contract, in order, each entry sealed by the hash of the one before.
CREATE TABLE timeline_event (
    contract_id text NOT NULL REFERENCES contract,
    seq         int NOT NULL,
    ts          bigint NOT NULL,
    at          text NOT NULL,
    event       text NOT NULL,
    actor       text NOT NULL,
    data        jsonb NOT NULL,
    prev_hash   text NOT NULL,
    hash        text NOT NULL,
    PRIMARY KEY (contract_id, seq)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER timeline_event_is_append_only BEFORE UPDATE OR DELETE ON timeline_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER timeline_event_is_not_truncated BEFORE TRUNCATE ON timeline_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- migrate:down
DROP TABLE timeline_event, contract, round_intent, offer;
DROP FUNCTION refuse_change;
