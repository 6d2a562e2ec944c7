-- Passkeys of citizens and officers. What a passkey is called and its public key are sealed; its credential id is found by its digest.
CREATE TABLE passkey (
    subject           BYTEA  NOT NULL,
    passkey           BYTEA  NOT NULL,
    kind              TEXT   NOT NULL,
    credential_digest BYTEA  NOT NULL UNIQUE,
    credential_sealed BYTEA  NOT NULL,
    label_sealed      BYTEA  NOT NULL,
    counter           BIGINT NOT NULL,
    made_at           BIGINT NOT NULL,
    used_at           BIGINT,
    PRIMARY KEY (subject, passkey)
);

-- Ceremonies that were answered: each is answered once. Kept until the ceremony would have expired by itself.
CREATE TABLE passkey_spent (
    ceremony   BYTEA  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX passkey_spent_expires ON passkey_spent (expires_at);
