-- The devices of persons: one at a time. The public key names nobody; what the device is called and where it was bound is sealed.
CREATE TABLE device (
    person       BYTEA  NOT NULL,
    device       BYTEA  NOT NULL,
    key          TEXT   NOT NULL,
    thumbprint   TEXT   NOT NULL,
    label_sealed BYTEA  NOT NULL,
    way          TEXT   NOT NULL,
    bound_at     BIGINT NOT NULL,
    removed_at   BIGINT,
    removed_by   TEXT,
    PRIMARY KEY (person, device)
);

CREATE UNIQUE INDEX device_one ON device (person) WHERE removed_at IS NULL;
CREATE INDEX device_thumbprint ON device (thumbprint);

-- Proofs that were made: each counts once. Kept until its challenge would have expired by itself.
CREATE TABLE device_spent (
    challenge  BYTEA  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX device_spent_expires ON device_spent (expires_at);

-- What is asked of the present device: to let another browser sign in, or to give way to a new device. The code is shown there alone.
CREATE TABLE device_ask (
    person        BYTEA  NOT NULL,
    ask           BYTEA  NOT NULL,
    kind          TEXT   NOT NULL,
    key           TEXT,
    code_digest   BYTEA  NOT NULL,
    code_sealed   BYTEA  NOT NULL,
    whence_sealed BYTEA  NOT NULL,
    tries         BIGINT NOT NULL,
    started_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    refused_at    BIGINT,
    done_at       BIGINT,
    PRIMARY KEY (person, ask)
);

-- Passkeys that live on one device go with it.
ALTER TABLE passkey ADD COLUMN device BYTEA;
