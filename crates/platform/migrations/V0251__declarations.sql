-- Declarations of health and of movements, with the signed slip that checkpoints scan.
CREATE TABLE declaration (
    person         BYTEA  NOT NULL,
    declaration    BYTEA  NOT NULL,
    kind           TEXT   NOT NULL,
    made_at        BIGINT NOT NULL,
    valid_until    BIGINT NOT NULL,
    withdrawn_at   BIGINT,
    content_sealed BYTEA  NOT NULL,
    slip_sealed    BYTEA  NOT NULL,
    PRIMARY KEY (person, declaration)
);
-- By what a slip says it is, to see whether it was withdrawn.
CREATE UNIQUE INDEX declaration_slip ON declaration (declaration);
