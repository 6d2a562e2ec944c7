-- Accounts that a portal had of its own, linked to a person. Of one account, and of one person at one portal, there is one link at a time.
CREATE TABLE linking_link (
    person         BYTEA  NOT NULL,
    client_id      TEXT   NOT NULL,
    linked_at      BIGINT NOT NULL,
    account_digest BYTEA  NOT NULL,
    account_sealed BYTEA  NOT NULL,
    how            TEXT   NOT NULL,
    unlinked_at    BIGINT,
    PRIMARY KEY (person, client_id, linked_at)
);
CREATE UNIQUE INDEX linking_link_account ON linking_link (client_id, account_digest) WHERE unlinked_at IS NULL;
CREATE UNIQUE INDEX linking_link_person ON linking_link (person, client_id) WHERE unlinked_at IS NULL;

-- What a portal proposed, waiting for the person to choose or to confirm.
CREATE TABLE linking_proposal (
    person          BYTEA  NOT NULL,
    proposal        BYTEA  NOT NULL,
    client_id       TEXT   NOT NULL,
    accounts_sealed BYTEA  NOT NULL,
    made_at         BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    settled_at      BIGINT,
    PRIMARY KEY (person, proposal)
);
