-- Relying parties.
CREATE TABLE sso_client (
    client_id     TEXT   NOT NULL PRIMARY KEY,
    metadata      TEXT   NOT NULL,
    secret_digest BYTEA,
    registered_at BIGINT NOT NULL
);

-- What a person agreed to tell a relying party.
CREATE TABLE sso_consent (
    person       BYTEA  NOT NULL,
    client_id    TEXT   NOT NULL,
    scopes       TEXT   NOT NULL,
    given_at     BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (person, client_id)
);

-- Codes of the authorization code flow that have not been used. The binding holds the client, the redirect address and the challenge.
CREATE TABLE sso_code (
    person         BYTEA  NOT NULL,
    expires_at     BIGINT NOT NULL,
    digest         BYTEA  NOT NULL,
    binding        TEXT   NOT NULL,
    scopes         TEXT   NOT NULL,
    nonce          TEXT,
    session_digest BYTEA  NOT NULL,
    signed_in_at   BIGINT NOT NULL,
    assurance      BIGINT NOT NULL,
    methods        TEXT   NOT NULL,
    PRIMARY KEY (person, expires_at, digest)
);

-- Access tokens.
CREATE TABLE sso_token (
    person      BYTEA  NOT NULL,
    expires_at  BIGINT NOT NULL,
    digest      BYTEA  NOT NULL,
    code_digest BYTEA  NOT NULL,
    client_id   TEXT   NOT NULL,
    scopes      TEXT   NOT NULL,
    revoked_at  BIGINT,
    PRIMARY KEY (person, expires_at, digest)
);

-- Signed assertions that a client has used to prove itself: each works once.
CREATE TABLE sso_assertion (
    client_id  TEXT   NOT NULL,
    jti        TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, jti)
);
