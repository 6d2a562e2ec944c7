-- Steps by which bodies are behind: what they did not acknowledge or decide in time.
CREATE INDEX procedure_step_behind ON procedure_step (happened_at) WHERE event IN ('unacknowledged', 'late');
