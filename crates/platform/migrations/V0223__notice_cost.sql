-- Every way that costs something is counted; after a week the rows of a day become one line for each gateway.
ALTER TABLE notice_delivery ADD COLUMN channel TEXT NOT NULL DEFAULT 'sms';

CREATE INDEX notice_delivery_handed ON notice_delivery (handed_at);

CREATE TABLE notice_cost (
    day       TEXT   NOT NULL,
    gateway   TEXT   NOT NULL,
    channel   TEXT   NOT NULL,
    messages  BIGINT NOT NULL,
    parts     BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed    BIGINT NOT NULL,
    PRIMARY KEY (day, gateway, channel)
);

CREATE INDEX job_dead ON job (dead_at) WHERE dead_at IS NOT NULL;
