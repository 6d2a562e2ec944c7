-- Changes of what is counted, written in the unit of work that makes them: a row for each source, so that no two units meet. They are taken into
-- the counts after some seconds. A day of '' is the stock; other days are what came to it (or left it) on that day in Viet Nam.
CREATE TABLE statistics_change (
    source  BYTEA  NOT NULL,
    measure TEXT   NOT NULL,
    day     TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    place   TEXT   NOT NULL,
    amount  BIGINT NOT NULL,
    PRIMARY KEY (source, measure, day, kind, place)
);

CREATE TABLE statistics_count (
    measure TEXT   NOT NULL,
    day     TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    place   TEXT   NOT NULL,
    amount  BIGINT NOT NULL,
    PRIMARY KEY (measure, day, kind, place)
);

-- The province under which an account is counted: that of the application by which its level was approved.
ALTER TABLE account ADD COLUMN province TEXT;
-- Under which state and unit an application is counted.
ALTER TABLE application ADD COLUMN counted_as TEXT;
