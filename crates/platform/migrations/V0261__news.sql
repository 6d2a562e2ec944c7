-- News and warnings for everybody: nothing in them is about anybody. Written by one officer, reviewed by another.
CREATE TABLE news_article (
    article       BYTEA  NOT NULL PRIMARY KEY,
    version       BIGINT NOT NULL,
    category      TEXT   NOT NULL,
    province      TEXT   NOT NULL,
    title         TEXT   NOT NULL,
    title_en      TEXT   NOT NULL,
    lead          TEXT   NOT NULL,
    lead_en       TEXT   NOT NULL,
    body          TEXT   NOT NULL,
    body_en       TEXT   NOT NULL,
    picture       BYTEA,
    picture_says  TEXT   NOT NULL,
    pinned_days   BIGINT NOT NULL,
    publish_at    BIGINT,
    pinned_until  BIGINT,
    written_by    BYTEA  NOT NULL,
    written_at    BIGINT NOT NULL,
    submitted_at  BIGINT,
    reviewed_by   BYTEA,
    reviewed_at   BIGINT,
    returned_by   BYTEA,
    returned_at   BIGINT,
    returned_why  TEXT,
    withdrawn_by  BYTEA,
    withdrawn_at  BIGINT,
    withdrawn_why TEXT
);

CREATE INDEX news_article_public ON news_article (publish_at) WHERE reviewed_at IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX news_article_written ON news_article (written_at);
