-- Papers that their holder has chosen to show to one receiver, by a code that is opened once.
CREATE TABLE document_handover (
    person         BYTEA  NOT NULL,
    handover       BYTEA  NOT NULL UNIQUE,
    purpose        TEXT   NOT NULL,
    kinds          TEXT   NOT NULL,
    whose_sealed   BYTEA,
    made_at        BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    ended_at       BIGINT,
    seen_at        BIGINT,
    seen_by_sealed BYTEA,
    PRIMARY KEY (person, handover)
);
