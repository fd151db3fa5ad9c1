-- migrate:up
-- A dispute may be opened while its contract is trained, and another one beside it: they are counted, and are no state of training.
ALTER TABLE funded_contract ADD COLUMN open_disputes int NOT NULL DEFAULT 0 CHECK (open_disputes >= 0);
UPDATE funded_contract SET state = 'ready', open_disputes = 1 WHERE state = 'disputed';
ALTER TABLE funded_contract
    DROP CONSTRAINT funded_contract_state_check,
    ADD CONSTRAINT funded_contract_state_check CHECK (state IN ('ready', 'bound', 'trained', 'closed'));
DROP INDEX funded_contract_ready;
CREATE INDEX funded_contract_ready ON funded_contract (row_no) WHERE state = 'ready' AND open_disputes = 0;

-- migrate:down
DROP INDEX funded_contract_ready;
CREATE INDEX funded_contract_ready ON funded_contract (row_no) WHERE state = 'ready';
ALTER TABLE funded_contract
    DROP CONSTRAINT funded_contract_state_check,
    ADD CONSTRAINT funded_contract_state_check CHECK (state IN ('ready', 'disputed', 'bound', 'trained', 'closed'));
UPDATE funded_contract SET state = 'disputed' WHERE state = 'ready' AND open_disputes > 0;
ALTER TABLE funded_contract DROP COLUMN open_disputes;
