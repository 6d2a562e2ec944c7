-- Credentials that could not be issued at once because their source was silent: which, for which keys.
CREATE TABLE issuance_deferred (
    person        BYTEA  NOT NULL,
    digest        BYTEA  NOT NULL,
    client_id     TEXT   NOT NULL,
    configuration TEXT   NOT NULL,
    keys_sealed   BYTEA  NOT NULL,
    expires_at    BIGINT NOT NULL,
    PRIMARY KEY (person, digest)
);
