-- migrate:up
-- What is held of a model owner's money is asked with its balance, however many holds others have.
CREATE INDEX hold_by_owner ON hold (model_owner_id) INCLUDE (amount) WHERE state = 'held';

-- migrate:down
DROP INDEX hold_by_owner;
