-- Requests of services to persons who are not in front of their browser. One about nobody is kept like the others, so that the service cannot tell.
CREATE TABLE sso_asked (
    person         BYTEA  NOT NULL,
    expires_at     BIGINT NOT NULL,
    digest         BYTEA  NOT NULL,
    request        BYTEA  NOT NULL,
    client_id      TEXT   NOT NULL,
    asked_sealed   BYTEA  NOT NULL,
    asked_at       BIGINT NOT NULL,
    pause          BIGINT NOT NULL,
    polled_at      BIGINT,
    tries          BIGINT NOT NULL,
    said           TEXT,
    said_at        BIGINT,
    session_digest BYTEA,
    signed_in_at   BIGINT,
    assurance      BIGINT,
    methods        TEXT,
    PRIMARY KEY (person, expires_at, digest)
);
CREATE UNIQUE INDEX sso_asked_request ON sso_asked (request);

-- By which name a service that may ask so knows a person: an ID token can be its hint.
CREATE TABLE sso_known_as (
    sub    TEXT  NOT NULL PRIMARY KEY,
    person BYTEA NOT NULL
);
