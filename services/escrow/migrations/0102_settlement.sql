-- migrate:up
-- Money leaves to the outside only after somebody asked for it and an operator said yes; meanwhile it is out of reach.
CREATE TABLE withdrawal (
    row_no        bigint GENERATED ALWAYS AS IDENTITY,
    withdrawal_id text PRIMARY KEY,
    participant   text NOT NULL,
    amount        bigint NOT NULL CHECK (amount > 0),
    status        text NOT NULL DEFAULT 'requested' CHECK (status IN ('requested', 'confirmed', 'rejected')),
    note          text NOT NULL DEFAULT '',
    actor         text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX withdrawal_newest ON withdrawal (row_no DESC);

ALTER TABLE transfer DROP CONSTRAINT transfer_kind_check, ADD CONSTRAINT transfer_kind_check CHECK (
    kind IN ('deposit', 'starter_credit', 'hold', 'release', 'refund', 'withdrawal', 'withdrawal_paid', 'withdrawal_returned'));

-- When a complete delivery is paid for without anybody asking; a dispute puts it off.
ALTER TABLE hold ADD COLUMN settle_at timestamptz;
CREATE INDEX hold_settlement ON hold (settle_at) WHERE state = 'held';

-- A dispute that nobody ended in time was told once.
ALTER TABLE dispute ADD COLUMN overdue_at timestamptz;

-- migrate:down
ALTER TABLE dispute DROP COLUMN overdue_at;
ALTER TABLE hold DROP COLUMN settle_at;
ALTER TABLE transfer DROP CONSTRAINT transfer_kind_check, ADD CONSTRAINT transfer_kind_check CHECK (
    kind IN ('deposit', 'starter_credit', 'hold', 'release', 'refund'));
DROP TABLE withdrawal;
