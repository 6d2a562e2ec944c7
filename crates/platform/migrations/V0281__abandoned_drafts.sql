-- Each night the drafts are looked for that nobody saved for long.
CREATE INDEX procedure_draft_saved ON procedure_draft (saved_at);
