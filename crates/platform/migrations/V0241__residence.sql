-- What the owner of a dwelling or the head of a household is asked to agree to: that somebody registers residence there (Luật Cư trú 68/2020/QH14,
-- article 20). `person` is who asks, `answerer` who is asked.
CREATE TABLE residence_agreement (
    person BYTEA NOT NULL,
    agreement BYTEA NOT NULL,
    number TEXT NOT NULL UNIQUE,
    answerer BYTEA NOT NULL,
    place_digest BYTEA NOT NULL,
    content_sealed BYTEA NOT NULL,
    asked_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    answered_at BIGINT,
    agreed_at BIGINT,
    withdrawn_at BIGINT,
    PRIMARY KEY (person, agreement)
);
CREATE INDEX residence_agreement_of_id ON residence_agreement (agreement);
CREATE INDEX residence_agreement_of_answerer ON residence_agreement (answerer, asked_at);
