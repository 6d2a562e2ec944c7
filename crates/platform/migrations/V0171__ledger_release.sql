-- Programs that were released: what is committed to of each.
CREATE TABLE ledger_release (
    sha256      TEXT   NOT NULL PRIMARY KEY,
    version     TEXT   NOT NULL,
    bytes       BIGINT NOT NULL,
    released_at BIGINT NOT NULL
);
