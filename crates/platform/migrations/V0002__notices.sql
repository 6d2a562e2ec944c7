CREATE TABLE notice (
    notice      BYTEA  NOT NULL PRIMARY KEY,
    to_digest   BYTEA  NOT NULL,
    to_sealed   BYTEA  NOT NULL,
    channel     TEXT   NOT NULL,
    text_sealed BYTEA  NOT NULL,
    sent_at     BIGINT NOT NULL
);

CREATE INDEX notice_of ON notice (to_digest, sent_at);
CREATE INDEX notice_newest ON notice (sent_at);
