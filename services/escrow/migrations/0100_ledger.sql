-- migrate:up
-- Double entry in integer micro-credits. Nothing here is ever changed or removed; a balance is what the entries add up to.
CREATE TABLE account (
    account_id text PRIMARY KEY,    -- participant:<id>, escrow:<contract>, platform:fees, external:funding
    balance    bigint NOT NULL DEFAULT 0,
    version    bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Only money from outside comes from nothing.
    CONSTRAINT no_overdraft CHECK (balance >= 0 OR account_id LIKE 'external:%')
);

CREATE TABLE transfer (
    row_no      bigint GENERATED ALWAYS AS IDENTITY,
    transfer_id uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('deposit', 'starter_credit', 'hold', 'release', 'refund')),
    contract_id text,
    actor       text NOT NULL,
    note        text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now()
);
-- Money moves once per contract and kind, whatever is delivered twice.
CREATE UNIQUE INDEX transfer_once ON transfer (contract_id, kind) WHERE contract_id IS NOT NULL;
-- A model owner is given starter credit once.
CREATE TABLE starter_credit (
    participant text PRIMARY KEY,
    transfer_id uuid NOT NULL REFERENCES transfer
);

CREATE TABLE entry (
    row_no         bigint GENERATED ALWAYS AS IDENTITY,
    transfer_id    uuid NOT NULL REFERENCES transfer,
    account_id     text NOT NULL REFERENCES account,
    amount         bigint NOT NULL CHECK (amount <> 0),
    balance_before bigint NOT NULL,
    balance_after  bigint NOT NULL CHECK (balance_after = balance_before + amount),
    version        bigint NOT NULL,
    PRIMARY KEY (account_id, version)
);
CREATE INDEX entry_by_transfer ON entry (transfer_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER transfer_is_append_only BEFORE UPDATE OR DELETE ON transfer FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfer_is_not_truncated BEFORE TRUNCATE ON transfer FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_is_append_only BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_is_not_truncated BEFORE TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION transfer_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
    parts int;
BEGIN
    SELECT sum(amount), count(*) INTO total, parts FROM entry WHERE transfer_id = NEW.transfer_id;
    IF parts < 2 OR total <> 0 THEN
        RAISE EXCEPTION 'transfer % has % entries that sum to %', NEW.transfer_id, parts, total;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER transfer_sums_to_zero AFTER INSERT ON transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION transfer_balances();

-- A contract's money: held once, resolved at most once.
CREATE TABLE hold (
    row_no           bigint GENERATED ALWAYS AS IDENTITY,
    contract_id      text PRIMARY KEY,
    hold_id          text NOT NULL UNIQUE,
    model_owner_id   text NOT NULL,
    amount           bigint NOT NULL CHECK (amount >= 0),
    state            text NOT NULL CHECK (state IN ('held', 'released', 'refunded', 'expired', 'refused')),
    terms            jsonb NOT NULL,
    active_run_id    text,                              -- the run that is training now
    runs_finished    int NOT NULL DEFAULT 0,
    delivered        jsonb NOT NULL DEFAULT '{}',       -- offer_id -> rounds delivered over all runs
    result           jsonb,                             -- what a resolution paid
    expires_at       timestamptz NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    resolved_at      timestamptz
);
CREATE INDEX hold_newest ON hold (row_no DESC);
CREATE INDEX hold_by_state ON hold (state, row_no DESC);
CREATE INDEX hold_expiry ON hold (expires_at) WHERE state = 'held';

-- An objection: while it is open, what is held stays where it is.
CREATE TABLE dispute (
    row_no          bigint GENERATED ALWAYS AS IDENTITY,
    dispute_id      text PRIMARY KEY,
    contract_id     text NOT NULL REFERENCES hold,
    reporter        text NOT NULL,
    reason          text NOT NULL,
    status          text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'under_review', 'resolved', 'rejected')),
    actor           text NOT NULL DEFAULT '',
    resolution_note text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dispute_newest ON dispute (row_no DESC);
CREATE INDEX dispute_by_contract ON dispute (contract_id) WHERE status IN ('open', 'under_review');
CREATE INDEX dispute_by_status ON dispute (status, row_no DESC);

-- migrate:down
DROP TABLE dispute, hold, entry, starter_credit, transfer, account;
DROP FUNCTION transfer_balances, refuse_change;
