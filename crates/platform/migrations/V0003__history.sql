-- Every look at a person's data. Partitioned by month on PostgreSQL once retention drops partitions.
CREATE TABLE history_look (
    person     BYTEA  NOT NULL,
    looked_at  BIGINT NOT NULL,
    look       BYTEA  NOT NULL,
    who_kind   TEXT   NOT NULL,
    who_sealed BYTEA  NOT NULL,
    purpose    TEXT   NOT NULL,
    what       TEXT   NOT NULL,
    PRIMARY KEY (person, looked_at, look)
);
