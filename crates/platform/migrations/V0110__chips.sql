-- Invitations to read a chip, and what a reader has brought. One for each person and matter; removed when its time is over.
CREATE TABLE chip_reading (
    person         BYTEA  NOT NULL,
    concerns       BYTEA  NOT NULL,
    secret_digest  BYTEA  NOT NULL,
    drawn_sealed   BYTEA  NOT NULL,
    stage          TEXT   NOT NULL,
    reading_sealed BYTEA,
    invited_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    received_at    BIGINT,
    PRIMARY KEY (person, concerns)
);
