-- Connections that organisations have asked for. What was granted is public; the rest is sealed.
CREATE TABLE partner_connection (
    connection    BYTEA  NOT NULL PRIMARY KEY,
    person        BYTEA  NOT NULL,
    state         TEXT   NOT NULL,
    asked_sealed  BYTEA  NOT NULL,
    letter        BYTEA  NOT NULL,
    asked_at      BIGINT NOT NULL,
    answer_by     BIGINT NOT NULL,
    law           TEXT   NOT NULL,
    decided_at    BIGINT,
    decided_by    BYTEA,
    answer_sealed BYTEA,
    granted       TEXT,
    trial_client  TEXT   NOT NULL,
    live_client   TEXT,
    certificate_ends_at BIGINT
);
CREATE INDEX partner_connection_person ON partner_connection (person);
CREATE INDEX partner_connection_waiting ON partner_connection (asked_at) WHERE decided_at IS NULL;
CREATE UNIQUE INDEX partner_connection_trial ON partner_connection (trial_client);
CREATE UNIQUE INDEX partner_connection_live ON partner_connection (live_client);
