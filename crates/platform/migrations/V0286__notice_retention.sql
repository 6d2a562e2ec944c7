-- What was read, and what was done, is removed after a while, oldest first.
CREATE INDEX notice_note_read ON notice_note (read_at) WHERE read_at IS NOT NULL;
CREATE INDEX job_done ON job (done_at) WHERE done_at IS NOT NULL;
