-- A filter that fits few or none of the waiting applications finds them without walking through all: by level, by age, and what officers have taken up.
CREATE INDEX application_queue_level ON application (level, deadline_at, application, state, risk, submitted_at)
 WHERE state IN ('submitted', 'claimed', 'proposed');
CREATE INDEX application_queue_risk_level ON application (risk, level, deadline_at, application, state, submitted_at)
 WHERE state IN ('submitted', 'claimed', 'proposed');
CREATE INDEX application_queue_province_risk ON application (province, risk, deadline_at, application, level, state, submitted_at)
 WHERE state IN ('submitted', 'claimed', 'proposed');
CREATE INDEX application_queue_age ON application (submitted_at, deadline_at, application, level, state, risk)
 WHERE state IN ('submitted', 'claimed', 'proposed');
CREATE INDEX application_queue_claimed ON application (deadline_at, application, level, risk, submitted_at)
 WHERE state = 'claimed';
CREATE INDEX application_queue_proposed ON application (deadline_at, application, level, risk, submitted_at)
 WHERE state = 'proposed';
