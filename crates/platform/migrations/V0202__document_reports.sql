-- What a citizen says is wrong in a paper: a dossier to its source, with a deadline and the source's answer.
CREATE TABLE document_report (
    person         BYTEA  NOT NULL,
    report         BYTEA  NOT NULL,
    kind           TEXT   NOT NULL,
    field          TEXT   NOT NULL,
    content_sealed BYTEA  NOT NULL,
    reference      TEXT,
    state          TEXT   NOT NULL,
    reported_at    BIGINT NOT NULL,
    due_at         BIGINT NOT NULL,
    sent_at        BIGINT,
    answered_at    BIGINT,
    answer_sealed  BYTEA,
    PRIMARY KEY (person, report)
);

-- Papers declared by the number printed on them, and how they matched.
CREATE TABLE document_declaration (
    person         BYTEA  NOT NULL,
    declaration    BYTEA  NOT NULL,
    kind           TEXT   NOT NULL,
    content_sealed BYTEA  NOT NULL,
    matched        TEXT   NOT NULL,
    declared_at    BIGINT NOT NULL,
    PRIMARY KEY (person, declaration)
);
