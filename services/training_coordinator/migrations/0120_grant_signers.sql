-- migrate:up
-- The public key (a JWK) that each grant was signed with: a rotation of the coordinator's key must not make old grants uncheckable.
-- Null for grants from before this was kept; those can only be held against the present key.
ALTER TABLE run_grant ADD COLUMN signed_by jsonb;

-- migrate:down
ALTER TABLE run_grant DROP COLUMN signed_by;
