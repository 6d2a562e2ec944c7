-- Relying parties that a person is signed in to: to be told when the session ends. It hangs on another session when the same person signs in again.
CREATE TABLE sso_visit (
    person         BYTEA  NOT NULL,
    visit          BYTEA  NOT NULL,
    client_id      TEXT   NOT NULL,
    session_digest BYTEA  NOT NULL,
    hangs_on       BYTEA  NOT NULL,
    since_at       BIGINT NOT NULL,
    ended_at       BIGINT,
    PRIMARY KEY (person, visit)
);
CREATE UNIQUE INDEX sso_visit_id ON sso_visit (visit);
