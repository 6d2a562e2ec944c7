-- Where a session is used from, and the device that it is bound to. What can be read is sealed; what is compared is a digest.
ALTER TABLE session ADD COLUMN whence_sealed BYTEA;
ALTER TABLE session ADD COLUMN whence_digest BYTEA;
ALTER TABLE session ADD COLUMN device BYTEA;
ALTER TABLE session ADD COLUMN proven_at BIGINT;

-- What happened to a person's means of signing in, successes and failures alike.
CREATE TABLE signin_event (
    person        BYTEA  NOT NULL,
    event         BYTEA  NOT NULL,
    at            BIGINT NOT NULL,
    kind          TEXT   NOT NULL,
    means         TEXT   NOT NULL,
    whence_sealed BYTEA  NOT NULL,
    PRIMARY KEY (person, event)
);

CREATE INDEX signin_event_at ON signin_event (person, at);

-- One-time codes sent to a person's phone, one for each purpose. Tries are counted for the person, whatever addresses they come from.
CREATE TABLE signin_code (
    person      BYTEA  NOT NULL,
    purpose     TEXT   NOT NULL,
    code_digest BYTEA  NOT NULL,
    expires_at  BIGINT NOT NULL,
    tries       BIGINT NOT NULL,
    codes       BIGINT NOT NULL,
    counted_at  BIGINT NOT NULL,
    spent_at    BIGINT,
    PRIMARY KEY (person, purpose)
);
