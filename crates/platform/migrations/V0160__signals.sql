-- Streams of security events: at most one for each relying party. The delivery holds where tokens are posted, and the header that the receiver asked for.
CREATE TABLE signals_stream (
    stream          BYTEA  NOT NULL PRIMARY KEY,
    client_id       TEXT   NOT NULL UNIQUE,
    requested       TEXT   NOT NULL,
    delivery_sealed BYTEA  NOT NULL,
    pushes          BIGINT NOT NULL,
    description     TEXT,
    status          TEXT   NOT NULL,
    reason          TEXT,
    created_at      BIGINT NOT NULL,
    verified_at     BIGINT
);

-- Events that a receiver has not acknowledged yet. `person` is empty where the event is about the stream itself.
CREATE TABLE signals_event (
    stream      BYTEA  NOT NULL,
    jti         BYTEA  NOT NULL,
    person      BYTEA,
    event       TEXT   NOT NULL,
    occurred_at BIGINT NOT NULL,
    PRIMARY KEY (stream, jti)
);
CREATE INDEX signals_event_jti ON signals_event (jti);

-- Persons of whom a receiver does not want to hear, by the name it knows them by.
CREATE TABLE signals_left_out (
    stream   BYTEA  NOT NULL,
    sub      TEXT   NOT NULL,
    since_at BIGINT NOT NULL,
    PRIMARY KEY (stream, sub)
);
