-- Registrations under way. Each is removed when its hour is over.
CREATE TABLE registration_draft (
    draft           BYTEA  NOT NULL PRIMARY KEY,
    asker_sealed    BYTEA  NOT NULL,
    card_sealed     BYTEA,
    verdict         TEXT,
    identity_sealed BYTEA,
    code_digest     BYTEA,
    code_sent_at    BIGINT,
    code_expires_at BIGINT,
    code_tries      BIGINT NOT NULL,
    confirmed_at    BIGINT,
    finished_at     BIGINT,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);

-- How often something was done on a day: codes sent to a phone, checks of a number that failed.
CREATE TABLE registration_count (
    digest BYTEA  NOT NULL,
    kind   TEXT   NOT NULL,
    day    TEXT   NOT NULL,
    times  BIGINT NOT NULL,
    PRIMARY KEY (digest, kind, day)
);
