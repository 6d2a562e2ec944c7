-- How far the sealing of a column under a sealing key has come: a row for each column and key.
CREATE TABLE resealing_column (
    key_id      BYTEA  NOT NULL,
    place       TEXT   NOT NULL,
    -- The key of the last row that was looked at, as JSON; nothing at the beginning.
    after_row   TEXT,
    seen        BIGINT NOT NULL,
    resealed    BIGINT NOT NULL,
    -- Values that do not open with any key that is here.
    unreadable  BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (key_id, place)
);
