-- migrate:up
-- A provider's machine that can train. Flower's ids are unsigned 64-bit numbers: text here.
CREATE TABLE node (
    row_no              bigint GENERATED ALWAYS AS IDENTITY,
    node_id             text PRIMARY KEY,
    name                text NOT NULL,
    seller_node_id      text NOT NULL,
    public_key          text NOT NULL UNIQUE,
    dataset_fingerprint text NOT NULL,
    sample_count        bigint NOT NULL,
    label_histogram     jsonb NOT NULL,
    modality            text NOT NULL,
    tasks               text[] NOT NULL,
    sandbox             boolean NOT NULL,
    online              boolean NOT NULL DEFAULT false,
    registered_at       timestamptz NOT NULL DEFAULT now(),
    changed_at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX node_by_seller ON node (seller_node_id);

-- A contract whose money is locked: the right to train.
CREATE TABLE funded_contract (
    row_no      bigint GENERATED ALWAYS AS IDENTITY,    -- the order in which they were locked
    contract_id text PRIMARY KEY,
    terms       jsonb NOT NULL,
    amount      bigint NOT NULL,
    state       text NOT NULL CHECK (state IN ('ready', 'disputed', 'bound', 'trained', 'closed')),
    locked_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX funded_contract_ready ON funded_contract (row_no) WHERE state = 'ready';

-- One attempt to train a contract.
CREATE TABLE run (
    row_no           bigint GENERATED ALWAYS AS IDENTITY,
    run_id           text PRIMARY KEY,
    contract_id      text NOT NULL REFERENCES funded_contract,
    round_id         text NOT NULL,
    state            text NOT NULL DEFAULT 'queued'
                     CHECK (state IN ('queued', 'starting', 'running', 'succeeded', 'failed', 'stopped')),
    rounds           int NOT NULL,
    rounds_completed int NOT NULL DEFAULT 0,
    job              jsonb NOT NULL,        -- what the ServerApp is told: nodes, task, deadlines
    sandbox          boolean NOT NULL,
    token            text NOT NULL,         -- what the ServerApp proves itself with; of no use once the run has ended
    flower_run_id    text,
    stop_requested   boolean NOT NULL DEFAULT false,
    reason           text NOT NULL DEFAULT '',
    attempted_at     timestamptz,           -- when a runner last tried to start it
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    finished_at      timestamptz
);
CREATE INDEX run_newest ON run (row_no DESC);
CREATE INDEX run_by_contract ON run (contract_id, row_no DESC);
CREATE INDEX run_active ON run (row_no) WHERE state IN ('queued', 'starting', 'running');
-- A contract is trained by one run at a time.
CREATE UNIQUE INDEX run_once_per_contract ON run (contract_id) WHERE state IN ('queued', 'starting', 'running');

-- What a federated round gave; round 0 is the untrained model.
CREATE TABLE run_round (
    run_id      text NOT NULL REFERENCES run,
    round       int NOT NULL CHECK (round >= 0),
    accuracy    double precision,
    loss        double precision,
    seconds     double precision,
    providers   jsonb NOT NULL,
    reported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, round)
);

CREATE TABLE model (
    run_id     text PRIMARY KEY REFERENCES run,
    sha256     text NOT NULL,
    size       bigint NOT NULL,
    path       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE model, run_round, run, funded_contract, node;
