-- Written requests of competent bodies to lock or to unlock (form TK03): received, forwarded within a working day, decided within two more.
CREATE TABLE lock_request (
    request        BYTEA  NOT NULL PRIMARY KEY,
    person         BYTEA  NOT NULL,
    word           TEXT   NOT NULL,
    source         BYTEA  NOT NULL,
    asked_sealed   BYTEA  NOT NULL,
    state          TEXT   NOT NULL,
    received_by    BYTEA  NOT NULL,
    received_at    BIGINT NOT NULL,
    forward_by     BIGINT NOT NULL,
    forwarded_at   BIGINT,
    decide_by      BIGINT,
    decided_by     BYTEA,
    decided_at     BIGINT,
    answer_sealed  BYTEA
);
CREATE INDEX lock_request_open ON lock_request (received_at) WHERE decided_at IS NULL;
