-- A guardian who attends at a counter may have no account yet: the number, as a keyed digest, finds what waits for the confirmation once there is one.
ALTER TABLE application_guardian ADD COLUMN number_digest BYTEA;
CREATE INDEX application_guardian_number ON application_guardian (number_digest) WHERE number_digest IS NOT NULL;
