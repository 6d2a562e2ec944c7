-- A copy that its source has told to be out of date is asked for anew before it is shown as the newest.
ALTER TABLE registry_copy ADD COLUMN outdated_at BIGINT;

-- Of whom a source keeps nothing, and when it said so.
CREATE TABLE registry_absence (
    number_digest BYTEA  NOT NULL,
    source        TEXT   NOT NULL,
    kept_at       BIGINT NOT NULL,
    PRIMARY KEY (number_digest, source)
);

-- How far the change feed of each source has been taken up.
CREATE TABLE registry_feed (
    source     TEXT   NOT NULL PRIMARY KEY,
    place      BIGINT NOT NULL,
    read_at    BIGINT NOT NULL
);
