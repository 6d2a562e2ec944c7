-- Organisations whose people check people, and for what.
CREATE TABLE inspection_organisation (
    organisation BYTEA PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL,
    since_at BIGINT NOT NULL
);

-- Whom they have named. A person checks for one organisation.
CREATE TABLE inspection_inspector (
    person BYTEA PRIMARY KEY NOT NULL,
    organisation BYTEA NOT NULL REFERENCES inspection_organisation (organisation),
    since_at BIGINT NOT NULL
);
CREATE INDEX inspection_inspector_of_organisation ON inspection_inspector (organisation);

-- Inspections made without network that were reported: the digest of the code that was shown.
CREATE TABLE inspection_report (
    code_digest BYTEA PRIMARY KEY NOT NULL,
    made_at BIGINT NOT NULL
);
