-- Links by which a holder says "this was not me", with one tap.
CREATE TABLE recovery_alarm (
    token_digest BYTEA  NOT NULL PRIMARY KEY,
    person       BYTEA  NOT NULL,
    what         TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);

CREATE INDEX recovery_alarm_person ON recovery_alarm (person);

-- Forgotten passwords. There is a row whether or not the number has an account, so that answers and limits are alike.
CREATE TABLE recovery_reset (
    reset         BYTEA  NOT NULL PRIMARY KEY,
    number_digest BYTEA  NOT NULL,
    person        BYTEA,
    code_digest   BYTEA  NOT NULL,
    tries         BIGINT NOT NULL,
    started_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    confirmed_at  BIGINT,
    used_at       BIGINT
);

CREATE INDEX recovery_reset_number ON recovery_reset (number_digest, started_at);

-- What a person may do a short time after access was recovered or the phone became fresh.
CREATE TABLE recovery_standing (
    person            BYTEA  NOT NULL PRIMARY KEY,
    phone_fresh_until BIGINT,
    recovered_at      BIGINT,
    way               TEXT
);

-- Relatives whom a person trusts. The number is a digest until the relative agrees: nobody learns from here who has an account.
CREATE TABLE recovery_relative (
    person          BYTEA  NOT NULL,
    relation        BYTEA  NOT NULL,
    relative_digest BYTEA  NOT NULL,
    label_sealed    BYTEA  NOT NULL,
    relative        BYTEA,
    named_at        BIGINT NOT NULL,
    agreed_at       BIGINT,
    removed_at      BIGINT,
    PRIMARY KEY (person, relation)
);

CREATE INDEX recovery_relative_digest ON recovery_relative (relative_digest);

-- Recoveries of access without the old device.
CREATE TABLE recovery_case (
    person      BYTEA  NOT NULL,
    case_id     BYTEA  NOT NULL,
    way         TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    proven_at   BIGINT,
    opens_at    BIGINT,
    finished_at BIGINT,
    stopped_at  BIGINT,
    stopped_by  TEXT,
    whence_sealed BYTEA NOT NULL,
    PRIMARY KEY (person, case_id)
);

CREATE UNIQUE INDEX recovery_case_live ON recovery_case (person) WHERE finished_at IS NULL AND stopped_at IS NULL;

CREATE TABLE recovery_confirmation (
    person   BYTEA  NOT NULL,
    case_id  BYTEA  NOT NULL,
    relative BYTEA  NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (person, case_id, relative)
);

-- Changes of the phone number; the old number is kept for as long as the change can be undone.
CREATE TABLE recovery_phone (
    person       BYTEA  NOT NULL,
    change_id    BYTEA  NOT NULL,
    phone_sealed BYTEA  NOT NULL,
    old_sealed   BYTEA  NOT NULL,
    started_at   BIGINT NOT NULL,
    confirmed_at BIGINT,
    effective_at BIGINT,
    done_at      BIGINT,
    stopped_at   BIGINT,
    PRIMARY KEY (person, change_id)
);

-- Codes that an officer gives to somebody who came to the counter.
CREATE TABLE recovery_voucher (
    voucher_digest BYTEA  NOT NULL PRIMARY KEY,
    person         BYTEA  NOT NULL,
    officer        BYTEA  NOT NULL,
    phone_sealed   BYTEA,
    given_at       BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    used_at        BIGINT
);

-- By which account's holder a phone is used. A number that its new owner proved is lost to the account that had it.
ALTER TABLE account ADD COLUMN phone_digest BYTEA;
ALTER TABLE account ADD COLUMN phone_lost_at BIGINT;
CREATE INDEX account_phone ON account (phone_digest);
