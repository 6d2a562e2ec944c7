-- Reports of crimes, feedback and petitions, as the unit that receives them has them. No column, and no row of any other table that names a
-- report, leads to a person: who sent a named one stands sealed in sender_sealed, and nothing at all of who sent an anonymous one.
CREATE TABLE report (
    report         BYTEA  NOT NULL PRIMARY KEY,
    number         TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    unit           TEXT   NOT NULL,
    province       TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    sent_at        BIGINT NOT NULL,
    urgent_at      BIGINT,
    due_at         BIGINT,
    settled_at     BIGINT,
    content_sealed BYTEA  NOT NULL,
    sender_sealed  BYTEA,
    code_digest    BYTEA
);
CREATE UNIQUE INDEX report_number ON report (number);
CREATE UNIQUE INDEX report_code ON report (code_digest);
CREATE INDEX report_of_unit ON report (unit, sent_at);
CREATE INDEX report_of_province ON report (province, sent_at);

-- What happened to a report, and what was written about it by its sender and by the unit.
CREATE TABLE report_entry (
    report      BYTEA  NOT NULL,
    turn        BIGINT NOT NULL,
    entry       BYTEA  NOT NULL,
    at          BIGINT NOT NULL,
    word        TEXT   NOT NULL,
    unit        TEXT   NOT NULL,
    by_sealed   BYTEA  NOT NULL,
    text_sealed BYTEA  NOT NULL,
    PRIMARY KEY (report, turn)
);

-- The pictures and films of a report. Their content lies where evidence lies, under the report and not under a person.
CREATE TABLE report_attachment (
    report     BYTEA  NOT NULL,
    place      BIGINT NOT NULL,
    piece      BYTEA  NOT NULL,
    media_type TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    PRIMARY KEY (report, place)
);

-- What a person keeps of the reports sent: which, and when, is sealed for this row. Named and anonymous ones look alike.
CREATE TABLE report_link (
    person      BYTEA NOT NULL,
    link        BYTEA NOT NULL,
    link_sealed BYTEA NOT NULL,
    PRIMARY KEY (person, link)
);
