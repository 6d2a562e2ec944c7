-- Activations under way. One that leads nowhere is kept like the others, so that a stranger cannot tell them apart.
CREATE TABLE application_activation (
    activation      BYTEA  NOT NULL PRIMARY KEY,
    number_digest   BYTEA  NOT NULL,
    person          BYTEA,
    application     BYTEA,
    code_digest     BYTEA  NOT NULL,
    code_expires_at BIGINT NOT NULL,
    tries           BIGINT NOT NULL,
    codes           BIGINT NOT NULL,
    started_at      BIGINT NOT NULL,
    confirmed_at    BIGINT,
    used_at         BIGINT
);

CREATE INDEX application_activation_of ON application_activation (number_digest, started_at);
