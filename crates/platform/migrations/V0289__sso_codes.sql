-- A code is sealed and holds what it stands for: it is not kept any more.
DROP TABLE sso_code;

-- How often everything has been taken back from relying parties: a code from before is worth nothing.
CREATE TABLE sso_revocation (
    person BYTEA  NOT NULL PRIMARY KEY,
    times  BIGINT NOT NULL
);
