-- Offers of credentials to a wallet: each pre-authorized code works once, with the code that the person types into the wallet.
CREATE TABLE sso_offer (
    person         BYTEA  NOT NULL,
    expires_at     BIGINT NOT NULL,
    digest         BYTEA  NOT NULL,
    scopes         TEXT   NOT NULL,
    tx_digest      BYTEA  NOT NULL,
    tries          BIGINT NOT NULL,
    session_digest BYTEA  NOT NULL,
    signed_in_at   BIGINT NOT NULL,
    assurance      BIGINT NOT NULL,
    methods        TEXT   NOT NULL,
    PRIMARY KEY (person, expires_at, digest)
);
