-- Criminal record certificates that were issued. `number` and `code_digest` are what a paper is checked by; `file` is the sealed PDF among the evidence.
CREATE TABLE certificate (
    person         BYTEA  NOT NULL,
    certificate    BYTEA  NOT NULL,
    dossier        TEXT   NOT NULL,
    number         TEXT   NOT NULL,
    code_digest    BYTEA  NOT NULL,
    kind           TEXT   NOT NULL,
    content_sealed BYTEA  NOT NULL,
    file           BYTEA  NOT NULL,
    file_digest    BYTEA  NOT NULL,
    issued_at      BIGINT NOT NULL,
    valid_until    BIGINT,
    revoked_at     BIGINT,
    revoked_by     BYTEA,
    reason_sealed  BYTEA,
    PRIMARY KEY (person, certificate)
);

CREATE UNIQUE INDEX certificate_dossier ON certificate (person, dossier);
CREATE UNIQUE INDEX certificate_number ON certificate (number);
CREATE INDEX certificate_file ON certificate (file_digest);
