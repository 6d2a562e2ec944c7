-- In which sessions the wallet of documents is open, until when.
CREATE TABLE document_opening (
    person         BYTEA  NOT NULL,
    session_digest BYTEA  NOT NULL,
    until_at       BIGINT NOT NULL,
    PRIMARY KEY (person, session_digest)
);

-- Papers that their holder has taken out of the wallet.
CREATE TABLE document_removal (
    person     BYTEA  NOT NULL,
    kind       TEXT   NOT NULL,
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (person, kind)
);

-- Changes told by the sources that were taken up, each once.
CREATE TABLE document_change (
    person      BYTEA  NOT NULL,
    change      BYTEA  NOT NULL,
    taken_up_at BIGINT NOT NULL,
    PRIMARY KEY (person, change)
);
