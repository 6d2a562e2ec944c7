-- The key that an access token is bound to, and the resources it is for.
ALTER TABLE sso_token ADD COLUMN holder TEXT;
ALTER TABLE sso_token ADD COLUMN resources TEXT;

-- Authorization requests that relying parties have pushed, found by a digest of their names.
CREATE TABLE sso_pushed (
    digest         BYTEA  NOT NULL PRIMARY KEY,
    request_sealed BYTEA  NOT NULL,
    expires_at     BIGINT NOT NULL,
    used_at        BIGINT
);
CREATE INDEX sso_pushed_expires_at ON sso_pushed (expires_at);

-- Signed proofs of a relying party's key that were used: each works once.
CREATE TABLE sso_proof (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sso_proof_expires_at ON sso_proof (expires_at);

-- Refresh tokens. All that follow from one code are a family.
CREATE TABLE sso_refresh (
    person         BYTEA  NOT NULL,
    expires_at     BIGINT NOT NULL,
    digest         BYTEA  NOT NULL,
    code_digest    BYTEA  NOT NULL,
    client_id      TEXT   NOT NULL,
    family         TEXT   NOT NULL,
    session_digest BYTEA  NOT NULL,
    signed_in_at   BIGINT NOT NULL,
    assurance      BIGINT NOT NULL,
    methods        TEXT   NOT NULL,
    used_at        BIGINT,
    revoked_at     BIGINT,
    PRIMARY KEY (person, expires_at, digest)
);
