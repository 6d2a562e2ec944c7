-- Verifiers that may ask wallets, and for what.
CREATE TABLE presentation_verifier (
    verifier BYTEA PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL,
    registered TEXT NOT NULL,
    secret_digest BYTEA NOT NULL,
    since_at BIGINT NOT NULL
);

-- What they have asked, and what was answered; gone when its hour is over.
CREATE TABLE presentation_request (
    request BYTEA PRIMARY KEY NOT NULL,
    verifier BYTEA NOT NULL,
    content_sealed BYTEA NOT NULL,
    opened_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    fetched_at BIGINT,
    ended_at BIGINT,
    answer_sealed BYTEA,
    code_digest BYTEA
);
CREATE INDEX presentation_request_by_end ON presentation_request (expires_at);
