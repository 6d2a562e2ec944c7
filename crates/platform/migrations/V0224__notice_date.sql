-- Days about which people are told beforehand; of a birthday month and day. No name, no number.
CREATE TABLE notice_date (
    person   BYTEA NOT NULL,
    occasion TEXT  NOT NULL,
    day      TEXT  NOT NULL,
    PRIMARY KEY (person, occasion)
);

CREATE INDEX notice_date_due ON notice_date (occasion, day, person);

-- The daily runs: what is told on a day, and how far that has come.
CREATE TABLE notice_round (
    day          TEXT   NOT NULL,
    occasion     TEXT   NOT NULL,
    due          TEXT   NOT NULL,
    before_days  BIGINT NOT NULL,
    after_person BYTEA  NOT NULL,
    told         BIGINT NOT NULL,
    begun_at     BIGINT NOT NULL,
    finished_at  BIGINT,
    PRIMARY KEY (day, occasion, due, before_days)
);
