-- What was asked for beyond the scopes: single claims, data for a purpose.
ALTER TABLE sso_code ADD COLUMN wanted_sealed BYTEA;
ALTER TABLE sso_token ADD COLUMN wanted_sealed BYTEA;
ALTER TABLE sso_refresh ADD COLUMN wanted_sealed BYTEA;
