-- Who applied for a child or a ward, and confirmed the use of the account. The person is the guardian.
CREATE TABLE application_guardian (
    person       BYTEA  NOT NULL,
    application  BYTEA  NOT NULL,
    ward         BYTEA  NOT NULL,
    confirmed_at BIGINT,
    PRIMARY KEY (person, application)
);
CREATE UNIQUE INDEX application_guardian_application ON application_guardian (application);
