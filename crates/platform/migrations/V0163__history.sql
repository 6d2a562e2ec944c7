-- Courts' orders that keep looks of an investigation from their holder until they lapse. The end moves when a new order extends it.
CREATE TABLE history_seal (
    seal          BYTEA  NOT NULL PRIMARY KEY,
    opened_by     BYTEA  NOT NULL,
    begun_at      BIGINT NOT NULL,
    ends_at       BIGINT NOT NULL,
    lapsed_at     BIGINT
);

-- Each order behind a seal: the first one, and those that extend it.
CREATE TABLE history_order (
    seal          BYTEA  NOT NULL,
    entered_at    BIGINT NOT NULL,
    ends_at       BIGINT NOT NULL,
    order_sealed  BYTEA  NOT NULL,
    officer       BYTEA  NOT NULL,
    PRIMARY KEY (seal, ends_at)
);

-- Looks that their holder contests: a dossier of an inspector.
CREATE TABLE history_contest (
    person        BYTEA  NOT NULL,
    contest       BYTEA  NOT NULL,
    look          BYTEA  NOT NULL,
    looked_at     BIGINT NOT NULL,
    reason_sealed BYTEA  NOT NULL,
    law           TEXT   NOT NULL,
    filed_at      BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    outcome       TEXT,
    answer_sealed BYTEA,
    answered_at   BIGINT,
    PRIMARY KEY (person, contest),
    UNIQUE (person, look)
);
CREATE INDEX history_contest_id ON history_contest (contest);
CREATE INDEX history_contest_due ON history_contest (due_at) WHERE answered_at IS NULL;

-- Odd patterns of looks, for an inspector to work through.
CREATE TABLE history_alert (
    alert          BYTEA  NOT NULL PRIMARY KEY,
    pattern        TEXT   NOT NULL,
    look           BYTEA  NOT NULL,
    who_digest     BYTEA  NOT NULL,
    person         BYTEA,
    looks          BIGINT NOT NULL,
    raised_at      BIGINT NOT NULL,
    settled_at     BIGINT,
    verdict        TEXT,
    remark_sealed  BYTEA
);
CREATE INDEX history_alert_open ON history_alert (raised_at) WHERE settled_at IS NULL;

-- Persons that officers have to do with in private: themselves, kin, household, neighbours, former spouses. Declared, or found in the population database; kept.
CREATE TABLE history_tie (
    person     BYTEA  NOT NULL,
    who_digest BYTEA  NOT NULL,
    tie        TEXT   NOT NULL,
    since_at   BIGINT NOT NULL,
    PRIMARY KEY (person, who_digest)
);
