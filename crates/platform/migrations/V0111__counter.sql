-- Devices of counters: each hands in under a key that was made on it and never leaves it.
CREATE TABLE counter_device (
    officer       BYTEA  NOT NULL,
    thumbprint    BYTEA  NOT NULL,
    jwk           TEXT   NOT NULL,
    registered_at BIGINT NOT NULL,
    PRIMARY KEY (officer, thumbprint)
);

-- Drafts that were put together at a desk, perhaps without a network, and handed in: each makes one application.
CREATE TABLE counter_draft (
    officer       BYTEA  NOT NULL,
    draft         BYTEA  NOT NULL,
    packet_digest BYTEA  NOT NULL,
    signature     BYTEA  NOT NULL,
    thumbprint    BYTEA  NOT NULL,
    person        BYTEA  NOT NULL,
    application   BYTEA  NOT NULL,
    taken_at      BIGINT NOT NULL,
    received_at   BIGINT NOT NULL,
    PRIMARY KEY (officer, draft)
);
