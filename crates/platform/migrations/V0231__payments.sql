-- What is to be paid for what, and what was.
CREATE TABLE payment_order (
    person      BYTEA  NOT NULL,
    payment     BYTEA  NOT NULL,
    purpose     TEXT   NOT NULL,
    subject     BYTEA  NOT NULL,
    amount      BIGINT NOT NULL,
    reference   TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    opened_at   BIGINT NOT NULL,
    paid_at     BIGINT,
    settlement  TEXT,
    PRIMARY KEY (person, payment)
);
CREATE UNIQUE INDEX payment_order_reference ON payment_order (reference);
CREATE INDEX payment_order_subject ON payment_order (person, subject);
