-- The device that holds a person's credentials: one at a time.
CREATE TABLE wallet_holder (
    person BYTEA PRIMARY KEY NOT NULL,
    thumbprint TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    renewed_at BIGINT NOT NULL
);
CREATE INDEX wallet_holder_by_key ON wallet_holder (thumbprint);
