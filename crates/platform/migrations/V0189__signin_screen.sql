-- Sign-ins on another screen: a browser waits, a phone approves. Whose phone it was is known only after that.
CREATE TABLE signin_screen (
    screen        BYTEA  NOT NULL PRIMARY KEY,
    secret_digest BYTEA  NOT NULL,
    asked_sealed  BYTEA  NOT NULL,
    number        BIGINT NOT NULL,
    opened_at     BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    state         TEXT   NOT NULL,
    person        BYTEA,
    methods       TEXT
);
CREATE INDEX signin_screen_expires_at ON signin_screen (expires_at);
