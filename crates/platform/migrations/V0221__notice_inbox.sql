-- What people are told: the name of a sentence with its values, to be said in the reader's language.
CREATE TABLE notice_note (
    person      BYTEA  NOT NULL,
    note        BYTEA  NOT NULL,
    kind        TEXT   NOT NULL,
    told_sealed BYTEA  NOT NULL,
    told_at     BIGINT NOT NULL,
    read_at     BIGINT,
    PRIMARY KEY (person, note)
);

CREATE INDEX notice_note_newest ON notice_note (person, told_at);
CREATE INDEX notice_note_unread ON notice_note (person) WHERE read_at IS NULL;

-- How a person wishes to be told, where that is not as usual.
CREATE TABLE notice_wish (
    person     BYTEA  NOT NULL PRIMARY KEY,
    lang       TEXT   NOT NULL,
    ways       TEXT   NOT NULL,
    quiet_from BIGINT NOT NULL,
    quiet_to   BIGINT NOT NULL,
    wished_at  BIGINT NOT NULL
);
