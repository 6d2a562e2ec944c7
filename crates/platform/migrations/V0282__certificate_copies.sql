-- Printed copies of criminal record certificates: how many were asked for, which unit prints them, when they were ready, when they were handed over or posted.
CREATE TABLE certificate_copies (
    person         BYTEA  NOT NULL,
    certificate    BYTEA  NOT NULL,
    unit           TEXT   NOT NULL,
    copies         BIGINT NOT NULL,
    delivery       TEXT   NOT NULL,
    address_sealed BYTEA,
    asked_at       BIGINT NOT NULL,
    ready_at       BIGINT,
    ready_by       BYTEA,
    handed_at      BIGINT,
    handed_by      BYTEA,
    PRIMARY KEY (person, certificate)
);
CREATE INDEX certificate_copies_waiting ON certificate_copies (unit, asked_at) WHERE handed_at IS NULL;
CREATE UNIQUE INDEX certificate_copies_certificate ON certificate_copies (certificate);
