-- Credentials of a device that was moved or given up: suspended as long as that can be undone, revoked afterwards.
ALTER TABLE issuance_credential ADD COLUMN suspended_at BIGINT;
