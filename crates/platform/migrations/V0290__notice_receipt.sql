-- What a centre said of a part before it was written down that it had taken the part.
CREATE TABLE notice_receipt (
    centre      TEXT   NOT NULL,
    remote      TEXT   NOT NULL,
    fate        TEXT   NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (centre, remote)
);

CREATE INDEX notice_receipt_received ON notice_receipt (received_at);
