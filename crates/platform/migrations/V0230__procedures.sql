-- Requests that are being filled in, saved as they are typed.
CREATE TABLE procedure_draft (
    person         BYTEA  NOT NULL,
    draft          BYTEA  NOT NULL,
    code           TEXT   NOT NULL,
    described_on   TEXT   NOT NULL,
    content_sealed BYTEA  NOT NULL,
    opened_at      BIGINT NOT NULL,
    saved_at       BIGINT NOT NULL,
    PRIMARY KEY (person, draft)
);

-- Dossiers: what was sent in, where it stands (the national codes 1 to 10), until when it has to be decided.
CREATE TABLE procedure_dossier (
    person         BYTEA  NOT NULL,
    dossier        BYTEA  NOT NULL,
    code           TEXT   NOT NULL,
    described_on   TEXT   NOT NULL,
    number         TEXT   NOT NULL,
    status         BIGINT NOT NULL,
    unit           TEXT   NOT NULL,
    province       TEXT   NOT NULL,
    content_sealed BYTEA  NOT NULL,
    opened_at      BIGINT NOT NULL,
    submitted_at   BIGINT,
    received_at    BIGINT,
    deadline_at    BIGINT,
    left_seconds   BIGINT,
    held_by        BYTEA,
    result_sealed  BYTEA,
    ended_at       BIGINT,
    PRIMARY KEY (person, dossier)
);
CREATE UNIQUE INDEX procedure_dossier_number ON procedure_dossier (number);
CREATE INDEX procedure_dossier_id ON procedure_dossier (dossier);
CREATE INDEX procedure_dossier_unit ON procedure_dossier (unit, deadline_at) WHERE ended_at IS NULL;
CREATE INDEX procedure_dossier_province ON procedure_dossier (province, deadline_at) WHERE ended_at IS NULL;

-- What happened to each dossier, in order.
CREATE TABLE procedure_step (
    person       BYTEA  NOT NULL,
    dossier      BYTEA  NOT NULL,
    place        BIGINT NOT NULL,
    step         BYTEA  NOT NULL,
    event        TEXT   NOT NULL,
    status       BIGINT NOT NULL,
    happened_at  BIGINT NOT NULL,
    officer      BYTEA,
    words_sealed BYTEA  NOT NULL,
    PRIMARY KEY (person, dossier, place)
);
