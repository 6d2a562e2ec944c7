-- Commitments: `leaf` is the place in the log, which the sequencer gives. No row says anything about anybody.
CREATE TABLE ledger_entry (
    committed_at BIGINT NOT NULL,
    commitment   BYTEA  NOT NULL,
    kind         TEXT   NOT NULL,
    leaf         BIGINT,
    PRIMARY KEY (committed_at, commitment)
);

-- A place is given once. Entries without one are found here, too.
CREATE UNIQUE INDEX ledger_entry_leaf ON ledger_entry (leaf);

-- The Merkle tree in tiles of height 8 (C2SP tlog-tiles): up to 256 hashes of 32 bytes.
CREATE TABLE ledger_tile (
    level  BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BYTEA  NOT NULL,
    PRIMARY KEY (level, number)
);

-- How many leaves the tree has: one row.
CREATE TABLE ledger_head (
    head BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL
);

INSERT INTO ledger_head (head, size) VALUES (1, 0);

-- Signed heads (C2SP tlog-checkpoint): the note with our signature, without those of witnesses.
CREATE TABLE ledger_checkpoint (
    size      BIGINT NOT NULL PRIMARY KEY,
    signed_at BIGINT NOT NULL,
    note      TEXT   NOT NULL
);

-- What witnesses signed: one signature line for each witness and size.
CREATE TABLE ledger_cosignature (
    size    BIGINT NOT NULL,
    witness TEXT   NOT NULL,
    line    TEXT   NOT NULL,
    PRIMARY KEY (size, witness)
);
