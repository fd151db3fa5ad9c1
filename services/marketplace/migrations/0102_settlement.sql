-- migrate:up
-- How a contract's money is shared out is chosen with the intent and agreed in the contract; null where it was made before that.
ALTER TABLE round_intent
    ADD COLUMN settlement       text CHECK (settlement IN ('manual', 'auto')),
    ADD COLUMN dispute_window_s int CHECK (dispute_window_s >= 0),     -- null: as the escrow is set
    ADD COLUMN settlement_rule  text NOT NULL DEFAULT 'delivery' CHECK (settlement_rule IN ('delivery', 'contribution'));
ALTER TABLE contract
    ADD COLUMN settlement       text CHECK (settlement IN ('manual', 'auto')),
    ADD COLUMN dispute_window_s int CHECK (dispute_window_s >= 0),
    ADD COLUMN settlement_rule  text NOT NULL DEFAULT 'delivery' CHECK (settlement_rule IN ('delivery', 'contribution')),
    ADD COLUMN settled_by       text CHECK (settled_by IN ('delivery', 'contribution', 'decision'));   -- null until it is released

-- The least share of its price that a provider takes for a delivered round, whatever its contribution.
ALTER TABLE offer ADD COLUMN min_payout_share double precision NOT NULL DEFAULT 0 CHECK (min_payout_share BETWEEN 0 AND 1);

-- migrate:down
ALTER TABLE offer DROP COLUMN min_payout_share;
ALTER TABLE contract DROP COLUMN settled_by, DROP COLUMN settlement_rule, DROP COLUMN dispute_window_s, DROP COLUMN settlement;
ALTER TABLE round_intent DROP COLUMN settlement_rule, DROP COLUMN dispute_window_s, DROP COLUMN settlement;
