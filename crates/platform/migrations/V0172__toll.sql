-- Puzzles that paid for a message to a phone: each pays once. Kept until the puzzle would have expired by itself.
CREATE TABLE toll_spent (
    puzzle     BYTEA  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX toll_spent_expires ON toll_spent (expires_at);
