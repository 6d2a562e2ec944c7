-- A code that somebody waits for overtakes what can wait: 0 comes before 1.
ALTER TABLE job ADD COLUMN rank BIGINT NOT NULL DEFAULT 1;

DROP INDEX job_due;

CREATE INDEX job_due ON job (rank, due_at) WHERE done_at IS NULL AND dead_at IS NULL;

-- The parts of a text message, since a centre has taken them.
CREATE TABLE notice_delivery (
    notice       BYTEA  NOT NULL,
    part         BIGINT NOT NULL,
    centre       TEXT   NOT NULL,
    remote       TEXT   NOT NULL,
    handed_at    BIGINT NOT NULL,
    delivered_at BIGINT,
    failed_at    BIGINT,
    PRIMARY KEY (notice, part)
);

CREATE INDEX notice_delivery_remote ON notice_delivery (centre, remote);
