-- Electronic identity cards, written in the unit of work that approves level 2.
CREATE TABLE eid (
    person          BYTEA  NOT NULL PRIMARY KEY,
    eid             BYTEA  NOT NULL,
    content_sealed  BYTEA  NOT NULL,
    portrait_sealed BYTEA  NOT NULL,
    issued_at       BIGINT NOT NULL
);
