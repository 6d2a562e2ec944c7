-- Police officers who work with the platform. A login is no personal data of a citizen; the name is sealed.
CREATE TABLE officer (
    officer          BYTEA  NOT NULL PRIMARY KEY,
    login            TEXT   NOT NULL UNIQUE,
    full_name_sealed BYTEA  NOT NULL,
    password         TEXT   NOT NULL,
    role             TEXT   NOT NULL,
    unit             TEXT   NOT NULL,
    failures         BIGINT NOT NULL,
    locked_until     BIGINT,
    appointed_at     BIGINT NOT NULL,
    left_at          BIGINT
);
