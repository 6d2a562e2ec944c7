-- The tiles that a person pinned to the top of the home page.
CREATE TABLE home_favourite (
    person    BYTEA  NOT NULL,
    tile      TEXT   NOT NULL,
    pinned_at BIGINT NOT NULL,
    PRIMARY KEY (person, tile)
);
