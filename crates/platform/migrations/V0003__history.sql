-- Every look at a person's data, for five years. On PostgreSQL in parts of a month, which retention drops.
-- `who_digest` finds all looks of one officer or partner; `seal` is the court's order that keeps a look from its holder.
CREATE TABLE history_look (
    person         BYTEA  NOT NULL,
    looked_at      BIGINT NOT NULL,
    look           BYTEA  NOT NULL,
    who_kind       TEXT   NOT NULL,
    who_sealed     BYTEA  NOT NULL,
    who_digest     BYTEA  NOT NULL,
    purpose        TEXT   NOT NULL,
    what           TEXT   NOT NULL,
    details_sealed BYTEA  NOT NULL,
    seal           BYTEA,
    PRIMARY KEY (person, looked_at, look)
)
-- only postgres
PARTITION BY RANGE (looked_at)
-- end
;
-- only postgres
CREATE TABLE history_look_rest PARTITION OF history_look DEFAULT;
-- end
CREATE INDEX history_look_who ON history_look (who_digest, looked_at);
CREATE INDEX history_look_at ON history_look (looked_at);
