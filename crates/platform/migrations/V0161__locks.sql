-- One row for each person whose locks have ever changed: whoever changes them takes the next turn, so that two at once follow each other on any engine.
CREATE TABLE lock_turn (
    person BYTEA  NOT NULL PRIMARY KEY,
    turn   BIGINT NOT NULL
);

-- What was done about locks, by whom, why, and on which legal basis.
CREATE TABLE lock_act (
    person        BYTEA  NOT NULL,
    act           BYTEA  NOT NULL,
    acted_at      BIGINT NOT NULL,
    turn          BIGINT NOT NULL,
    word          TEXT   NOT NULL,
    ground        TEXT   NOT NULL,
    source        BYTEA  NOT NULL,
    by_kind       TEXT   NOT NULL,
    by_sealed     BYTEA  NOT NULL,
    reason_sealed BYTEA  NOT NULL,
    law           TEXT   NOT NULL,
    PRIMARY KEY (person, act)
);

-- Grounds. What a ground locks is locked while it stands. The source tells requests of different bodies apart.
CREATE TABLE lock_ground (
    person     BYTEA  NOT NULL,
    raised_by  BYTEA  NOT NULL,
    ground     TEXT   NOT NULL,
    source     BYTEA  NOT NULL,
    thing      TEXT   NOT NULL,
    raised_at  BIGINT NOT NULL,
    cleared_by BYTEA,
    cleared_at BIGINT,
    PRIMARY KEY (person, raised_by)
);
CREATE UNIQUE INDEX lock_ground_standing ON lock_ground (person, ground, source) WHERE cleared_at IS NULL;

-- Locks by purpose, which a citizen sets for relying parties. Minutes are those of the day in Viet Nam.
CREATE TABLE lock_purpose (
    person      BYTEA  NOT NULL,
    lock        BYTEA  NOT NULL,
    purpose     TEXT   NOT NULL,
    client_id   TEXT,
    from_minute BIGINT,
    to_minute   BIGINT,
    set_at      BIGINT NOT NULL,
    lifted_at   BIGINT,
    PRIMARY KEY (person, lock)
);
