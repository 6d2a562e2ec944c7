-- Whom to ask the sources about next: when papers end that people are told about beforehand.
CREATE TABLE notice_learning (
    person BYTEA  NOT NULL PRIMARY KEY,
    due_at BIGINT NOT NULL
);

CREATE INDEX notice_learning_due ON notice_learning (due_at, person);

-- The walk over the accounts that are older than this table: how far it has come.
CREATE TABLE notice_walk (
    walk         TEXT   NOT NULL PRIMARY KEY,
    after_person BYTEA  NOT NULL,
    passed       BIGINT NOT NULL,
    begun_at     BIGINT NOT NULL,
    finished_at  BIGINT
);

-- What came of asking on each day.
CREATE TABLE notice_learned (
    day    TEXT   NOT NULL PRIMARY KEY,
    asked  BIGINT NOT NULL,
    silent BIGINT NOT NULL
);
