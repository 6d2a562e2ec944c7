-- The browsers in which a person has asked for push messages. A browser belongs to one person.
CREATE TABLE notice_push (
    person         BYTEA  NOT NULL,
    push           BYTEA  NOT NULL,
    browser_sealed BYTEA  NOT NULL,
    key_id         TEXT   NOT NULL,
    subscribed_at  BIGINT NOT NULL,
    PRIMARY KEY (person, push)
);

CREATE INDEX notice_push_browser ON notice_push (push);
