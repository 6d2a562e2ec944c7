-- Pictures and chip files of an application are pieces of evidence now; content_sealed is left for small records of the dossier, and empty else.
ALTER TABLE application_evidence ADD COLUMN piece BYTEA;
-- What has to be done after an event finds its application by the event.
CREATE UNIQUE INDEX application_event_id ON application_event (event);
