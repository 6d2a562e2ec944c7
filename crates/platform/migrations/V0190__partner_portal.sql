-- Failing requests of partners' own clients, for their developers; some days only.
CREATE TABLE partner_failure (
    client_id TEXT   NOT NULL,
    failed_at BIGINT NOT NULL,
    failure   BYTEA  NOT NULL,
    endpoint  TEXT   NOT NULL,
    error     TEXT   NOT NULL,
    detail    TEXT   NOT NULL,
    PRIMARY KEY (client_id, failed_at, failure)
);

-- What a sandbox client was seen to do right, and when last.
CREATE TABLE partner_check (
    client_id TEXT   NOT NULL,
    step      TEXT   NOT NULL,
    passed_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, step)
);

-- Whom a partner's statistics are about.
CREATE INDEX consent_given_client ON consent_given (client_id, given_at);
