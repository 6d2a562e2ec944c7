-- Sessions of citizens and officers. `subject` is the person or the officer, so that all of a person's rows live on one shard.
CREATE TABLE session (
    subject    BYTEA  NOT NULL,
    digest     BYTEA  NOT NULL,
    kind       TEXT   NOT NULL,
    opened_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at   BIGINT,
    assurance  BIGINT NOT NULL,
    methods    TEXT   NOT NULL,
    PRIMARY KEY (subject, digest)
);

-- The outbox: what has to be done after a unit of work, kept in the same unit of work.
CREATE TABLE job (
    job            BYTEA  NOT NULL PRIMARY KEY,
    kind           TEXT   NOT NULL,
    payload_sealed BYTEA  NOT NULL,
    created_at     BIGINT NOT NULL,
    due_at         BIGINT NOT NULL,
    attempts       BIGINT NOT NULL,
    done_at        BIGINT,
    dead_at        BIGINT,
    last_error     TEXT
);

CREATE INDEX job_due ON job (due_at) WHERE done_at IS NULL AND dead_at IS NULL;
