-- What the queue of the review is filtered by, the second officer of an override, and how many decisions were in time.
ALTER TABLE application ADD COLUMN unit TEXT;
ALTER TABLE application ADD COLUMN province TEXT;
ALTER TABLE application ADD COLUMN risk TEXT;
ALTER TABLE application ADD COLUMN proposed_by BYTEA;
ALTER TABLE application ADD COLUMN proposed_at BIGINT;
ALTER TABLE application ADD COLUMN proposal_sealed BYTEA;

DROP INDEX application_live;
CREATE UNIQUE INDEX application_live ON application (person, level)
 WHERE state IN ('draft', 'submitted', 'claimed', 'proposed', 'more-needed', 'approved');

-- One for each reach of an officer, in the order of the limits; the filters stand in the index, so that what does not fit costs no row.
DROP INDEX application_queue;
CREATE INDEX application_queue ON application (deadline_at, application, level, state, risk, submitted_at)
 WHERE state IN ('submitted', 'claimed', 'proposed');
CREATE INDEX application_queue_province ON application (province, deadline_at, application, level, state, risk, submitted_at)
 WHERE state IN ('submitted', 'claimed', 'proposed');
CREATE INDEX application_queue_unit ON application (unit, deadline_at, application, level, state, risk, submitted_at)
 WHERE state IN ('submitted', 'claimed', 'proposed');
CREATE INDEX application_queue_risk ON application (risk, deadline_at, application, level, state, submitted_at)
 WHERE state IN ('submitted', 'claimed', 'proposed');
CREATE INDEX application_queue_holder ON application (claimed_by) WHERE claimed_by IS NOT NULL;

-- Decisions of a unit in a month: counted when they are made, so that nobody has to count millions.
CREATE TABLE application_figure (
    unit     TEXT   NOT NULL,
    level    BIGINT NOT NULL,
    month    TEXT   NOT NULL,
    province TEXT   NOT NULL,
    in_time  BIGINT NOT NULL,
    late     BIGINT NOT NULL,
    PRIMARY KEY (unit, level, month)
);
CREATE INDEX application_figure_month ON application_figure (month, province);

-- That a limit was near or past, and was brought before the chief of the unit.
CREATE TABLE application_escalation (
    person       BYTEA  NOT NULL,
    application  BYTEA  NOT NULL,
    step         TEXT   NOT NULL,
    deadline_at  BIGINT NOT NULL,
    escalated_at BIGINT NOT NULL,
    PRIMARY KEY (person, application, step, deadline_at)
);
