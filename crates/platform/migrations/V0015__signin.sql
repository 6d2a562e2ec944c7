-- Hashes are sealed on top: who steals the database cannot even begin to guess.
CREATE TABLE signin_password (
    person     BYTEA  NOT NULL PRIMARY KEY,
    phc_sealed BYTEA  NOT NULL,
    set_at     BIGINT NOT NULL
);

CREATE TABLE signin_passcode (
    person       BYTEA  NOT NULL PRIMARY KEY,
    phc_sealed   BYTEA  NOT NULL,
    set_at       BIGINT NOT NULL,
    failures     BIGINT NOT NULL,
    locked_until BIGINT
);

CREATE TABLE signin_question (
    person        BYTEA  NOT NULL,
    question      TEXT   NOT NULL,
    answer_digest BYTEA  NOT NULL,
    set_at        BIGINT NOT NULL,
    PRIMARY KEY (person, question)
);

-- Wrong attempts, counted for numbers with and without an account alike, so that the count tells a stranger nothing.
CREATE TABLE signin_attempt (
    number_digest BYTEA  NOT NULL PRIMARY KEY,
    failures      BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    locked_until  BIGINT
);

CREATE INDEX signin_attempt_last ON signin_attempt (last_at);
