-- Running numbers, taken in blocks: the places of status lists follow from them.
CREATE TABLE issuance_number (
    name TEXT   NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
);

-- How the credentials of a person stand.
CREATE TABLE issuance_holder (
    person   BYTEA  NOT NULL PRIMARY KEY,
    standing TEXT   NOT NULL,
    since    BIGINT NOT NULL
);

-- What was issued: never what it says. Rows end with their credentials.
CREATE TABLE issuance_credential (
    person        BYTEA  NOT NULL,
    credential    BYTEA  NOT NULL,
    batch         BYTEA  NOT NULL,
    configuration TEXT   NOT NULL,
    client_id     TEXT   NOT NULL,
    list          BIGINT NOT NULL,
    place         BIGINT NOT NULL,
    issued_at     BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    revoked_at    BIGINT,
    notified      TEXT,
    PRIMARY KEY (person, credential)
);

-- The places of status lists that say anything but valid.
CREATE TABLE issuance_status (
    list   BIGINT NOT NULL,
    place  BIGINT NOT NULL,
    status BIGINT NOT NULL,
    PRIMARY KEY (list, place)
);

-- How often a status list has changed: a copy of another turn is not served.
CREATE TABLE issuance_list (
    list BIGINT NOT NULL PRIMARY KEY,
    turn BIGINT NOT NULL
);

-- The trust lists that were published.
CREATE TABLE issuance_trust_list (
    version        BIGINT NOT NULL PRIMARY KEY,
    content_digest BYTEA  NOT NULL,
    signed         TEXT   NOT NULL,
    issued_at      BIGINT NOT NULL
);
