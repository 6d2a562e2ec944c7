-- E-mail addresses that people gave and have not proved yet.
CREATE TABLE notice_address (
    person         BYTEA  NOT NULL PRIMARY KEY,
    address_sealed BYTEA  NOT NULL,
    code_digest    BYTEA  NOT NULL,
    wrong          BIGINT NOT NULL,
    sent           BIGINT NOT NULL,
    since_at       BIGINT NOT NULL,
    asked_at       BIGINT NOT NULL
);
