-- Applications for level 1 and 2. What the queue is ordered and counted by is plain; who it is about is sealed.
CREATE TABLE application (
    person          BYTEA  NOT NULL,
    application     BYTEA  NOT NULL,
    number          TEXT   NOT NULL,
    level           BIGINT NOT NULL,
    state           TEXT   NOT NULL,
    commune         TEXT,
    subject_sealed  BYTEA  NOT NULL,
    findings_sealed BYTEA,
    reasons         TEXT   NOT NULL,
    remark_sealed   BYTEA,
    basis           TEXT,
    opened_at       BIGINT NOT NULL,
    submitted_at    BIGINT,
    deadline_at     BIGINT,
    claimed_by      BYTEA,
    claimed_at      BIGINT,
    decided_by      BYTEA,
    decided_at      BIGINT,
    due_at          BIGINT,
    ended_at        BIGINT,
    PRIMARY KEY (person, application)
);

CREATE UNIQUE INDEX application_id ON application (application);
CREATE UNIQUE INDEX application_number ON application (number);
-- One live application for each person and level, whatever is sent at once.
CREATE UNIQUE INDEX application_live ON application (person, level)
 WHERE state IN ('draft', 'submitted', 'claimed', 'more-needed', 'approved');
CREATE INDEX application_queue ON application (deadline_at, application) WHERE state IN ('submitted', 'claimed');

-- What an application rests on: pictures, chip data, originals seen.
CREATE TABLE application_evidence (
    person         BYTEA  NOT NULL,
    application    BYTEA  NOT NULL,
    kind           TEXT   NOT NULL,
    media_type     TEXT   NOT NULL,
    content_sealed BYTEA  NOT NULL,
    added_at       BIGINT NOT NULL,
    PRIMARY KEY (person, application, kind)
);

-- What happened to an application, and which officer did it.
CREATE TABLE application_event (
    person      BYTEA  NOT NULL,
    application BYTEA  NOT NULL,
    happened_at BIGINT NOT NULL,
    event       BYTEA  NOT NULL,
    turn        BIGINT NOT NULL,
    what        TEXT   NOT NULL,
    officer     BYTEA,
    PRIMARY KEY (person, application, happened_at, event)
);
