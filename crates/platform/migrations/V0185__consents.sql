-- What a person agreed to tell a relying party: one row for each time that it was agreed, by purpose. What was agreed before there were
-- purposes stays, for no purpose in particular.
CREATE TABLE consent_given (
    person       BYTEA  NOT NULL,
    client_id    TEXT   NOT NULL,
    purpose      TEXT   NOT NULL,
    given_at     BIGINT NOT NULL,
    scopes       TEXT   NOT NULL,
    basis        TEXT   NOT NULL,
    ends_at      BIGINT NOT NULL,
    replaced_at  BIGINT,
    withdrawn_at BIGINT,
    PRIMARY KEY (person, client_id, purpose, given_at)
);
INSERT INTO consent_given (person, client_id, purpose, given_at, scopes, basis, ends_at, withdrawn_at)
SELECT person, client_id, '', given_at, scopes, '', given_at + 15552000000000, withdrawn_at FROM sso_consent;
DROP TABLE sso_consent;
