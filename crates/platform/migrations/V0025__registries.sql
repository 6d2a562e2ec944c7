-- The last answer of each source about each personal number, so that an honest answer can be given while the source is silent.
CREATE TABLE registry_copy (
    number_digest BYTEA  NOT NULL,
    source        TEXT   NOT NULL,
    answer_sealed BYTEA  NOT NULL,
    as_of         BIGINT NOT NULL,
    kept_at       BIGINT NOT NULL,
    PRIMARY KEY (number_digest, source)
);
