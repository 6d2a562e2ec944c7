-- The people of a connection beside who asked for it: invited, and from then on a person.
CREATE TABLE partner_member (
    connection         BYTEA  NOT NULL,
    member             BYTEA  NOT NULL,
    person             BYTEA,
    role               TEXT   NOT NULL,
    label_sealed       BYTEA  NOT NULL,
    invited_at         BIGINT NOT NULL,
    invitation_ends_at BIGINT NOT NULL,
    joined_at          BIGINT,
    ended_at           BIGINT,
    PRIMARY KEY (connection, member)
);
CREATE UNIQUE INDEX partner_member_once ON partner_member (connection, person) WHERE person IS NOT NULL AND ended_at IS NULL;
CREATE INDEX partner_member_person ON partner_member (person) WHERE ended_at IS NULL;

-- Since when the keys of production are in use: they are replaced at the latest after a year, or before their certificate ends.
ALTER TABLE partner_connection ADD COLUMN keys_since_at BIGINT;
