-- Accounts. The level that was granted counts only once it has been activated.
CREATE TABLE account (
    person          BYTEA  NOT NULL PRIMARY KEY,
    identity_sealed BYTEA  NOT NULL,
    contact_sealed  BYTEA  NOT NULL,
    granted         BIGINT NOT NULL,
    level           BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    granted_at      BIGINT,
    activate_by     BIGINT,
    activated_at    BIGINT,
    lapses_at       BIGINT,
    CHECK (granted BETWEEN 0 AND 2 AND level BETWEEN 0 AND granted)
);

-- Which person has, or had, a personal number.
CREATE TABLE account_number (
    number_digest BYTEA  NOT NULL PRIMARY KEY,
    person        BYTEA  NOT NULL,
    since_at      BIGINT NOT NULL,
    cancelled_at  BIGINT
);
