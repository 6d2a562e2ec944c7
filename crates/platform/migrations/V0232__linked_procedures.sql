-- The parts of linked procedures: dossiers at several bodies that follow from one request.
CREATE TABLE procedure_link (
    person    BYTEA  NOT NULL,
    main      BYTEA  NOT NULL,
    dossier   BYTEA  NOT NULL,
    code      TEXT   NOT NULL,
    reference TEXT,
    PRIMARY KEY (person, main, dossier)
);
CREATE UNIQUE INDEX procedure_link_dossier ON procedure_link (dossier);
