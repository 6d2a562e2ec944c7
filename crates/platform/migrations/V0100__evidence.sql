-- What decisions rest on: pictures, chip files. The content is an object outside the database, sealed; here is where it belongs.
-- A row without kept_at is an upload that no unit of work has taken yet; one with dropped_at waits for its object's removal.
CREATE TABLE evidence_piece (
    person     BYTEA  NOT NULL,
    piece      BYTEA  NOT NULL,
    kind       TEXT   NOT NULL,
    media_type TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    placed_at  BIGINT NOT NULL,
    kept_at    BIGINT,
    keep_until BIGINT,
    basis      TEXT,
    dropped_at BIGINT,
    PRIMARY KEY (person, piece)
);
