-- Relatives confirm what an applicant says (a death): asked of whom, until when and on what basis, and what they answered.
CREATE TABLE procedure_confirmation (
    person         BYTEA  NOT NULL,
    dossier        BYTEA  NOT NULL,
    confirmation   BYTEA  NOT NULL,
    answerer       BYTEA  NOT NULL,
    content_sealed BYTEA  NOT NULL,
    basis          TEXT   NOT NULL,
    asked_at       BIGINT NOT NULL,
    ends_at        BIGINT NOT NULL,
    answered_at    BIGINT,
    confirmed_at   BIGINT,
    words_sealed   BYTEA,
    PRIMARY KEY (person, dossier)
);
CREATE UNIQUE INDEX procedure_confirmation_id ON procedure_confirmation (confirmation);
CREATE INDEX procedure_confirmation_answerer ON procedure_confirmation (answerer, asked_at);

-- When a body said that it has to verify, which makes the limit longer; and on what the limit of a dossier rests.
ALTER TABLE procedure_dossier ADD COLUMN verified_at BIGINT;
ALTER TABLE procedure_dossier ADD COLUMN deadline_basis TEXT;
