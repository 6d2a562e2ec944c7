-- Codes by which officers enrol a passkey: each given out by an administrator, or at the command line. They stay: they tell who let whom in, when and why.
CREATE TABLE officer_enrolment (
    officer     BYTEA  NOT NULL,
    enrolment   BYTEA  NOT NULL,
    code_digest BYTEA  NOT NULL,
    reason      TEXT   NOT NULL,
    given_by    BYTEA,
    given_at    BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    tries       BIGINT NOT NULL,
    used_at     BIGINT,
    PRIMARY KEY (officer, enrolment)
);
