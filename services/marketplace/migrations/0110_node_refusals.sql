-- migrate:up
-- What nodes refused in training, by offer: the next match tells it, so that nobody buys the same refusal twice without knowing.
CREATE TABLE node_refusal (
    offer_id    text NOT NULL REFERENCES offer,
    contract_id text NOT NULL REFERENCES contract,
    error_code  text NOT NULL,
    rounds      int NOT NULL CHECK (rounds >= 1),
    last_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (offer_id, contract_id, error_code)
);
CREATE INDEX node_refusal_by_contract ON node_refusal (contract_id);

-- migrate:down
DROP TABLE node_refusal;
